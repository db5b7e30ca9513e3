#include "image/codec.h"

#include <algorithm>
#include <cctype>
#include <stdexcept>

#include "core/atomic_file.h"
#include "core/error.h"
#include "core/input_file.h"
#include "image/container.h"
#include "image/decode.h"
#include "image/png_chunks.h"

namespace kizu {
namespace {

// More than the largest picture that is read could need, uncompressed with four channels of 16 bits.
constexpr std::uint64_t kMaxFile = 600'000'000;

struct Loaded {
  Image image;
  ImageFormat format;
};

Loaded load(const std::filesystem::path& file) {
  const std::string bytes = read_file(file, kMaxFile);
  const Container container = check_container(bytes, file.string());
  return {decode(bytes, container, file.string()), container.format};
}

}  // namespace

bool is_image_file(const std::filesystem::path& file) {
  std::string suffix = file.extension().string();
  std::transform(suffix.begin(), suffix.end(), suffix.begin(),
                 [](unsigned char c) { return std::tolower(c); });
  static const char* const kSuffixes[] = {".png", ".jpg", ".jpeg", ".bmp", ".tif", ".tiff"};
  return std::find(std::begin(kSuffixes), std::end(kSuffixes), suffix) != std::end(kSuffixes);
}

ImageInfo read_image_info(const std::filesystem::path& file) {
  const Container container = check_container(read_file(file, kMaxFile), file.string());
  const auto [width, height] = container.stored;
  return container.orientation >= 5 ? ImageInfo{height, width} : ImageInfo{width, height};
}

Image read_image(const std::filesystem::path& file) {
  return load(file).image;
}

Mask read_mask(const std::filesystem::path& file, bool* non_binary) {
  const auto [image, format] = load(file);
  Mask mask = Mask::blank(image.width, image.height);
  const int brightest = *std::max_element(image.values.begin(), image.values.end());
  // JPEG leaves faint noise around every edge; a lossless 0/1 mask has no such noise and must keep its ones.
  const int least = format == ImageFormat::Jpeg && brightest >= 16 ? brightest / 2 : 1;
  const std::uint16_t* foreground = nullptr;
  bool several = false;
  for (std::size_t i = 0; i < mask.values.size(); i++) {
    const std::uint16_t* pixel = &image.values[i * image.channels];
    const std::uint16_t* end = pixel + image.channels;
    mask.values[i] = *std::max_element(pixel, end) >= least;
    if (std::all_of(pixel, end, [](std::uint16_t v) { return v == 0; })) continue;
    if (foreground && !std::equal(pixel, end, foreground)) several = true;
    foreground = pixel;
  }
  if (non_binary) *non_binary = several;
  return mask;
}

void write_png(const std::filesystem::path& file, const Image& image,
               const std::map<std::string, std::string>& texts) {
  write_file(file, with_png_texts(encode_png(image), texts));
}

void write_png(const std::filesystem::path& file, const Mask& mask) {
  Image image = Image::blank(mask.width, mask.height, 1);
  for (std::size_t i = 0; i < mask.values.size(); i++) image.values[i] = mask.values[i] ? 255 : 0;
  write_png(file, image);
}

std::map<std::string, std::string> read_png_texts(const std::filesystem::path& file) {
  std::map<std::string, std::string> texts;
  const std::string wrong =
      walk_png(read_file(file, kMaxFile), [&](std::string_view type, std::string_view data) {
        const std::size_t key = data.find('\0');
        if (key == std::string_view::npos) return;
        if (type == "tEXt") texts.emplace(data.substr(0, key), data.substr(key + 1));
        // Only what write_png makes: not compressed, no language, no translated key.
        if (type == "iTXt" && data.substr(key, 5) == std::string_view("\0\0\0\0\0", 5))
          texts.emplace(data.substr(0, key), data.substr(key + 5));
      });
  if (!wrong.empty()) refuse_damaged(file.string(), wrong);
  return texts;
}

}  // namespace kizu
