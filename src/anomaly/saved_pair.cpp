#include "anomaly/saved_pair.h"

#include "core/atomic_file.h"
#include "image/codec.h"

namespace kizu::anomaly {
namespace {

constexpr int kJpegQuality = 75;

std::filesystem::path named(std::filesystem::path stem, bool jpeg) {
  return stem += jpeg ? ".jpg" : ".png";
}

/// A JPEG file with the texts as a comment, the segment after its first marker.
std::string with_comment(const std::string& jpeg, const std::map<std::string, std::string>& texts) {
  std::string comment;
  for (const auto& [key, text] : texts) comment += key + ": " + text + "\n";
  const size_t length = comment.size() + 2;
  std::string segment = "\xFF\xFE";
  segment += {static_cast<char>(length >> 8), static_cast<char>(length & 255)};
  return jpeg.substr(0, 2) + segment + comment + jpeg.substr(2);
}

}  // namespace

std::filesystem::path write_picture(const std::filesystem::path& stem, const Image& image,
                                    const Preset& preset, const std::map<std::string, std::string>& texts) {
  const auto file = named(stem, preset.jpeg_images);
  if (preset.jpeg_images)
    write_file(file, with_comment(encode_jpeg(image, kJpegQuality), texts));
  else
    write_png(file, image, texts);
  return file;
}

std::filesystem::path write_mask(const std::filesystem::path& stem, const Mask& mask, const Preset& preset) {
  const auto file = named(stem, preset.jpeg_masks);
  if (preset.jpeg_masks)
    write_file(file, encode_jpeg(picture_of(mask), kJpegQuality));
  else
    write_png(file, mask);
  return file;
}

Image picture_of(const Mask& mask) {
  Image picture = Image::blank(mask.width, mask.height, 1);
  for (size_t i = 0; i < mask.values.size(); i++) picture.values[i] = mask.values[i] ? 255 : 0;
  return picture;
}

}  // namespace kizu::anomaly
