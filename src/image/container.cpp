#include "image/container.h"

#include "core/error.h"
#include "image/png_chunks.h"

namespace kizu {

void refuse_damaged(const std::string& name, const std::string& what) {
  throw Error(name + " " + what + "; copy it again from its source or remove it");
}

Container check_png(std::string_view bytes, const std::string& name) {
  Container found;
  found.format = ImageFormat::Png;
  bool header = false, first = true, pixels = false;
  const std::string wrong = walk_png(bytes, [&](std::string_view type, std::string_view data) {
    if (first && type == "IHDR" && data.size() == 13) {
      header = true;
      const std::uint32_t width = read_big_endian(data), height = read_big_endian(data.substr(4));
      if (width > 0x7FFFFFFFu || height > 0x7FFFFFFFu) refuse_damaged(name, "has an impossible size");
      found.stored = {static_cast<int>(width), static_cast<int>(height)};
      found.grey = data[9] == 0 || data[9] == 4;
    }
    if (type == "IDAT") pixels = true;
    if (type == "eXIf") found.orientation = exif_orientation(data);
    first = false;
  });
  if (!wrong.empty()) refuse_damaged(name, wrong);
  if (!header || !pixels) refuse_damaged(name, "is a PNG file without a picture");
  return found;
}

std::string essential_png(std::string_view bytes) {
  std::string out(kPngSignature);
  walk_png(bytes, [&](std::string_view type, std::string_view data) {
    for (const char* kept : {"IHDR", "PLTE", "tRNS", "IDAT", "IEND"})
      if (type == kept) out += png_chunk(type, data);
  });
  return out;
}

Container check_container(std::string_view bytes, const std::string& name) {
  Container found;
  const std::string_view start = bytes.substr(0, 4);
  if (bytes.empty()) refuse_damaged(name, "is empty");
  if (start == kPngSignature.substr(0, 4))
    found = check_png(bytes, name);
  else if (start.substr(0, 2) == "\xFF\xD8")
    found = check_jpeg(bytes, name);
  else if (start.substr(0, 2) == "BM")
    found = check_bmp(bytes, name);
  else if (start.substr(0, 2) == "II" || start.substr(0, 2) == "MM")
    found = check_tiff(bytes, name);
  else
    throw Error(name + " is not a PNG, JPEG, BMP or TIFF picture; convert it or remove it");
  const auto [width, height] = found.stored;
  if (width < 1 || height < 1) refuse_damaged(name, "has no pixels");
  if (width > kMaxSide || height > kMaxSide || 1ll * width * height > kMaxPixels)
    throw Error(name + " has " + std::to_string(width) + " x " + std::to_string(height) +
                " pixels; at most " + std::to_string(kMaxSide) + " a side and " +
                std::to_string(kMaxPixels / 1'000'000) +
                " million in all are read; scale it down or cut it into tiles");
  return found;
}

}  // namespace kizu
