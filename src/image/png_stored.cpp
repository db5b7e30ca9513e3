#include "image/png_stored.h"

#include <algorithm>

#include "image/png_chunks.h"

namespace kizu {
namespace {

std::string rows_of(const Image& image) {
  std::string rows;
  const std::size_t row = static_cast<std::size_t>(image.width) * image.channels;
  rows.reserve((row * (image.depth / 8) + 1) * image.height);
  for (int y = 0; y < image.height; y++) {
    rows += '\0';  // filter: none
    for (std::size_t i = y * row; i < (y + 1) * row; i++) {
      if (image.depth == 16) rows += static_cast<char>(image.values[i] >> 8);
      rows += static_cast<char>(image.values[i]);
    }
  }
  return rows;
}

}  // namespace

std::string stored_zlib(const std::string& bytes) {
  constexpr std::size_t kBlock = 65535;
  std::string out = "\x78\x01";
  std::uint32_t a = 1, b = 0;
  for (std::size_t at = 0; at < bytes.size(); at += kBlock) {
    const std::size_t count = std::min(kBlock, bytes.size() - at);
    out += static_cast<char>(at + count == bytes.size() ? 1 : 0);
    for (const std::size_t number : {count, ~count}) {
      out += static_cast<char>(number);
      out += static_cast<char>(number >> 8);
    }
    out.append(bytes, at, count);
  }
  for (const unsigned char byte : bytes) {
    a = (a + byte) % 65521;
    b = (b + a) % 65521;
  }
  return out + big_endian(b << 16 | a);
}

std::string encode_stored_png(const Image& image) {
  std::string header = big_endian(static_cast<std::uint32_t>(image.width)) +
                       big_endian(static_cast<std::uint32_t>(image.height));
  header += static_cast<char>(image.depth);
  header += static_cast<char>(image.channels == 3 ? 2 : 0);
  header += std::string(3, '\0');  // deflate, the standard filters, not interlaced
  return std::string(kPngSignature) + png_chunk("IHDR", header) +
         png_chunk("IDAT", stored_zlib(rows_of(image))) + png_chunk("IEND", "");
}

}  // namespace kizu
