#pragma once
#include <filesystem>
#include <map>
#include <string>

#include "image/image.h"

namespace kizu {

/// Largest picture that is read: 20,000 px a side and 64 million pixels in all.
inline constexpr int kMaxSide = 20000;
inline constexpr long long kMaxPixels = 64'000'000;

/// What a picture file says of itself before it is decoded.
struct ImageInfo {
  int width = 0;
  int height = 0;
};

/// True for the suffixes that can be read: png jpg jpeg bmp tif tiff, in any case.
bool is_image_file(const std::filesystem::path& file);

/// Size as shown (EXIF orientation applied), from the header; checks like read_image, but decodes nothing.
ImageInfo read_image_info(const std::filesystem::path& file);

/// Decodes PNG, JPEG, BMP or TIFF; grey stays one channel, colour becomes RGB, alpha is dropped, a palette is
/// resolved, 16 bits stay 16, the EXIF orientation is applied. Throws Error naming the file for a missing,
/// unreadable, truncated or too large one.
Image read_image(const std::filesystem::path& file);

/// A mask: everything that is not black is defect; in a JPEG, whose black is noisy, what is at least half as
/// bright as its brightest value. `non_binary` (if given) tells whether other values than one were found
/// beside 0.
Mask read_mask(const std::filesystem::path& file, bool* non_binary = nullptr);

/// Writes a lossless PNG under a temporary name, then renames. `texts` become tEXt chunks (iTXt where the
/// text is not ASCII); a key has 1 to 79 ASCII characters.
void write_png(const std::filesystem::path& file, const Image& image,
               const std::map<std::string, std::string>& texts = {});
/// 0 and 255, one channel.
void write_png(const std::filesystem::path& file, const Mask& mask);
/// The texts that write_png put in.
std::map<std::string, std::string> read_png_texts(const std::filesystem::path& file);
/// The bytes of the PNG, for embedding in a page.
std::string encode_png(const Image& image);
/// JPEG bytes for a page where size counts (quality 1..100).
std::string encode_jpeg(const Image& image, int quality);

}  // namespace kizu
