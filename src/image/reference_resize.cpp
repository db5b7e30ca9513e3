#include "image/reference_resize.h"

#include <algorithm>
#include <cmath>
#include <stdexcept>

namespace kizu {
namespace {

/// The source values of one output value along one axis: those from `first` on.
struct Window {
  int first = 0;
  std::vector<double> weights;  // sum to one
};

double bicubic(double x) {
  constexpr double a = -0.5;
  x = std::abs(x);
  if (x < 1) return ((a + 2) * x - (a + 3)) * x * x + 1;
  return x < 2 ? (((x - 5) * x + 8) * x - 4) * a : 0;
}

std::vector<Window> pillow_windows(int from, int to) {
  const double scale = static_cast<double>(from) / to, widening = std::max(scale, 1.0);
  const double support = 2 * widening;
  std::vector<Window> windows;
  for (int i = 0; i < to; i++) {
    const double center = (i + 0.5) * scale;
    Window window;
    // Cut off, not rounded: as Pillow does it.
    const double low = center - support + 0.5, high = center + support + 0.5;
    window.first = std::max(0, static_cast<int>(low));
    const int end = std::min(from, static_cast<int>(high));
    double sum = 0;
    for (int s = window.first; s < end; s++) {
      window.weights.push_back(bicubic((s - center + 0.5) / widening));
      sum += window.weights.back();
    }
    if (sum != 0)
      for (double& weight : window.weights) weight /= sum;
    windows.push_back(std::move(window));
  }
  return windows;
}

constexpr int kPillowBits = 22;

std::vector<int> fixed_point(const Window& window) {
  std::vector<int> weights;
  for (const double weight : window.weights)
    weights.push_back(static_cast<int>(weight * (1 << kPillowBits) + (weight < 0 ? -0.5 : 0.5)));
  return weights;
}

/// Resamples `count` values that lie `stride` apart, starting at from[0], to windows.size() values.
void along(const std::uint16_t* from, std::size_t stride, const std::vector<Window>& windows,
           const std::vector<std::vector<int>>& weights, std::uint16_t* to, std::size_t to_stride) {
  for (std::size_t i = 0; i < windows.size(); i++) {
    int sum = 1 << (kPillowBits - 1);
    for (std::size_t k = 0; k < weights[i].size(); k++)
      sum += from[(windows[i].first + k) * stride] * weights[i][k];
    to[i * to_stride] = static_cast<std::uint16_t>(std::clamp(sum >> kPillowBits, 0, 255));
  }
}

void require_8_bit(const Image& image, int width, int height) {
  if (image.depth != 8 || image.empty() || width < 1 || height < 1)
    throw std::logic_error("reference_resize: an 8-bit picture and a size");
}

/// Two source values and their weights, which sum to 2048.
struct Pair {
  int first = 0, second = 0;
  int weight1 = 0, weight2 = 0;
};

/// Beyond the border OpenCV gives all weight to the border's value across, but keeps both weights down.
std::vector<Pair> opencv_pairs(int from, int to, bool across) {
  // The detour over the inverse is OpenCV's own and shows in the last bit.
  const double scale = 1 / (static_cast<double>(to) / from);
  std::vector<Pair> pairs;
  for (int i = 0; i < to; i++) {
    auto at = static_cast<float>((i + 0.5) * scale - 0.5);
    const int first = static_cast<int>(std::floor(at));
    at -= static_cast<float>(first);
    if (across && (first < 0 || first >= from - 1)) at = 0;
    Pair pair{std::clamp(first, 0, from - 1), std::clamp(first + 1, 0, from - 1), 0, 0};
    pair.weight1 = static_cast<int>(std::lrint((1.0f - at) * 2048.0f));
    pair.weight2 = static_cast<int>(std::lrint(at * 2048.0f));
    pairs.push_back(pair);
  }
  return pairs;
}

}  // namespace

Image resize_as_pillow(const Image& image, int width, int height) {
  require_8_bit(image, width, height);
  const auto pass = [](const Image& from, bool across, int to) {
    const auto windows = pillow_windows(across ? from.width : from.height, to);
    std::vector<std::vector<int>> weights;
    for (const auto& window : windows) weights.push_back(fixed_point(window));
    Image out = Image::blank(across ? to : from.width, across ? from.height : to, from.channels);
    const std::size_t row = static_cast<std::size_t>(from.width) * from.channels;
    const std::size_t out_row = static_cast<std::size_t>(out.width) * out.channels;
    for (int i = 0; i < (across ? from.height : from.width); i++)
      for (int c = 0; c < from.channels; c++) {
        if (across)
          along(&from.values[from.index(0, i, c)], from.channels, windows, weights,
                &out.values[out.index(0, i, c)], out.channels);
        else
          along(&from.values[from.index(i, 0, c)], row, windows, weights, &out.values[out.index(i, 0, c)],
                out_row);
      }
    return out;
  };
  const Image wide = width == image.width ? image : pass(image, true, width);
  return height == image.height ? wide : pass(wide, false, height);
}

std::vector<float> resize_as_pillow(const std::vector<float>& values, int from_width, int from_height,
                                    int width, int height) {
  if (values.size() != static_cast<std::size_t>(from_width) * from_height || width < 1 || height < 1)
    throw std::logic_error("resize_as_pillow: a size that is not the values'");
  const auto at = [](int x, int y, int row) { return static_cast<std::size_t>(y) * row + x; };
  std::vector<float> wide = values;
  if (width != from_width) {
    wide.resize(static_cast<std::size_t>(width) * from_height);
    const auto windows = pillow_windows(from_width, width);
    for (int y = 0; y < from_height; y++)
      for (int x = 0; x < width; x++) {
        double sum = 0;
        for (std::size_t k = 0; k < windows[x].weights.size(); k++)
          sum += values[at(windows[x].first + static_cast<int>(k), y, from_width)] * windows[x].weights[k];
        wide[at(x, y, width)] = static_cast<float>(sum);
      }
  }
  if (height == from_height) return wide;
  std::vector<float> out(static_cast<std::size_t>(width) * height);
  const auto windows = pillow_windows(from_height, height);
  for (int y = 0; y < height; y++)
    for (int x = 0; x < width; x++) {
      double sum = 0;
      for (std::size_t k = 0; k < windows[y].weights.size(); k++)
        sum += wide[at(x, windows[y].first + static_cast<int>(k), width)] * windows[y].weights[k];
      out[at(x, y, width)] = static_cast<float>(sum);
    }
  return out;
}

Image resize_as_opencv(const Image& image, int width, int height) {
  require_8_bit(image, width, height);
  if (width == image.width && height == image.height) return image;
  const auto across = opencv_pairs(image.width, width, true);
  const auto down = opencv_pairs(image.height, height, false);
  Image out = Image::blank(width, height, image.channels);
  for (int y = 0; y < height; y++) {
    const Pair& v = down[y];
    for (int x = 0; x < width; x++) {
      const Pair& h = across[x];
      for (int c = 0; c < image.channels; c++) {
        const auto row = [&](int at) {
          return image.at(h.first, at, c) * h.weight1 + image.at(h.second, at, c) * h.weight2;
        };
        const int upper = (v.weight1 * (row(v.first) >> 4)) >> 16;
        const int lower = (v.weight2 * (row(v.second) >> 4)) >> 16;
        out.at(x, y, c) = static_cast<std::uint16_t>(std::clamp((upper + lower + 2) >> 2, 0, 255));
      }
    }
  }
  return out;
}

}  // namespace kizu
