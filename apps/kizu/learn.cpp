#include "concept_options.h"
#include "core/error.h"
#include "pipeline/known_concepts.h"
#include "verbs.h"

namespace kizu {
namespace {

struct LearnOptions {
  NewRun run;
  dataset::SplitOptions split;
  pipeline::LearnStep step;
  ConceptOptions concepts;
};

void learn(const CLI::App& verb, const LearnOptions& chosen, Observer& observer) {
  auto products = chosen.run.data.empty() ? std::vector{pipeline::Workspace::open(
                                                std::filesystem::u8path(chosen.run.out), chosen.run.workers)}
                                          : chosen.run.workspaces();
  const auto& first = products.front();
  chosen.concepts.refuse_foreign(verb, first);
  const bool has_text = first.has_text_encoder();
  const auto concepts = has_text ? chosen.concepts.step() : pipeline::ConceptStep();
  if (has_text && !chosen.run.data.empty()) {
    pipeline::set_joint(products);
    pipeline::check_to_begin(products, chosen.split.types, concepts);
  }
  if (chosen.run.data.empty() && first.joint)
    throw Error(first.out.string() +
                ": this product is learned together with others; give --data, --category "
                "and --out as in the first run, or run kizu masks, which needs no more learning");
  for (const auto& product : products) {
    if (chosen.run.data.empty()) continue;
    product.save();
    pipeline::split_step(product, chosen.split, observer);
  }
  if (has_text) return pipeline::learn_concepts_step(products, concepts, observer);
  for (const auto& product : products) pipeline::learn_step(product, chosen.step, observer);
}

}  // namespace

void add_learn(CLI::App& app, Program& program) {
  auto* verb = app.add_subcommand("learn", "Learn the anomaly embeddings of a run from its shots");
  verb->footer(
      "Examples:\n"
      "  kizu learn --out screw-run\n"
      "  kizu learn --out screw-run --tune unet --adapt 5\n"
      "  kizu learn --data photos --category screw --category pill --model ldm --preset paper --out all-run\n"
      "  kizu learn --data photos --category nut --model ldm --add-to all-run/learn/concepts.safetensors "
      "--out nut-run\n"
      "With --out alone it goes on in a run that kizu split or kizu run began; with --data it begins one. On "
      "a "
      "base with\n"
      "a text encoder all categories are learned together. Writes OUT/learn/embeddings.safetensors, there "
      "concepts.safetensors.");
  const auto chosen = std::make_shared<LearnOptions>();
  chosen->run.add_to(*verb, false);
  add_split_options(*verb, chosen->split);
  add_learn_options(*verb, chosen->step);
  chosen->concepts.add_to_verb(*verb);
  chosen->concepts.add_known_concepts(*verb);
  for (const char* name : {"--shots", "--types"}) verb->get_option(name)->needs("--data");
  verb->callback([chosen, verb, &program] { learn(*verb, *chosen, program.observer); });
}

}  // namespace kizu
