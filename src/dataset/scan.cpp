#include "dataset/scan.h"

#include <algorithm>
#include <map>

#include "core/error.h"
#include "dataset/folder.h"
#include "dataset/manifest.h"
#include "dataset/names.h"
#include "image/codec.h"

namespace kizu::dataset {
namespace fs = std::filesystem;
namespace {

/// "007" for "007_mask" and "007.mask"; nothing for a stem that is not marked as a mask.
std::optional<std::string> stem_of_mask(const std::string& stem) {
  if (stem.size() <= 5) return std::nullopt;
  const std::string end = lower_ascii(stem.substr(stem.size() - 5));
  if (end != "_mask" && end != ".mask") return std::nullopt;
  return stem.substr(0, stem.size() - 5);
}

bool is_mask_folder(const std::string& name) {
  return name == "masks" || name == "mask" || name == "ground_truth";
}

/// All masks of one type, by the stem of the photo they belong to; the first of each is the one to use.
using Masks = std::map<std::string, std::vector<fs::path>>;

/// Walks one category; everything that finds no place ends in `unused`.
class Scanner {
 public:
  Scanner(std::string name, const fs::path& root) {
    category_.name = std::move(name);
    category_.root = root;
  }

  Category run() {
    const Folder top = list(category_.root);
    for (const fs::path& file : top.files) {
      if (is_image_file(file)) leave(file, "lies outside every type folder", "move it into one");
    }
    const auto train = subfolder(top, "train"), test = subfolder(top, "test");
    for (const char* name : {"ground_truth", "masks", "mask"}) {
      if (const auto folder = subfolder(top, name)) mask_roots_.emplace_back(*folder, list(*folder));
    }
    if (train || test) {
      take_mvtec(top, train, test);
    } else {
      take_types(top, category_.good_train);
    }
    leave_masks_of_no_type();
    add_groups(category_);
    return std::move(category_);
  }

 private:
  void leave(const fs::path& file, std::string reason, std::string remedy) {
    category_.unused.push_back({file, std::move(reason), std::move(remedy)});
  }

  void take_mvtec(const Folder& top, const std::optional<fs::path>& train,
                  const std::optional<fs::path>& test) {
    if (train) {
      const Folder folders = list(*train);
      for (const fs::path& folder : folders.folders) {
        if (lower_ascii(folder.filename().string()) == kGood) {
          category_.good_train = photos(folder, kGood);
        } else {
          leave(folder, "a training folder other than train/good", "defect photos belong into test/<type>");
        }
      }
    }
    if (test) take_types(list(*test), category_.good_test);
    for (const fs::path& folder : top.folders) {
      const std::string name = lower_ascii(folder.filename().string());
      if (name != "train" && name != "test" && !is_mask_folder(name)) {
        leave(folder, "lies beside train/ and test/", "defect photos belong into test/<type>");
      }
    }
  }

  void take_types(const Folder& parent, std::vector<Photo>& good) {
    for (const fs::path& folder : parent.folders) {
      const std::string name = folder.filename().string();
      if (lower_ascii(name) == kGood) {
        good = photos(folder, kGood);
      } else if (!is_mask_folder(lower_ascii(name))) {
        category_.types.push_back({name, photos(folder, name), folder});
      }
    }
  }

  std::vector<Photo> photos(const fs::path& folder, const std::string& type) {
    const Folder inside = list(folder);
    Masks masks;
    for (const auto& [root, content] : mask_roots_) {
      for (const fs::path& sub : content.folders) {
        if (sub.filename().string() == type) take_masks(sub, masks);
      }
    }
    for (const fs::path& sub : inside.folders) {
      if (is_mask_folder(lower_ascii(sub.filename().string()))) {
        take_masks(sub, masks);
      } else {
        leave(sub, "a folder inside a type folder is not searched", "move its photos up");
      }
    }
    std::vector<Photo> out;
    for (const fs::path& file : pictures(inside)) {
      if (const auto stem = stem_of_mask(file.stem().string())) {
        masks[*stem].push_back(file);
      } else {
        const std::string relative = file.lexically_relative(category_.root).generic_string();
        out.push_back({file, relative, std::nullopt, type, ""});
      }
    }
    pair_up(out, masks);
    return out;
  }

  std::vector<fs::path> pictures(const Folder& folder) {
    std::vector<fs::path> out;
    for (const fs::path& file : folder.others) {
      leave(file, "is neither a file nor a folder (a broken link, for instance)", "remove it");
    }
    for (const fs::path& file : folder.files) {
      if (is_image_file(file)) {
        out.push_back(file);
      } else {
        leave(file, "is of no kind that is read", "convert it to PNG, JPEG, BMP or TIFF, or ignore this");
      }
    }
    return out;
  }

  void take_masks(const fs::path& folder, Masks& masks) {
    for (const fs::path& file : pictures(list(folder))) {
      const std::string stem = file.stem().string();
      masks[stem_of_mask(stem).value_or(stem)].push_back(file);
    }
  }

  void pair_up(std::vector<Photo>& photos, Masks& masks) {
    std::map<std::string, bool> has_photo;
    for (Photo& photo : photos) {
      const std::string stem = photo.image.stem().string();
      has_photo[stem] = true;
      const auto found = masks.find(stem);
      if (photo.type != kGood && found != masks.end()) photo.mask = found->second.front();
    }
    for (const auto& [stem, files] : masks) {
      const bool used = has_photo[stem] && !photos.empty() && photos.front().type != kGood;
      for (std::size_t i = 0; i < files.size(); ++i) {
        if (used && i == 0) continue;
        if (used) {
          leave(files[i], "is a second mask; used is " + files[0].string(), "remove the wrong one");
        } else if (has_photo[stem]) {
          leave(files[i], "is the mask of a good photo", "remove it, or move the photo to its defect type");
        } else {
          leave(files[i], "is a mask without a photo", "add the photo \"" + stem + "\" or remove the mask");
        }
      }
    }
  }

  void leave_masks_of_no_type() {
    for (const auto& [root, content] : mask_roots_) {
      for (const fs::path& file : content.files) {
        leave(file, "lies outside every type's mask folder",
              "move it into " + root.filename().string() + "/<type>");
      }
      for (const fs::path& folder : content.folders) {
        const std::string name = folder.filename().string();
        const auto is_it = [&](const DefectType& type) { return type.name == name; };
        if (name == kGood || std::any_of(category_.types.begin(), category_.types.end(), is_it)) continue;
        leave(folder, "holds masks of a defect type without a folder of photos", "add the photos' folder");
      }
    }
  }

  Category category_;
  std::vector<std::pair<fs::path, Folder>> mask_roots_;
};

bool is_category(const fs::path& folder) {
  const Folder inside = list(folder);
  return subfolder(inside, "train") || subfolder(inside, "test") || subfolder(inside, kGood);
}

std::string own_name(const fs::path& folder) {
  std::error_code error;
  const fs::path full = fs::canonical(folder, error);
  const std::string name = (error ? fs::absolute(folder) : full).filename().string();
  return name.empty() ? "data" : name;
}

}  // namespace

std::vector<std::string> category_names(const fs::path& root) {
  const Folder inside = list(root);
  if (is_category(root)) return {own_name(root)};
  std::vector<std::string> names;
  for (const fs::path& folder : inside.folders) {
    if (is_category(folder)) names.push_back(folder.filename().string());
  }
  if (names.empty()) {
    throw Error(
        root.string() +
        ": holds no photos in a known layout; put good photos into good/ and each kind of defect into "
        "a folder of its own beside it (or use the MVTec AD layout: train/good, test/<type>, "
        "ground_truth/<type>)");
  }
  return names;
}

Category scan(const fs::path& root, const std::string& name) {
  const std::vector<std::string> names = category_names(root);
  if (std::find(names.begin(), names.end(), name) == names.end()) {
    std::string list_of_names;
    for (const std::string& known : names) list_of_names += (list_of_names.empty() ? "" : ", ") + known;
    throw Error(root.string() + ": holds no category \"" + name + "\"; choose one of: " + list_of_names);
  }
  return Scanner(name, is_category(root) ? root : root / name).run();
}

}  // namespace kizu::dataset
