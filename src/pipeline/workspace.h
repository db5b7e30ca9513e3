#pragma once
#include <filesystem>
#include <string>
#include <vector>

#include "anomaly/learning.h"
#include "core/json.h"
#include "core/observer.h"
#include "dataset/split.h"

namespace kizu::pipeline {

/// One category of one run: the photos, the base model, and the run folder that every step reads and writes.
struct Workspace {
  std::filesystem::path data;  // the category's folder
  std::string category;
  std::filesystem::path model;  // folder of the base model
  std::filesystem::path out;    // run folder: one subfolder per step
  uint64_t seed = 1;
  int workers = 0;  // threads; 0 = one per core. Never changes a result.
  // Learned together with other products: the folder learn lies beside this run folder, for all of them.
  bool joint = false;

  /// The base is a latent diffusion model, and not the compact one.
  bool has_text_encoder() const;

  /// The division of the photos that the first step made. Throws Error when it has not been made, or when a
  /// photo has changed since.
  dataset::Split split() const;
  std::filesystem::path step(const std::string& name) const {
    return (joint && name == "learn" ? out.parent_path() : out) / name;
  }

  /// Settings of an existing run folder (OUT/settings.json), for steps that are run alone.
  static Workspace open(const std::filesystem::path& out, int workers);
  /// Writes them. Throws Error when the folder is there and is not a run of the same photos.
  void save() const;
};

/// SHA-256 over the files of a base model's folder.
std::string hash_of_model(const std::filesystem::path& folder);
/// SHA-256 of a file that an earlier step made; throws Error naming the step when it is missing.
std::string hash_of_result(const std::filesystem::path& file, const std::string& step);

/// The list of objects `key` in a JSON file that an earlier step made. Throws Error naming the file when it
/// is not there, or when an object lacks one of `texts`: keys whose values are texts.
Json read_list(const std::filesystem::path& file, const std::string& key,
               const std::vector<std::string>& texts);
/// The masks of masks.json, their spares looked at as well.
std::vector<Json> read_masks(const std::filesystem::path& file);

/// The shots of all types, decoded.
std::vector<anomaly::DefectPhoto> load_shots(const Workspace& workspace, const dataset::Split& split);

/// "0001", "0002" ...: numbers of files, from 1.
std::string number_text(int64_t number);
/// A name for a folder or file: characters that a file system might refuse become '_'.
std::string file_name_of(const std::string& text);

}  // namespace kizu::pipeline
