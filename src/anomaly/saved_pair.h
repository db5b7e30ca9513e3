#pragma once
#include <filesystem>
#include <map>
#include <string>

#include "anomaly/preset.h"
#include "image/image.h"

namespace kizu::anomaly {

/// Writes stem.png with `texts` or, where the preset says so, as published, stem.jpg with them as its
/// comment; returns which.
std::filesystem::path write_picture(const std::filesystem::path& stem, const Image& image,
                                    const Preset& preset, const std::map<std::string, std::string>& texts);
std::filesystem::path write_mask(const std::filesystem::path& stem, const Mask& mask, const Preset& preset);

/// The mask as a picture of 0 and 255.
Image picture_of(const Mask& mask);

}  // namespace kizu::anomaly
