#include "dataset/examine.h"

#include <algorithm>
#include <map>
#include <optional>

#include "core/error.h"
#include "dataset/names.h"
#include "image/codec.h"
#include "image/masks.h"

namespace kizu::dataset {
namespace {

/// 64 bits of the decoded content: equal for equal pictures, whatever their file format and compression.
std::uint64_t content_hash(const Image& image) {
  std::uint64_t hash = 0x9e3779b97f4a7c15;
  const auto add = [&](std::uint64_t value) {
    hash = (hash ^ value) * 0xbf58476d1ce4e5b9;
    hash ^= hash >> 29;
  };
  for (const int value : {image.width, image.height, image.channels, image.depth}) add(value);
  for (const std::uint16_t value : image.values) add(value);
  return hash;
}

struct Size {
  int width, height;
};

std::string to_text(const Size& size) {
  return std::to_string(size.width) + "x" + std::to_string(size.height);
}

/// Errors of the library read "<file> <reason>; <remedy>": taken apart, for a list that has columns for each.
Fault fault_of(const std::filesystem::path& file, std::string reason) {
  const std::string name = file.string();
  if (reason.compare(0, name.size(), name) == 0) {
    reason.erase(0, std::min(reason.size(), reason.find_first_not_of(": ", name.size())));
  }
  const std::size_t end = reason.rfind("; ");
  if (end == std::string::npos) return {file, reason, "replace or remove it", true};
  return {file, reason.substr(0, end), reason.substr(end + 2), true};
}

/// Where a photo lies, as far as duplicates are concerned.
enum class Place { good_train, good_test, defect };

struct Seen {
  const Photo* photo;
  Place place;
};

class Examiner {
 public:
  Examiner(const Category& category, const SplitOptions& options, Observer* observer)
      : category_(category), options_(options), observer_(observer) {
    options.check(category);
    for (const DefectType& type : category.types) {
      const auto& chosen = options.types;
      const bool is_chosen = std::find(chosen.begin(), chosen.end(), type.name) != chosen.end();
      if (chosen.empty() || is_chosen) types_.push_back(&type);
    }
    total_ = category.good_train.size() + category.good_test.size();
    for (const DefectType* type : types_) total_ += type->photos.size();
  }

  Examination run() {
    out_.category = category_.name;
    out_.good_train = static_cast<int>(category_.good_train.size());
    out_.good_test = static_cast<int>(category_.good_test.size());
    for (const Unused& unused : category_.unused) note(unused.file, unused.reason, unused.remedy);
    look_at_counts();
    for (const Photo& photo : category_.good_train) look_at(photo, Place::good_train);
    for (const Photo& photo : category_.good_test) look_at(photo, Place::good_test);
    for (const DefectType* type : types_) {
      for (const Photo& photo : type->photos) look_at(photo, Place::defect);
    }
    if (pictures_ > 0) out_.mean_pixels /= pictures_, out_.mean_bytes /= pictures_;
    if (out_.grey > 0 && out_.colour > 0) {
      note(category_.root,
           std::to_string(out_.grey) + " grey and " + std::to_string(out_.colour) + " colour photos",
           "each keeps its kind; use one kind if the camera gives only one");
    }
    if (out_.deep > 0 && out_.deep < pictures_) {
      note(category_.root,
           std::to_string(out_.deep) + " of " + std::to_string(pictures_) + " photos have 16 bits",
           "each keeps its depth; use one depth if the camera gives only one");
    }
    look_at_division();
    look_at_duplicates();
    return std::move(out_);
  }

 private:
  void stop(const std::filesystem::path& file, std::string reason, std::string remedy) {
    out_.faults.push_back({file, std::move(reason), std::move(remedy), true});
  }
  void note(const std::filesystem::path& file, std::string reason, std::string remedy) {
    out_.faults.push_back({file, std::move(reason), std::move(remedy), false});
  }

  void look_at_counts() {
    if (category_.good_train.empty()) {
      stop(category_.root, "no good photos to learn from",
           "put photos of good parts into good/ (or train/good/)");
    } else if (category_.good_train.size() < 4) {
      note(category_.root,
           "only " + std::to_string(category_.good_train.size()) + " good photo(s) to learn from",
           "add some: the more good parts are seen, the fewer false alarms");
    }
    if (category_.good_test.empty() && category_.good_train.size() < 5) {
      note(category_.root, "no good photos to test on",
           "add some: without them no false alarms can be counted");
    }
    if (types_.empty()) {
      stop(category_.root, "no defect type",
           "add a folder of defect photos with masks, named after the defect");
    }
    for (const DefectType* type : types_) {
      out_.types.push_back({type->name, static_cast<int>(type->photos.size()), 0, 0});
      if (type->photos.size() >= 2) continue;
      stop(type->folder, "type with " + std::to_string(type->photos.size()) + " photo(s); 2 are needed",
           "add photos (one to learn from, one to test on) or take the folder away");
    }
  }

  void look_at(const Photo& photo, Place place) {
    if (observer_) {
      if (observer_->wants_stop()) throw Interrupted();
      observer_->progressed("examine", ++looked_at_, static_cast<int64_t>(total_), photo.relative);
    }
    if (!is_utf8(photo.relative)) stop(photo.image, "the name is not UTF-8 text", "rename the file");
    const std::optional<Size> size = look_at_image(photo, place);
    if (photo.mask) {
      look_at_mask(photo, size);
    } else if (photo.type != kGood) {
      stop(
          photo.image, "has no mask",
          "add " + photo.image.stem().string() + "_mask.png, white where the defect is, or remove the photo");
    }
  }

  std::optional<Size> look_at_image(const Photo& photo, Place place) {
    Image image;
    try {
      image = read_image(photo.image);
    } catch (const Error& error) {
      out_.faults.push_back(fault_of(photo.image, error.what()));
      return std::nullopt;
    }
    if (std::min(image.width, image.height) < kMinSide) {
      stop(photo.image, "is only " + to_text(Size{image.width, image.height}) + " pixels",
           "use photos of at least " + to_text(Size{kMinSide, kMinSide}));
    }
    count(image);
    by_content_[content_hash(image)].push_back({&photo, place});
    return Size{image.width, image.height};
  }

  void count(const Image& image) {
    const double pixels = static_cast<double>(image.width) * image.height;
    out_.min_width = pictures_ ? std::min(out_.min_width, image.width) : image.width;
    out_.min_height = pictures_ ? std::min(out_.min_height, image.height) : image.height;
    out_.max_width = std::max(out_.max_width, image.width);
    out_.max_height = std::max(out_.max_height, image.height);
    out_.max_pixels = std::max(out_.max_pixels, pixels);
    out_.mean_pixels += pixels;
    out_.mean_bytes += pixels * image.channels * image.depth / 8;
    ++(image.channels == 1 ? out_.grey : out_.colour);
    out_.deep += image.depth == 16;
    ++pictures_;
  }

  void look_at_mask(const Photo& photo, const std::optional<Size>& size) {
    Mask mask;
    bool non_binary = false;
    try {
      mask = read_mask(*photo.mask, &non_binary);
    } catch (const Error& error) {
      out_.faults.push_back(fault_of(*photo.mask, error.what()));
      return;
    }
    if (!is_utf8(photo.mask->string())) stop(*photo.mask, "the name is not UTF-8 text", "rename the file");
    if (size && (mask.width != size->width || mask.height != size->height)) {
      stop(*photo.mask,
           "is " + to_text(Size{mask.width, mask.height}) + " and its photo " + photo.relative + " is " +
               to_text(*size),
           "export the mask at the photo's size");
    }
    const long long inside = area(mask);
    if (inside == 0) {
      stop(*photo.mask, "is empty: no pixel is marked",
           "mark the defect, or move the photo to the good ones");
    } else if (inside == static_cast<long long>(mask.values.size())) {
      stop(*photo.mask, "covers the whole photo",
           "make everything outside the defect black; an inverted mask must be inverted back");
    }
    if (non_binary) {
      note(*photo.mask, "has more than two values",
           "nothing need be done: every pixel that is not black counts as defect (in a JPEG, every pixel at "
           "least "
           "half as bright as the brightest); export it with two values if that is not what is meant");
    }
  }

  /// Tries the division, so that what makes it impossible is heard of before a run.
  void look_at_division() {
    Split& split = out_.split;
    try {
      split = make_split(category_, options_);
    } catch (const Error& error) {
      // Where another fault stops the run anyway, that fault is the cause.
      if (!out_.stops()) out_.faults.push_back(fault_of(category_.root, error.what()));
      return;
    }
    out_.good_train = static_cast<int>(split.good_train().size());
    out_.good_test = static_cast<int>(split.good_test().size());
    out_.left_out = static_cast<int>(split.left_out().size());
    for (TypeCount& type : out_.types) {
      type.shots = static_cast<int>(split.shots(type.name).size());
      type.test = static_cast<int>(split.test(type.name).size());
    }
    for (const SplitPhoto& photo : split.photos) sides_[photo.image] = photo.side;
  }

  void look_at_duplicates() {
    std::vector<std::pair<Seen, Seen>> pairs;
    for (const auto& entry : by_content_) {
      const auto& seen = entry.second;
      for (std::size_t i = 1; i < seen.size(); ++i) {
        const auto clashes = [&](const Seen& other) { return on_both_sides(*other.photo, *seen[i].photo); };
        const auto end = seen.begin() + static_cast<std::ptrdiff_t>(i);
        const auto clash = std::find_if(seen.begin(), end, clashes);
        pairs.emplace_back(clash == end ? seen[0] : *clash, seen[i]);
      }
    }
    std::sort(pairs.begin(), pairs.end(), [](const auto& a, const auto& b) {
      return natural_less(a.second.photo->relative, b.second.photo->relative);
    });
    for (const auto& [first, second] : pairs) look_at_pair(first, second);
  }

  void look_at_pair(const Seen& first, const Seen& second) {
    const std::string same = "is the same picture as " + first.photo->relative;
    if ((first.place == Place::defect) != (second.place == Place::defect)) {
      stop(second.photo->image, same + ", which is among the " + first.photo->type + " photos",
           "remove it from the place where it is wrong");
    } else if (first.place != second.place) {
      stop(second.photo->image, same + ", so that a test photo would be learned from",
           "remove one of the two");
    } else if (on_both_sides(*first.photo, *second.photo)) {
      stop(second.photo->image, same + ", which is on the other side of the split",
           "remove one of the two, or give both the same group in manifest.csv");
    } else {
      note(second.photo->image, same, "nothing need be done: both stay on one side; removing one saves time");
    }
  }

  bool on_both_sides(const Photo& a, const Photo& b) const {
    const auto learns = [&](const Photo& photo) {
      const auto found = sides_.find(photo.relative);
      if (found == sides_.end() || found->second == Side::left_out) return std::optional<bool>();
      return std::optional<bool>(found->second == Side::shot || found->second == Side::good_train);
    };
    return learns(a) && learns(b) && learns(a) != learns(b);
  }

  const Category& category_;
  const SplitOptions& options_;
  Observer* observer_;
  std::vector<const DefectType*> types_;
  std::size_t total_ = 0;
  int64_t looked_at_ = 0;
  int pictures_ = 0;
  std::map<std::uint64_t, std::vector<Seen>> by_content_;
  std::map<std::string, Side> sides_;
  Examination out_;
};

}  // namespace

bool Examination::stops() const {
  return std::any_of(faults.begin(), faults.end(), [](const Fault& fault) { return fault.stops; });
}

Examination examine(const Category& category, const SplitOptions& options, Observer* observer) {
  return Examiner(category, options, observer).run();
}

}  // namespace kizu::dataset
