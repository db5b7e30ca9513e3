#pragma once
#include <string>
#include <vector>

#include "options.h"
#include "pipeline/concept_steps.h"

namespace kizu {

/// --preset, --set, --rows, --weights, --device, --bf16: the options of every step on a base with a text
/// encoder.
struct ConceptOptions {
  std::string preset = "improved", device = "cpu", weights = "stored", add_to;
  std::vector<std::string> switches;
  int64_t rows = 1;
  bool bf16 = false;

  void add_to_verb(CLI::App& verb);
  /// --add-to, of learn and run.
  void add_known_concepts(CLI::App& verb);
  /// What they amount to; `pairs` as given on the command line, 0 if not. Throws Error naming the option.
  pipeline::ConceptStep step(int64_t pairs = 0) const;
  /// Throws Error naming an option that was given and that the workspace's kind of base does not take, and
  /// what to say instead.
  void refuse_foreign(const CLI::App& verb, const pipeline::Workspace& workspace) const;
};

/// --pairs if it was given, else 0.
int64_t pairs_given(const CLI::App& verb, int64_t pairs);

}  // namespace kizu
