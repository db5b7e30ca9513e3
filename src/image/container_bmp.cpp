#include <cstdint>
#include <cstdlib>

#include "image/container.h"

namespace kizu {
namespace {

std::uint32_t little_endian(std::string_view bytes, std::size_t at, int count) {
  std::uint32_t value = 0;
  for (int i = count - 1; i >= 0; i--) value = value << 8 | static_cast<unsigned char>(bytes[at + i]);
  return value;
}

}  // namespace

Container check_bmp(std::string_view bytes, const std::string& name) {
  if (bytes.size() < 26) refuse_damaged(name, "is cut short");
  const std::uint64_t pixels_at = little_endian(bytes, 10, 4);
  const std::uint32_t header = little_endian(bytes, 14, 4);
  std::int64_t width, height;
  std::uint32_t bits, compression = 0, stored_size = 0;
  if (header == 12) {  // the old OS/2 header
    width = little_endian(bytes, 18, 2), height = little_endian(bytes, 20, 2),
    bits = little_endian(bytes, 24, 2);
  } else {
    if (header < 40) refuse_damaged(name, "is damaged (its BMP header is unknown)");
    if (bytes.size() < 54) refuse_damaged(name, "is cut short");
    width = static_cast<std::int32_t>(little_endian(bytes, 18, 4));
    height = std::abs(static_cast<std::int64_t>(static_cast<std::int32_t>(little_endian(bytes, 22, 4))));
    bits = little_endian(bytes, 28, 2);
    compression = little_endian(bytes, 30, 4);
    stored_size = little_endian(bytes, 34, 4);
  }
  if (width < 1 || height < 1 || width > 0x7FFFFFFF || height > 0x7FFFFFFF)
    refuse_damaged(name, "has an impossible size");
  if (bits != 1 && bits != 4 && bits != 8 && bits != 16 && bits != 24 && bits != 32)
    refuse_damaged(name, "is damaged (" + std::to_string(bits) + " bits per pixel)");
  if (compression > 3 || (header >= 40 && little_endian(bytes, 46, 4) > 256))
    refuse_damaged(name, "is damaged or packed in a way that is not read");
  const bool plain = compression == 0 || compression == 3;
  const std::uint64_t row = (static_cast<std::uint64_t>(width) * bits + 31) / 32 * 4;
  // A size beyond the limits is refused by the caller, with a better message than "cut short".
  const bool sane = width <= kMaxSide && height <= kMaxSide;
  const std::uint64_t needed = plain ? row * static_cast<std::uint64_t>(height) : stored_size;
  if (pixels_at > bytes.size() || (sane && needed > bytes.size() - pixels_at))
    refuse_damaged(name, "is cut short");
  return {ImageFormat::Bmp, {static_cast<int>(width), static_cast<int>(height)}, 1, false};
}

}  // namespace kizu
