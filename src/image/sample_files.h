#pragma once
#include <cstdint>
#include <string>
#include <vector>

#include "image/image.h"
#include "image/png_chunks.h"
#include "image/png_stored.h"

// For tests: picture files made byte by byte from their specifications, so that the decoder is checked
// against these and not against its own encoder.
namespace kizu::sample {

inline std::string little(std::uint64_t value, int bytes) {
  std::string out;
  for (int i = 0; i < bytes; i++) out += static_cast<char>(value >> (8 * i));
  return out;
}

/// A picture whose every value differs from its neighbours'.
inline Image pattern(int width, int height, int channels, int depth = 8) {
  Image image = Image::blank(width, height, channels, depth);
  std::uint32_t state = 12345;
  for (std::uint16_t& value : image.values) {
    state = state * 1664525u + 1013904223u;
    value = static_cast<std::uint16_t>(depth == 16 ? state >> 16 : state >> 24);
  }
  return image;
}

/// A PNG of any colour type; `rows` are packed as the file holds them, without filter bytes.
inline std::string png(int width, int height, int depth, int colour_type,
                       const std::vector<std::string>& rows, const std::string& before_pixels = "") {
  std::string header =
      big_endian(static_cast<std::uint32_t>(width)) + big_endian(static_cast<std::uint32_t>(height));
  header += static_cast<char>(depth);
  header += static_cast<char>(colour_type);
  header += std::string(3, '\0');
  std::string pixels;
  for (const std::string& row : rows) pixels += std::string(1, '\0') + row;
  return std::string(kPngSignature) + png_chunk("IHDR", header) + before_pixels +
         png_chunk("IDAT", stored_zlib(pixels)) + png_chunk("IEND", "");
}

/// Uncompressed BMP, bottom-up: 24 bits for three channels, 8 bits with a grey palette for one.
inline std::string bmp(const Image& image) {
  const int bytes = image.channels, row = (image.width * bytes + 3) / 4 * 4;
  const int palette = bytes == 1 ? 1024 : 0, start = 54 + palette, size = start + row * image.height;
  std::string out = "BM" + little(size, 4) + little(0, 4) + little(start, 4) + little(40, 4) +
                    little(image.width, 4) + little(image.height, 4) + little(1, 2) + little(8 * bytes, 2) +
                    little(0, 4) + little(row * image.height, 4) + little(2835, 4) + little(2835, 4) +
                    little(0, 8);
  for (int i = 0; i < palette / 4; i++) out += std::string(3, static_cast<char>(i)) + '\0';
  for (int y = image.height - 1; y >= 0; y--) {
    for (int x = 0; x < image.width; x++)
      for (int c = bytes - 1; c >= 0; c--) out += static_cast<char>(image.at(x, y, c));
    out += std::string(row - image.width * bytes, '\0');
  }
  return out;
}

/// Uncompressed little-endian TIFF in one strip, 8 or 16 bits, one or three channels; `orientation` as in
/// EXIF. The directory stands after the pixels, as most writers put it.
inline std::string tiff(const Image& image, int orientation = 1, int bits_override = 0, int format = 1) {
  std::string pixels;
  for (const std::uint16_t value : image.values) pixels += little(value, image.depth / 8);
  const std::size_t bits_at = 8 + (pixels.size() + 1) / 2 * 2;
  const int bits = bits_override ? bits_override : image.depth;
  std::string body = pixels + std::string(pixels.size() % 2, '\0');
  for (int c = 0; c < 3; c++) body += little(bits, 2);
  std::string entries;
  int count = 0;
  const auto entry = [&](int tag, int type, std::uint64_t n, std::uint64_t value) {
    entries += little(tag, 2) + little(type, 2) + little(n, 4) + little(value, 4);
    count++;
  };
  entry(256, 4, 1, image.width);
  entry(257, 4, 1, image.height);
  entry(258, 3, image.channels, image.channels == 1 ? bits : bits_at);
  entry(259, 3, 1, 1);
  entry(262, 3, 1, image.channels == 1 ? 1 : 2);
  entry(273, 4, 1, 8);
  entry(274, 3, 1, orientation);
  entry(277, 3, 1, image.channels);
  entry(278, 4, 1, image.height);
  entry(279, 4, 1, pixels.size());
  entry(339, 3, 1, format);
  return "II" + little(42, 2) + little(bits_at + 6, 4) + body + little(count, 2) + entries + little(0, 4);
}

/// The TIFF structure of an EXIF block with nothing but an orientation.
inline std::string exif_block(int orientation) {
  return "II" + little(42, 2) + little(8, 4) + little(1, 2) + little(274, 2) + little(3, 2) + little(1, 4) +
         little(orientation, 4) + little(0, 4);
}

inline std::string with_exif_orientation(const std::string& jpeg, int orientation) {
  const std::string data = std::string("Exif\0\0", 6) + exif_block(orientation);
  const auto length = static_cast<std::uint16_t>(data.size() + 2);
  return jpeg.substr(0, 2) + "\xFF\xE1" + static_cast<char>(length >> 8) + static_cast<char>(length) + data +
         jpeg.substr(2);
}

}  // namespace kizu::sample
