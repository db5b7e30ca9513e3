#pragma once
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

namespace kizu::dataset {

/// The type of a photo without a defect.
inline constexpr const char* kGood = "good";

/// One photo as it lies on the disk; nothing of it is decoded yet.
struct Photo {
  std::filesystem::path image;
  std::string relative;  // UTF-8 path from the category's root, with '/'
  std::optional<std::filesystem::path> mask;
  std::string type;   // kGood or the name of the defect type
  std::string group;  // photos of one piece share it; "" = known to share its piece with no other
};

/// One kind of defect with its photos in natural order.
struct DefectType {
  std::string name;
  std::vector<Photo> photos;
  std::filesystem::path folder;
};

/// Something that lies in the category's folder and that nothing will read.
struct Unused {
  std::filesystem::path file;
  std::string reason;
  std::string remedy;
};

/// One product: its good photos and its defect types, all in natural order.
struct Category {
  std::string name;
  std::filesystem::path root;
  std::vector<Photo> good_train;
  std::vector<Photo> good_test;  // empty in the plain layout: the split takes some of good_train
  std::vector<DefectType> types;
  std::vector<Unused> unused;
};

/// The categories under `root`: sub-folders that hold one, or the folder's own name when it is one itself.
/// A category is a folder with train/ or test/ (MVTec AD layout) or with good/ (plain layout).
/// Throws Error naming the folder when it is missing, cannot be read or holds none.
std::vector<std::string> category_names(const std::filesystem::path& root);

/// Finds the photos of one category. MVTec AD: train/good, test/good, test/<type>, with masks as
/// ground_truth/<type>/<stem>_mask.* or <stem>.*. Plain: good, <type>, with masks beside the photo as
/// <stem>_mask.* or <stem>.mask.*, or as <stem>_mask.* or <stem>.* in <type>/masks or masks/<type>. Hidden
/// files are skipped, linked folders that lead back upwards are not followed. Groups come from a manifest.csv
/// (see manifest.h). Throws Error naming the folder, and listing the categories when `name` is none of them.
Category scan(const std::filesystem::path& root, const std::string& name);

}  // namespace kizu::dataset
