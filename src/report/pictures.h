#pragma once
#include <filesystem>
#include <optional>
#include <string>

#include "image/image.h"
#include "image/masks.h"

namespace kizu::report {

/// A pane: a picture as a data URI with, over it, an outline or frame as SVG that can be switched off.
struct Pane {
  Image picture;        // as it is encoded
  std::string drawing;  // SVG elements in the picture's pixels, "" = none
  std::string label;    // printed under the pane, HTML
  std::string alt;
};

/// HTML of a pane: JPEG, or PNG where `lossless`.
std::string to_html(const Pane& pane, bool lossless = false);

/// Square of `times` the mask's extent, at least `least` px, around the middle of the mask and within the
/// picture; the whole picture for an empty mask.
Box surroundings(const Mask& mask, double times, int least);

/// Scaled so that the longer side is `side`: smaller or larger, 8 bits.
Image scaled(const Image& image, int side);

/// The mask's edge as an SVG path along pixel borders, scaled to a picture of `width` x `height`.
std::string outline(const Mask& mask, int width, int height);

/// A frame around `box`, given in pixels of a picture `from`, on one of `width` x `height`.
std::string frame(const Box& box, const Image& from, int width, int height);

/// Scores 0..255 as colours (dark violet, red, yellow) over the photo in grey; a score of 0 lets it through.
Image heat(const Image& photo, const Image& map);

/// The first existing file of folder / name; empty when there is none.
std::filesystem::path find_file(const std::vector<std::filesystem::path>& folders, const std::string& name);

/// Empty when the file is missing; Error when it is broken.
std::optional<Image> load_image(const std::filesystem::path& file);
std::optional<Mask> load_mask(const std::filesystem::path& file);

}  // namespace kizu::report
