#include "dataset/split.h"

#include <algorithm>
#include <map>

#include "core/error.h"
#include "core/sha256.h"
#include "dataset/names.h"

namespace kizu::dataset {
namespace {

std::vector<DefectType> chosen_types(const Category& category, const std::vector<std::string>& names) {
  if (names.empty()) return category.types;
  std::vector<DefectType> out;
  for (const DefectType& type : category.types) {
    if (std::find(names.begin(), names.end(), type.name) != names.end()) out.push_back(type);
  }
  return out;
}

SplitPhoto hashed(const Photo& photo, const std::filesystem::path& root) {
  SplitPhoto out;
  out.image = photo.relative;
  if (photo.type != kGood && !photo.mask) {
    throw Error(photo.image.string() + ": has no mask; add " + photo.image.stem().string() +
                "_mask.png or remove the photo");
  }
  if (photo.mask) out.mask = photo.mask->lexically_relative(root).generic_string();
  for (const std::string& path : {out.image, out.mask}) {
    if (!is_utf8(path)) throw Error(path + ": the name is not UTF-8 text; rename the file");
  }
  out.type = photo.type;
  out.group = photo.group;
  out.image_sha256 = sha256_file(photo.image);
  if (photo.mask) out.mask_sha256 = sha256_file(*photo.mask);
  return out;
}

/// Numbers the pieces: photos that share a group or their bytes, directly or through others, get one number.
std::vector<int> pieces_of(const std::vector<SplitPhoto>& photos) {
  std::vector<int> parent(photos.size());
  for (std::size_t i = 0; i < parent.size(); ++i) parent[i] = static_cast<int>(i);
  const auto root = [&](int i) {
    while (parent[i] != i) i = parent[i] = parent[parent[i]];
    return i;
  };
  std::map<std::string, int> first_with;
  for (std::size_t i = 0; i < photos.size(); ++i) {
    for (const std::string& key : {"group " + photos[i].group, "bytes " + photos[i].image_sha256}) {
      if (key == "group ") continue;
      const auto found = first_with.emplace(key, static_cast<int>(i)).first;
      parent[root(static_cast<int>(i))] = root(found->second);
    }
  }
  std::vector<int> out;
  for (std::size_t i = 0; i < photos.size(); ++i) out.push_back(root(static_cast<int>(i)));
  return out;
}

}  // namespace

void SplitOptions::check(const Category& category) const {
  check();
  for (const std::string& name : types) {
    const auto is_it = [&](const DefectType& type) { return type.name == name; };
    if (std::any_of(category.types.begin(), category.types.end(), is_it)) continue;
    std::string known;
    for (const DefectType& type : category.types) known += (known.empty() ? "" : ", ") + type.name;
    throw Error("category " + category.name + " has no defect type \"" + name +
                "\"; choose --types from: " + known);
  }
}

void SplitOptions::check() const {
  if (shots < 0)
    throw Error("--shots must be 1 or more (or 0 for the first third), not " + std::to_string(shots));
}

std::vector<std::string> Split::types() const {
  std::vector<std::string> out;
  for (const SplitPhoto& photo : photos) {
    if (photo.type != kGood && std::find(out.begin(), out.end(), photo.type) == out.end())
      out.push_back(photo.type);
  }
  return out;
}

std::vector<SplitPhoto> Split::on(Side side, const std::string& type) const {
  std::vector<SplitPhoto> out;
  for (const SplitPhoto& photo : photos) {
    if (photo.side == side && photo.type == type) out.push_back(photo);
  }
  return out;
}

std::vector<SplitPhoto> Split::left_out() const {
  std::vector<SplitPhoto> out;
  for (const SplitPhoto& photo : photos) {
    if (photo.side == Side::left_out) out.push_back(photo);
  }
  return out;
}

Split make_split(const Category& category, const SplitOptions& options) {
  options.check(category);
  Split split{category.name, options, {}};
  const std::vector<DefectType> types = chosen_types(category, options.types);
  if (types.empty()) {
    throw Error(category.root.string() + ": has no defect type; add a folder of defect photos with masks");
  }
  const auto add = [&](const std::vector<Photo>& photos) {
    for (const Photo& photo : photos) split.photos.push_back(hashed(photo, category.root));
  };
  add(category.good_train);
  add(category.good_test);
  for (const DefectType& type : types) add(type.photos);

  const std::vector<int> pieces = pieces_of(split.photos);
  const std::size_t tests_from = category.good_train.size();
  const std::size_t tests_to = tests_from + category.good_test.size();
  std::vector<Item> items;
  for (std::size_t i = 0; i < pieces.size(); ++i) {
    items.push_back({split.photos[i].type, pieces[i], i >= tests_from && i < tests_to});
  }
  const std::vector<Placement> placements = place(items, options.shots);
  for (std::size_t i = 0; i < placements.size(); ++i) {
    split.photos[i].side = placements[i].side;
    split.photos[i].reason = placements[i].reason;
  }
  return split;
}

}  // namespace kizu::dataset
