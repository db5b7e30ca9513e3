#include "pipeline/workspace.h"

#include <algorithm>
#include <cstdio>

#include "core/atomic_file.h"
#include "core/error.h"
#include "core/parallel.h"
#include "core/sha256.h"
#include "image/codec.h"
#include "ldm/latent_diffusion.h"

namespace kizu::pipeline {
namespace {

// A process that was killed while it wrote one of the few files of the run folder itself.
void remove_leftovers_in(const std::filesystem::path& folder) {
  if (!std::filesystem::is_directory(folder)) return;
  std::vector<std::filesystem::path> leftovers;
  for (const auto& entry : std::filesystem::directory_iterator(folder)) {
    if (entry.is_regular_file() && is_leftover(entry.path())) leftovers.push_back(entry.path());
  }
  for (const auto& leftover : leftovers) std::filesystem::remove(leftover);
}

Error no_model(const std::filesystem::path& file) {
  return Error(file.string() +
               " is missing; --model must name a folder that kizu pretrain or kizu import wrote");
}

}  // namespace

dataset::Split Workspace::split() const {
  const auto file = step("split") / "split.json";
  if (!std::filesystem::exists(file))
    throw Error(file.string() + " is missing; run kizu split (or kizu run) first");
  auto split = dataset::read_split(file);
  dataset::verify(split, data);
  return split;
}

Workspace Workspace::open(const std::filesystem::path& out, int workers) {
  const auto file = out / "settings.json";
  if (!std::filesystem::exists(file)) {
    throw Error(out.string() +
                ": not a run folder of kizu (no settings.json); begin one with kizu run or kizu split");
  }
  const auto json = read_json(file);
  const auto text = [&](const char* key) {
    if (!json.is_object() || !json.contains(key) || !json[key].is_string())
      throw Error(file.string() + ": '" + key + "' is missing; this is no folder of kizu run or kizu split");
    return json[key].get<std::string>();
  };
  Workspace workspace;
  workspace.data = text("data");
  workspace.category = text("category");
  workspace.model = text("model");
  workspace.out = out;
  if (!json.contains("seed") || !json["seed"].is_number_unsigned())
    throw Error(file.string() + ": 'seed' is missing");
  workspace.seed = json["seed"].get<uint64_t>();
  workspace.workers = workers;
  workspace.joint = json.value("joint", false);
  return workspace;
}

void Workspace::save() const {
  remove_leftovers_in(out);
  const auto file = out / "settings.json";
  const Json settings = {{"data", data.string()},
                         {"category", category},
                         {"model", model.string()},
                         {"seed", seed},
                         {"joint", joint}};
  if (std::filesystem::exists(file)) {
    const auto earlier = read_json(file);
    if (!earlier.is_object() || earlier.value("data", Json()) != data.string()) {
      throw Error(out.string() + ": this run folder belongs to other photos; choose another --out");
    }
  } else if (std::filesystem::exists(out) && !std::filesystem::is_empty(out)) {
    throw Error(out.string() + ": the folder is not empty and not a run of kizu; choose another --out");
  }
  make_folders(out);
  write_json(file, settings);
}

bool Workspace::has_text_encoder() const {
  if (!std::filesystem::exists(model / "model.json")) throw no_model(model / "model.json");
  return ldm::is_latent_diffusion(model);
}

std::string hash_of_model(const std::filesystem::path& folder) {
  std::vector<std::string> files{"model.json", ldm::kAutoencoderFile, ldm::kUNetFile};
  if (std::filesystem::exists(folder / ldm::kTextFile)) files.push_back(ldm::kTextFile);
  Sha256 all;
  for (const auto& name : files) {
    if (!std::filesystem::exists(folder / name)) throw no_model(folder / name);
    all.add(sha256_file(folder / name));
  }
  return all.hex();
}

std::string hash_of_result(const std::filesystem::path& file, const std::string& step) {
  if (!std::filesystem::exists(file)) throw Error(file.string() + " is missing; run kizu " + step + " first");
  return sha256_file(file);
}

namespace {

void require_texts(const Json& list, const std::vector<std::string>& texts, const std::filesystem::path& file,
                   const std::string& key) {
  const auto fits = [&](const Json& each) {
    return each.is_object() && std::all_of(texts.begin(), texts.end(), [&](const std::string& text) {
             return each.contains(text) && each[text].is_string();
           });
  };
  if (!list.is_array() || !std::all_of(list.begin(), list.end(), fits))
    throw Error(file.string() + ": '" + key + "' is missing or damaged; remove its folder and run again");
}

}  // namespace

Json read_list(const std::filesystem::path& file, const std::string& key,
               const std::vector<std::string>& texts) {
  const auto json = read_json(file);
  const auto list = json.is_object() ? json.value(key, Json()) : Json();
  require_texts(list, texts, file, key);
  return list;
}

std::vector<Json> read_masks(const std::filesystem::path& file) {
  const std::vector<std::string> texts{"type", "file", "photo", "photo_sha256"};
  const auto masks = read_list(file, "masks", texts);
  for (const auto& mask : masks) require_texts(mask.value("spares", Json::array()), texts, file, "spares");
  return masks;
}

std::vector<anomaly::DefectPhoto> load_shots(const Workspace& workspace, const dataset::Split& split) {
  std::vector<std::pair<std::string, dataset::SplitPhoto>> listed;
  for (const auto& type : split.types())
    for (const auto& photo : split.shots(type)) listed.emplace_back(type, photo);
  std::vector<anomaly::DefectPhoto> shots(listed.size());
  in_parallel(workspace.workers, listed.size(), [&](std::size_t i) {
    const auto& [type, photo] = listed[i];
    shots[i] = {type, read_image(workspace.data / std::filesystem::u8path(photo.image)),
                read_mask(workspace.data / std::filesystem::u8path(photo.mask))};
  });
  return shots;
}

std::string number_text(int64_t number) {
  char text[24];
  std::snprintf(text, sizeof text, "%04lld", static_cast<long long>(number));
  return text;
}

std::string file_name_of(const std::string& text) {
  std::string name;
  for (const unsigned char c : text)
    name += (c < 32 || std::string("/\\:*?\"<>|").find(static_cast<char>(c)) != std::string::npos)
                ? '_'
                : static_cast<char>(c);
  return name.empty() || name == "." || name == ".." ? "_" : name;
}

}  // namespace kizu::pipeline
