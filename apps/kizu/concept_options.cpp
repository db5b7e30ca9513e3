#include "concept_options.h"

#include "core/error.h"

namespace kizu {
namespace {

/// The switch that stands for an option of the compact base, empty if none does.
std::string switch_for(const std::string& option) {
  static const std::map<std::string, std::string> known = {{"--learn-steps", "steps"},
                                                           {"--learn-batch", "batch"},
                                                           {"--sampler-steps", "sampler_steps"},
                                                           {"--eta", "eta"},
                                                           {"--reweighting", "reweighting"}};
  const auto found = known.find(option);
  return found == known.end() ? "" : found->second;
}

}  // namespace

void ConceptOptions::add_to_verb(CLI::App& verb) {
  verb.add_option("--preset", preset, "paper, reference (its code) or improved; kizu presets lists them")
      ->group(kTextGroup)
      ->type_name("WORD")
      ->capture_default_str();
  verb.add_option("--set", switches, "Another value for a switch of the preset; may be given several times")
      ->group(kTextGroup)
      ->type_name("SWITCH=VALUE");
  verb.add_option("--rows", rows, "Photos that each worker takes through the networks together")
      ->group(kTextGroup)
      ->capture_default_str();
  verb.add_option(
          "--weights", weights,
          "Of a base of 16 bits, in memory on a CPU: 16 bits, or float32 in twice the room; same results")
      ->check(CLI::IsMember({"stored", "float32"}))
      ->group(kTextGroup)
      ->type_name("WORD")
      ->capture_default_str();
  verb.add_option("--device", device, "cpu or cuda")
      ->check(CLI::IsMember({"cpu", "cuda"}))
      ->group(kTextGroup)
      ->capture_default_str();
  verb.add_flag("--bf16", bf16, "Weights and activations in bfloat16, only with --device cuda")
      ->group(kTextGroup);
}

void ConceptOptions::add_known_concepts(CLI::App& verb) {
  verb.add_option(
          "--add-to", add_to,
          "concepts.safetensors that is kept as it is: only defect types it does not know are learned")
      ->group(kTextGroup)
      ->type_name("FILE");
}

pipeline::ConceptStep ConceptOptions::step(int64_t pairs) const {
  pipeline::ConceptStep step;
  step.preset = anomaly::Preset::named(preset);
  for (const auto& each : switches) step.preset.set(each);
  step.pairs = pairs;
  step.rows_at_once = rows;
  if (!add_to.empty()) step.add_to = std::filesystem::absolute(std::filesystem::u8path(add_to));
  step.load.device = torch::Device(device);
  step.widen = weights == "float32";
  if (bf16) step.load.dtype = torch::kBFloat16;
  step.check();
  return step;
}

void ConceptOptions::refuse_foreign(const CLI::App& verb, const pipeline::Workspace& workspace) const {
  const bool has_text = workspace.has_text_encoder();
  for (const auto* option : verb.get_options()) {
    if (option->count() == 0 || option->get_group() != (has_text ? kCompactGroup : kTextGroup)) continue;
    const auto name = option->get_name();
    const auto instead = switch_for(name);
    throw Error(name + " does not apply to the base " + workspace.model.string() + ", which has " +
                (has_text ? "a" : "no") + " text encoder; " +
                (has_text && !instead.empty() ? "say --set " + instead + "=... instead" : "leave it out"));
  }
  if (!has_text || !step().preset.learned_masks) return;
  for (const char* name : {"--rotation", "--flips"}) {
    const auto* option = verb.get_option_no_throw(name);
    if (option != nullptr && option->count() > 0)
      throw Error(std::string(name) +
                  " does not apply to masks from learned embeddings; add --set mask_source=varied");
  }
}

int64_t pairs_given(const CLI::App& verb, int64_t pairs) {
  if (verb.get_option("--pairs")->count() == 0) return 0;
  if (pairs < 1 || pairs > 100000) throw Error("--pairs: between 1 and 100000");
  return pairs;
}

}  // namespace kizu
