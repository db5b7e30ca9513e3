#pragma once
#include <CLI/CLI.hpp>
#include <filesystem>
#include <optional>
#include <string>

#include "core/utf8.h"
#include "inspection/localizer_file.h"
#include "pipeline/steps.h"

namespace kizu {

/// Headings in the help of the options that one kind of base takes.
inline constexpr const char* kCompactGroup = "On the compact base";
inline constexpr const char* kTextGroup = "On a base with a text encoder (kizu import)";

/// The options that a step and the whole run have in common; each function adds those of one step.
void add_split_options(CLI::App& verb, dataset::SplitOptions& options);
void add_learn_options(CLI::App& verb, pipeline::LearnStep& step);
void add_mask_options(CLI::App& verb, pipeline::MaskStep& step);
void add_generate_options(CLI::App& verb, pipeline::GenerateStep& step);
void add_train_options(CLI::App& verb, inspection::TrainOptions& options);
CLI::Option* add_seed_option(CLI::App& verb, uint64_t& seed, const char* help);
CLI::Option* add_mix_option(CLI::App& verb, const char* name, std::string& mix, const char* help);
/// What --help says of a mix that is chosen by how the photos lie (pipeline::before_mix, after_mix).
std::string default_mix(std::string (*mix)(bool aligned));
void add_name_option(CLI::App& verb, std::string& name);
void add_zoom_option(CLI::App& verb, double& zoom, const char* help);
void add_workers_option(CLI::App& verb, int& workers);
void add_views_option(CLI::App& verb, std::optional<inspection::Views>& views);
void add_protocol_option(CLI::App& verb, pipeline::Protocol& protocol);

/// Options that name files, as paths.
std::vector<std::filesystem::path> paths_of(const std::vector<std::string>& texts);

/// A number from `low` to `high`. Unlike CLI::Range it refuses "nan", and it leaves the help text as it is.
CLI::Validator within(double low, double high);

/// The base model that comes with the program: $KIZU_MODEL, beside the installed program, or in the source
/// tree.
std::filesystem::path default_model();

/// --data, --category, --out, --model, --seed, --workers of a run that begins.
struct NewRun {
  std::string data, out, model = utf8(default_model());
  std::vector<std::string> categories;
  uint64_t seed = 1;
  int workers = 0;

  /// Where --data may be left out, the others need it.
  void add_to(CLI::App& verb, bool data_required = true);
  /// The categories that were named, or all of `data`.
  std::vector<std::string> names() const;
  /// A workspace for each: `out` itself, or a folder in it where there are several.
  std::vector<pipeline::Workspace> workspaces() const;
  /// A workspace for each, in a folder of its own below `root`.
  std::vector<pipeline::Workspace> workspaces_in(const std::filesystem::path& root) const;
  /// The workspace of one category of `data`.
  pipeline::Workspace workspace(const std::string& name, const std::filesystem::path& folder) const;
};

/// --out and --workers of a step that goes on in a run folder.
struct OldRun {
  std::string out;
  int workers = 0;

  void add_to(CLI::App& verb);
  pipeline::Workspace workspace() const {
    return pipeline::Workspace::open(std::filesystem::u8path(out), workers);
  }
};

}  // namespace kizu
