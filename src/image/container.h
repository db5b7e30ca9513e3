#pragma once
#include <string>
#include <string_view>

#include "image/codec.h"

namespace kizu {

enum class ImageFormat { Png, Jpeg, Bmp, Tiff };

/// What the container of a picture says, read without decoding a pixel.
struct Container {
  ImageFormat format = ImageFormat::Png;
  ImageInfo stored;     // as the rows lie in the file
  int orientation = 1;  // EXIF 1..8; from 5 on width and height are swapped when shown
  bool grey = false;    // one channel of brightness, perhaps with alpha
};

/// Recognises the format by its first bytes, checks that the file is whole and within kMaxSide and
/// kMaxPixels. Throws Error beginning with `name`.
Container check_container(std::string_view bytes, const std::string& name);

/// One format each; `name` as above. Sizes are not yet held against the limits.
Container check_png(std::string_view bytes, const std::string& name);
Container check_jpeg(std::string_view bytes, const std::string& name);
Container check_bmp(std::string_view bytes, const std::string& name);
Container check_tiff(std::string_view bytes, const std::string& name);

/// The orientation tag (274) of the TIFF structure inside an EXIF block; 1 when there is none.
int exif_orientation(std::string_view tiff);

/// The PNG without what does not bear on its pixels: no colour profile or text can make the decoder complain.
std::string essential_png(std::string_view bytes);

/// Throws Error: `name` and what is wrong, with the remedy for a damaged file.
[[noreturn]] void refuse_damaged(const std::string& name, const std::string& what);

}  // namespace kizu
