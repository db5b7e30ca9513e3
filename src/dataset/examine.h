#pragma once
#include <algorithm>
#include <filesystem>
#include <string>
#include <vector>

#include "core/json.h"
#include "core/observer.h"
#include "dataset/scan.h"
#include "dataset/split.h"

namespace kizu::dataset {

/// Photos whose shorter side is below this cannot be worked on: the smallest level of the networks needs it.
inline constexpr int kMinSide = 16;

/// One thing that is wrong, or worth knowing, about one file or folder.
struct Fault {
  std::filesystem::path file;
  std::string reason;
  std::string remedy;
  bool stops = false;  // a run cannot start before it is mended
};

struct TypeCount {
  std::string name;
  int photos = 0, shots = 0, test = 0;  // shots and test are 0 while faults prevent a split
};

/// What a look at every file of a category brought.
struct Examination {
  std::string category;
  int good_train = 0, good_test = 0, left_out = 0;  // after the split; as found while faults prevent one
  std::vector<TypeCount> types;
  Split split;  // without photos while faults prevent one
  int min_width = 0, min_height = 0, max_width = 0, max_height = 0;
  double mean_pixels = 0, max_pixels = 0;  // width * height over all readable photos
  double mean_bytes = 0;                   // of a photo's decoded values
  int grey = 0, colour = 0, deep = 0;      // photos with one channel, with three, with 16 bits
  std::vector<Fault> faults;               // in the order: folders, good photos, types; none is left out

  bool stops() const;
  int longest_side() const { return std::max(max_width, max_height); }
};

/// Decodes every photo and mask of the category once and lists every fault: files that cannot be read, photos
/// without mask and masks without photo, empty and full masks, sizes that differ, too few photos, duplicates
/// (by decoded content), too small photos, and a division that is impossible with these options. Throws only
/// for wrong options or a machine that fails. `observer` hears of the progress and may interrupt.
Examination examine(const Category& category, const SplitOptions& options = {}, Observer* observer = nullptr);

/// A plain list for people: what was found, each fault with its reason and remedy, and the verdict.
std::string describe(const Examination& examination);
Json to_json(const Examination& examination);

}  // namespace kizu::dataset
