// Any bytes either have a header within the limits, or are refused with an Error.
#include <cstdint>
#include <cstdlib>

#include "core/error.h"
#include "image/container.h"
#include "image/png_chunks.h"

namespace {

void check(std::string_view bytes) {
  try {
    const kizu::Container found = kizu::check_container(bytes, "fuzz");
    const auto [width, height] = found.stored;
    if (width < 1 || height < 1 || width > kizu::kMaxSide || height > kizu::kMaxSide ||
        1ll * width * height > kizu::kMaxPixels || found.orientation < 1 || found.orientation > 8)
      std::abort();
    if (found.format == kizu::ImageFormat::Png) kizu::essential_png(bytes);
  } catch (const kizu::Error&) {
  }
}

/// The same PNG with right checksums; without them a fuzzer never gets past the first chunk.
std::string repaired(std::string png) {
  for (std::size_t at = 8; png.size() >= at + 12;) {
    const std::size_t length = kizu::read_big_endian(std::string_view(png).substr(at));
    if (length > png.size() - at - 12) break;
    png.replace(at + 8 + length, 4,
                kizu::big_endian(kizu::crc32(std::string_view(png).substr(at + 4, 4 + length))));
    at += 12 + length;
  }
  return png;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  check(bytes);
  if (bytes.substr(0, 8) == kizu::kPngSignature) check(repaired(std::string(bytes)));
  kizu::exif_orientation(bytes);
  return 0;
}
