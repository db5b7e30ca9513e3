#pragma once
#include <filesystem>
#include <string>
#include <vector>

#include "dataset/scan.h"
#include "dataset/sides.h"

namespace kizu::dataset {

struct SplitOptions {
  int shots = 0;                   // photos of each type to learn from; 0 = the first third, at least 1
  std::vector<std::string> types;  // only these defect types; empty = all

  /// Throws Error naming the option.
  void check() const;
  /// The same, and for a type that the category does not have.
  void check(const Category& category) const;
};

/// One photo, what it is for, and what its files were when that was decided.
struct SplitPhoto {
  std::string image;  // UTF-8 paths from the category's root, with '/'
  std::string mask;   // "" for a good photo
  std::string type;   // kGood or the defect type
  std::string group;  // "" = none
  Side side = Side::left_out;
  std::string reason;  // why it was left out, else ""
  std::string image_sha256;
  std::string mask_sha256;  // "" without a mask
};

/// The division of one category, made once and used by every later step.
struct Split {
  std::string category;
  SplitOptions options;
  std::vector<SplitPhoto> photos;  // good photos first, then type by type; each in natural order

  /// The defect types in natural order.
  std::vector<std::string> types() const;
  std::vector<SplitPhoto> shots(const std::string& type) const { return on(Side::shot, type); }
  std::vector<SplitPhoto> test(const std::string& type) const { return on(Side::test, type); }
  std::vector<SplitPhoto> good_train() const { return on(Side::good_train, kGood); }
  std::vector<SplitPhoto> good_test() const { return on(Side::good_test, kGood); }
  std::vector<SplitPhoto> left_out() const;

 private:
  std::vector<SplitPhoto> on(Side side, const std::string& type) const;
};

/// Divides a category by the rules of sides.h. Photos of one group, and photos with the same bytes, count as
/// one piece. Reads every file once for its hash; draws nothing at random. Throws Error naming the file, type
/// or option.
Split make_split(const Category& category, const SplitOptions& options);

/// split.json: every photo with its side and hashes. Appears whole or not at all.
void write_split(const std::filesystem::path& file, const Split& split);

/// Reads what write_split wrote. Throws Error naming the file for unknown or missing keys, malformed hashes,
/// paths that leave the category's folder, or a piece on both sides.
Split read_split(const std::filesystem::path& file);

/// Hashes every file that is used again; throws Error naming the first that is missing or has changed.
/// `root` is the category's folder.
void verify(const Split& split, const std::filesystem::path& root);

}  // namespace kizu::dataset
