#include "dataset/manifest.h"

#include <algorithm>
#include <map>

#include "core/error.h"
#include "dataset/csv.h"

namespace kizu::dataset {
namespace fs = std::filesystem;
namespace {

using ByPath = std::map<std::string, Photo*>;

ByPath photos_by_path(Category& category) {
  ByPath out;
  const auto add = [&](std::vector<Photo>& photos) {
    for (Photo& photo : photos) out[photo.relative] = &photo;
  };
  add(category.good_train);
  add(category.good_test);
  for (DefectType& type : category.types) add(type.photos);
  return out;
}

/// A path as it may stand in a table, made comparable: '/' between names, no "./".
std::string plain_path(std::string text) {
  std::replace(text.begin(), text.end(), '\\', '/');
  return fs::path(text).lexically_normal().generic_string();
}

std::optional<fs::path> find_manifest(const Category& category) {
  const fs::path parent = fs::absolute(category.root).lexically_normal() / "..";
  for (const fs::path& folder : {category.root, parent.lexically_normal()}) {
    std::error_code error;
    if (fs::is_regular_file(folder / "manifest.csv", error)) return folder / "manifest.csv";
  }
  return std::nullopt;
}

Photo* find(const ByPath& photos, const std::string& path, const std::string& category) {
  auto found = photos.find(path);
  const std::string prefix = category + "/";
  if (found == photos.end() && path.compare(0, prefix.size(), prefix) == 0) {
    found = photos.find(path.substr(prefix.size()));
  }
  return found == photos.end() ? nullptr : found->second;
}

}  // namespace

void add_groups(Category& category) {
  const auto file = find_manifest(category);
  if (!file) return;
  const Csv table = read_csv(*file);
  const auto group = table.column({"group"});
  if (!group) return;
  const auto image = table.column({"image", "path", "file", "filename"});
  if (!image) {
    throw Error(file->string() + ", line 1: has a group column but none named image, path, file or filename");
  }
  const ByPath photos = photos_by_path(category);
  std::map<Photo*, int> line_of;
  for (const CsvRow& row : table.rows) {
    Photo* photo = find(photos, plain_path(row.fields[*image]), category.name);
    if (!photo) continue;
    const auto [first, is_new] = line_of.emplace(photo, row.line);
    if (!is_new && photo->group != row.fields[*group]) {
      throw Error(file->string() + ", line " + std::to_string(row.line) + ": gives " + photo->relative +
                  " another group than line " + std::to_string(first->second) + "; remove one of the rows");
    }
    photo->group = row.fields[*group];
  }
  if (line_of.size() < photos.size()) {
    category.unused.push_back({*file,
                               "names " + std::to_string(line_of.size()) + " of " +
                                   std::to_string(photos.size()) + " photos of " + category.name +
                                   "; the others count as pieces of their own",
                               "give the other photos a row if they show the same pieces"});
  }
}

}  // namespace kizu::dataset
