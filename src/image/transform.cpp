#include "image/transform.h"

#include <algorithm>
#include <cmath>
#include <stdexcept>

namespace kizu {
namespace {

/// One output pixel along one axis: source pixels from `first` on with these weights, which sum to one.
struct Taps {
  int first = 0;
  std::vector<float> weights;
};

/// Area averaging: the part of each source pixel that the output pixel covers.
Taps area_taps(int i, int from, int to) {
  const double scale = static_cast<double>(from) / to, begin = i * scale, end = (i + 1) * scale;
  Taps taps;
  taps.first = std::min(static_cast<int>(begin), from - 1);
  const int last = std::clamp(static_cast<int>(std::ceil(end - 1e-9)) - 1, taps.first, from - 1);
  for (int s = taps.first; s <= last; s++)
    taps.weights.push_back(
        static_cast<float>((std::min(end, s + 1.0) - std::max(begin, static_cast<double>(s))) / scale));
  return taps;
}

/// Cubic convolution with a = -0.5 (Keys 1981, equation 15).
double cubic(double d) {
  d = std::abs(d);
  if (d < 1) return (1.5 * d - 2.5) * d * d + 1;
  return d < 2 ? ((-0.5 * d + 2.5) * d - 4) * d + 2 : 0;
}

/// Pixels beyond the border repeat the border's.
Taps cubic_taps(int i, int from, int to) {
  const double center = (i + 0.5) * from / to - 0.5;
  const int start = static_cast<int>(std::floor(center)) - 1;
  Taps taps;
  taps.first = std::clamp(start, 0, from - 1);
  taps.weights.assign(std::clamp(start + 3, 0, from - 1) - taps.first + 1, 0.0f);
  for (int s = start; s < start + 4; s++)
    taps.weights[std::clamp(s, 0, from - 1) - taps.first] += static_cast<float>(cubic(center - s));
  return taps;
}

std::vector<Taps> taps_for(int from, int to) {
  std::vector<Taps> all;
  for (int i = 0; i < to; i++) all.push_back(to <= from ? area_taps(i, from, to) : cubic_taps(i, from, to));
  return all;
}

/// A row of the source, resampled to the new width.
void across(const Image& image, int y, const std::vector<Taps>& taps, float* to) {
  const int channels = image.channels;
  const std::uint16_t* row = image.values.data() + image.index(0, y);
  for (const Taps& tap : taps) {
    for (int c = 0; c < channels; c++) {
      float sum = 0;
      const std::uint16_t* from = row + static_cast<std::size_t>(tap.first) * channels + c;
      for (const float weight : tap.weights) sum += weight * *from, from += channels;
      *to++ = sum;
    }
  }
}

void require(bool fine, const char* what) {
  if (!fine) throw std::logic_error(what);
}

}  // namespace

Image resize(const Image& image, int width, int height) {
  require(width > 0 && height > 0 && !image.empty(), "resize: an empty picture");
  if (width == image.width && height == image.height) return image;
  const std::vector<Taps> columns = taps_for(image.width, width), rows = taps_for(image.height, height);
  const std::size_t row_size = static_cast<std::size_t>(width) * image.channels;
  Image out = Image::blank(width, height, image.channels, image.depth);
  std::vector<std::vector<float>> ready(
      image.height);  // source rows at the new width, as long as they are needed
  std::vector<float> sum(row_size);
  const auto top = static_cast<float>(image.max_value());
  for (int y = 0, oldest = 0; y < height; y++) {
    for (; oldest < rows[y].first; oldest++) std::vector<float>().swap(ready[oldest]);
    std::fill(sum.begin(), sum.end(), 0.0f);
    for (std::size_t k = 0; k < rows[y].weights.size(); k++) {
      std::vector<float>& row = ready[rows[y].first + k];
      if (row.empty()) {
        row.resize(row_size);
        across(image, rows[y].first + static_cast<int>(k), columns, row.data());
      }
      for (std::size_t i = 0; i < row_size; i++) sum[i] += rows[y].weights[k] * row[i];
    }
    std::uint16_t* to = out.values.data() + out.index(0, y);
    for (std::size_t i = 0; i < row_size; i++)
      to[i] = static_cast<std::uint16_t>(std::lround(std::clamp(sum[i], 0.0f, top)));
  }
  return out;
}

Image crop(const Image& image, const Box& box) {
  require(box.x0 >= 0 && box.y0 >= 0 && box.x1 <= image.width && box.y1 <= image.height && !box.empty(),
          "crop: the box leaves the picture");
  Image out = Image::blank(box.width(), box.height(), image.channels, image.depth);
  for (int y = 0; y < out.height; y++)
    std::copy_n(&image.values[image.index(box.x0, box.y0 + y)],
                static_cast<std::size_t>(out.width) * out.channels, &out.values[out.index(0, y)]);
  return out;
}

Image to_rgb(const Image& image) {
  if (image.channels == 3) return image;
  Image out = Image::blank(image.width, image.height, 3, image.depth);
  for (std::size_t i = 0; i < out.values.size(); i++) out.values[i] = image.values[i / 3];
  return out;
}

Image to_grey(const Image& image) {
  if (image.channels == 1) return image;
  Image out = Image::blank(image.width, image.height, 1, image.depth);
  for (std::size_t i = 0; i < out.values.size(); i++) {  // luma of ITU-R BT.601
    const std::uint16_t* rgb = &image.values[3 * i];
    out.values[i] =
        static_cast<std::uint16_t>((299u * rgb[0] + 587u * rgb[1] + 114u * rgb[2] + 500u) / 1000u);
  }
  return out;
}

Image to_8bit(const Image& image) {
  if (image.depth == 8) return image;
  Image out = image;
  out.depth = 8;
  for (std::uint16_t& value : out.values) value = static_cast<std::uint16_t>((value + 128) / 257);
  return out;
}

Image overlay(const Image& image, const Mask& mask, int red, int green, int blue) {
  require(mask.width == image.width && mask.height == image.height,
          "overlay: picture and mask differ in size");
  Image out = to_rgb(to_8bit(image));
  const Mask inside = erode(mask, 1);
  const int colour[3] = {red, green, blue};
  for (std::size_t i = 0; i < mask.values.size(); i++) {
    if (!mask.values[i]) continue;
    const int share =
        inside.values[i] ? 30 : 100;  // per cent of the colour: a tint within, solid on the outline
    for (int c = 0; c < 3; c++) {
      std::uint16_t& value = out.values[3 * i + c];
      value = static_cast<std::uint16_t>((value * (100 - share) + colour[c] * share + 50) / 100);
    }
  }
  return out;
}

Image contact_sheet(const std::vector<Image>& images, int columns, int cell, int gap) {
  require(!images.empty() && columns > 0 && cell > 0 && gap >= 0, "contact_sheet: nothing to show");
  const int count = static_cast<int>(images.size());
  const int across_count = std::min(columns, count), down_count = (count + columns - 1) / columns;
  Image sheet = Image::blank(across_count * (cell + gap) + gap, down_count * (cell + gap) + gap, 3);
  std::fill(sheet.values.begin(), sheet.values.end(), std::uint16_t{255});
  for (int i = 0; i < count; i++) {
    const Image& image = images[i];
    const double scale = static_cast<double>(cell) / std::max(image.width, image.height);
    const int width = std::clamp(static_cast<int>(std::lround(image.width * scale)), 1, cell);
    const int height = std::clamp(static_cast<int>(std::lround(image.height * scale)), 1, cell);
    const Image small = to_rgb(to_8bit(resize(image, width, height)));
    const int x = gap + i % columns * (cell + gap) + (cell - width) / 2;
    const int y = gap + i / columns * (cell + gap) + (cell - height) / 2;
    for (int row = 0; row < height; row++)
      std::copy_n(&small.values[small.index(0, row)], 3 * static_cast<std::size_t>(width),
                  &sheet.values[sheet.index(x, y + row)]);
  }
  return sheet;
}

}  // namespace kizu
