#include <map>
#include <set>

#include "core/error.h"
#include "core/json.h"
#include "core/parallel.h"
#include "core/sha256.h"
#include "dataset/split.h"

namespace kizu::dataset {
namespace {

constexpr const char* kFormat = "kizu split 1";
const std::map<Side, std::string> kSideNames{{Side::shot, "shot"},
                                             {Side::test, "test"},
                                             {Side::good_train, "good_train"},
                                             {Side::good_test, "good_test"},
                                             {Side::left_out, "left_out"}};

Json to_json(const SplitPhoto& photo) {
  return {{"image", photo.image},
          {"mask", photo.mask},
          {"type", photo.type},
          {"group", photo.group},
          {"side", kSideNames.at(photo.side)},
          {"reason", photo.reason},
          {"image_sha256", photo.image_sha256},
          {"mask_sha256", photo.mask_sha256}};
}

/// Reads a split and says what is wrong with it in terms of its file.
class SplitReader {
 public:
  explicit SplitReader(const std::filesystem::path& file) : name_(file.string()), json_(read_json(file)) {}

  Split read() const {
    expect_keys(json_, {"format", "category", "options", "photos"}, "the split");
    if (text(json_, "format") != kFormat) {
      fail("is of format \"" + text(json_, "format") + "\", not \"" + kFormat + "\"");
    }
    Split split;
    split.category = text(json_, "category");
    const Json& options = json_["options"];
    expect_keys(options, {"shots", "types"}, "options");
    if (!options["shots"].is_number_integer()) fail("options.shots must be a whole number");
    split.options.shots = options["shots"].get<int>();
    if (!options["types"].is_array()) fail("options.types must be a list");
    for (const Json& type : options["types"]) {
      if (!type.is_string()) fail("options.types must be a list of names");
      split.options.types.push_back(type.get<std::string>());
    }
    if (!json_["photos"].is_array()) fail("photos must be a list");
    for (const Json& entry : json_["photos"]) split.photos.push_back(photo(entry));
    check_sides(split);
    return split;
  }

 private:
  [[noreturn]] void fail(const std::string& what) const {
    throw Error(name_ + ": " + what + "; remove the file to have the split made anew");
  }

  void expect_keys(const Json& object, const std::set<std::string>& keys, const std::string& where) const {
    if (!object.is_object()) fail(where + " must be an object");
    for (const auto& [key, value] : object.items()) {
      if (!keys.count(key)) fail("unknown key \"" + key + "\" in " + where);
    }
    for (const std::string& key : keys) {
      if (!object.contains(key)) fail("no key \"" + key + "\" in " + where);
    }
  }

  std::string text(const Json& object, const std::string& key) const {
    if (!object[key].is_string()) fail("\"" + key + "\" must be text");
    return object[key].get<std::string>();
  }

  SplitPhoto photo(const Json& entry) const {
    expect_keys(entry, {"image", "mask", "type", "group", "side", "reason", "image_sha256", "mask_sha256"},
                "a photo");
    SplitPhoto photo;
    photo.image = text(entry, "image");
    photo.mask = text(entry, "mask");
    photo.type = text(entry, "type");
    photo.group = text(entry, "group");
    photo.side = side(text(entry, "side"));
    photo.reason = text(entry, "reason");
    photo.image_sha256 = text(entry, "image_sha256");
    photo.mask_sha256 = text(entry, "mask_sha256");
    check_photo(photo);
    return photo;
  }

  void check_photo(const SplitPhoto& photo) const {
    check_path(photo.image);
    check_hash(photo.image_sha256, photo.image);
    const bool good = photo.type == kGood;
    const bool good_side = photo.side == Side::good_train || photo.side == Side::good_test;
    if (photo.side != Side::left_out && good != good_side)
      fail(photo.image + " is on a side that is not its type's");
    if (photo.type.empty()) fail(photo.image + " has no type");
    if (good != photo.mask.empty()) fail(photo.image + (good ? " is good and has a mask" : " has no mask"));
    if (good) {
      if (!photo.mask_sha256.empty()) fail(photo.image + " has the hash of a mask but no mask");
      return;
    }
    check_path(photo.mask);
    check_hash(photo.mask_sha256, photo.mask);
  }

  Side side(const std::string& name) const {
    for (const auto& [side, known] : kSideNames) {
      if (known == name) return side;
    }
    fail("unknown side \"" + name + "\"");
  }

  void check_path(const std::string& path) const {
    const std::filesystem::path p(path);
    bool leaves = path.empty() || p.is_absolute();
    for (const auto& part : p) leaves |= part == "..";
    if (leaves) fail("the path \"" + path + "\" leaves the category's folder");
  }

  void check_hash(const std::string& hash, const std::string& of) const {
    if (hash.size() != 64 || hash.find_first_not_of("0123456789abcdef") != std::string::npos) {
      fail("the hash of " + of + " is not 64 lower-case hexadecimal digits");
    }
  }

  void check_sides(const Split& split) const {
    std::set<std::string> images;
    std::map<std::string, bool> learned;
    for (const SplitPhoto& photo : split.photos) {
      if (!images.insert(photo.image).second) fail(photo.image + " is listed twice");
      if (photo.side == Side::left_out) continue;
      const bool learns = photo.side == Side::shot || photo.side == Side::good_train;
      for (const std::string& key : {"group " + photo.group, "bytes " + photo.image_sha256}) {
        if (key != "group " && learned.emplace(key, learns).first->second != learns) {
          fail(photo.image + " shows a piece that stands on both sides");
        }
      }
    }
  }

  std::string name_;
  Json json_;
};

void verify_file(const std::filesystem::path& file, const std::string& expected) {
  if (sha256_file(file) == expected) return;
  throw Error(file.string() +
              ": has changed since the split was made; restore it, or start a new run folder to split anew");
}

}  // namespace

void write_split(const std::filesystem::path& file, const Split& split) {
  Json photos = Json::array();
  for (const SplitPhoto& photo : split.photos) photos.push_back(to_json(photo));
  write_json(file, {{"format", kFormat},
                    {"category", split.category},
                    {"options", {{"shots", split.options.shots}, {"types", split.options.types}}},
                    {"photos", photos}});
}

Split read_split(const std::filesystem::path& file) {
  return SplitReader(file).read();
}

void verify(const Split& split, const std::filesystem::path& root) {
  std::vector<const SplitPhoto*> used;
  for (const SplitPhoto& photo : split.photos)
    if (photo.side != Side::left_out) used.push_back(&photo);
  in_parallel(0, used.size(), [&](std::size_t i) {
    verify_file(root / used[i]->image, used[i]->image_sha256);
    if (!used[i]->mask.empty()) verify_file(root / used[i]->mask, used[i]->mask_sha256);
  });
}

}  // namespace kizu::dataset
