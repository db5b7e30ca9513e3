#include "pipeline/concept_steps.h"

#include "anomaly/textual_inversion.h"
#include "core/error.h"
#include "diffusion/time_grid.h"

namespace kizu::pipeline {
namespace {

/// Whether the device can multiply in bfloat16; asks it.
bool has_bfloat16(torch::Device device) {
  if (!device.is_cuda()) return false;  // the group norm has no such arithmetic on a CPU
  try {
    const auto one = torch::ones({8, 8}, torch::TensorOptions(device).dtype(torch::kBFloat16));
    return one.mm(one).sum().item<float>() == 512;
  } catch (const c10::Error&) {
    return false;
  }
}

/// Sampling would refuse it too, but only after the learning.
void check_grid(const diffusion::Schedule& schedule, const char* name, int64_t steps,
                diffusion::Spacing spacing) {
  try {
    diffusion::time_grid(schedule, steps, spacing);
  } catch (const Error& error) {
    throw Error("--set " + std::string(name) + "=" + std::to_string(steps) + ": " + error.what());
  }
}

/// Every caption that would be drawn.
void check_captions(const std::filesystem::path& model, const ldm::LatentDiffusionConfig& base) {
  try {
    anomaly::all_captions(base.text, ldm::read_tokenizer(model, base).get(), anomaly::CaptionChoice::kRandom);
  } catch (const Error& error) {
    throw Error(std::string("--set caption=random: ") + error.what() + " (--set caption=fixed)");
  }
}

}  // namespace

ConceptStep ConceptStep::on(const std::filesystem::path& model) const {
  ConceptStep own = *this;
  const bool in_float32 = load.device.is_cpu() && load.dtype == torch::kFloat32;
  if (in_float32 && !widen) own.load.kept = ldm::stored_type(model);
  return own;
}

void ConceptStep::check() const {
  if (pairs < 0 || pairs > 100000) throw Error("--pairs: between 1 and 100000");
  if (rows_at_once < 1 || rows_at_once > 64) throw Error("--rows: between 1 and 64");
  if (load.device.is_cuda() && !torch::cuda::is_available())
    throw Error("--device cuda: no CUDA device was found; use --device cpu");
  if (load.dtype == torch::kBFloat16 && !has_bfloat16(load.device))
    throw Error("--bf16: " + load.device.str() +
                " has no such arithmetic; leave it out, or add --device cuda on a GPU that has it");
}

void ConceptStep::check_for(const std::filesystem::path& model) const {
  check();
  const auto base = ldm::read_config(model);
  if (preset.caption == anomaly::CaptionChoice::kRandom) check_captions(model, base);
  const auto schedule = anomaly::schedule_of(base);
  const auto painting = preset.painting().sampler;
  check_grid(schedule, "sampler_steps", painting.steps, painting.spacing);
  if (preset.learned_masks)
    check_grid(schedule, "mask_sampler_steps", preset.mask_sampler_steps, preset.spacing);
}

std::string concept_name(const std::string& category, const std::string& type) {
  return category + "+" + type;
}

void set_joint(std::vector<Workspace>& products) {
  for (auto& product : products) product.joint = products.size() > 1;
}

Json describe(const ConceptStep& step, anomaly::Stage stage, uint64_t seed) {
  Json switches;
  for (const auto& row : anomaly::switches())
    if ((row.stages & stage) != 0) switches[row.name] = row.value(step.preset);
  Json all = {{"switches", switches},
              {"dtype", std::string(torch::toString(step.load.dtype))},
              {"device", step.load.device.str()},
              {"seed", seed}};
  if (stage == anomaly::kMasking) all["pairs"] = step.pairs_per_type();
  if (stage != anomaly::kMasking) all["rows"] = step.rows_at_once;
  return all;
}

anomaly::LearnedConcepts read_concepts(const Workspace& workspace) {
  const auto file = workspace.step("learn") / "concepts.safetensors";
  hash_of_result(file, "learn");
  auto concepts = anomaly::LearnedConcepts::read(file);
  try {
    concepts.check_fits(ldm::read_config(workspace.model).text.width, hash_of_model(workspace.model));
  } catch (const Error& error) {
    throw Error(file.string() + ": " + error.what());
  }
  return concepts;
}

}  // namespace kizu::pipeline
