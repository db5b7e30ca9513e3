#include "anomaly/window.h"

#include <algorithm>
#include <cmath>

#include "core/error.h"
#include "tensor/convert.h"

namespace kizu::anomaly {
namespace {

constexpr double kLeastMargin = 12;       // px of the canvas
constexpr std::size_t kMostWindows = 12;  // a photo full of specks is not worth more

int round_up(double value, int step) {
  return static_cast<int>(std::ceil(value / step - 1e-9)) * step;
}

/// The strongest enlargement at which a defect with this longer side and its margin fit the largest canvas.
double zoom_that_fits(double longer, const WindowOptions& options) {
  return std::min({options.zoom, (options.largest - 2 * kLeastMargin) / longer,
                   options.largest / (longer * (1 + 2 * options.margin))});
}

/// First pixel of a window of this side: centred on [from, to), moved inside [0, size) where it can be.
int placed(int from, int to, int side, int size) {
  if (side >= size) return (size - side) / 2;
  return std::clamp((from + to - side) / 2, 0, size - side);
}

Window around(const Box& box, const Mask& mask, const WindowOptions& options) {
  const double longer = std::max(box.width(), box.height());
  const double zoom = zoom_that_fits(longer, options);
  Window window;
  if (zoom < options.zoom) {
    window.canvas = options.largest;
    // Beyond the photo there is nothing to see: rather zoom in than show its reflection.
    const int needless = std::max({mask.width, mask.height, round_up(options.largest / options.zoom, 1)});
    window.side = std::min(round_up(options.largest / zoom, 1), needless);
  } else {
    const double wanted = zoom * longer + 2 * std::max(zoom * options.margin * longer, kLeastMargin);
    window.canvas = std::clamp(round_up(wanted, 64), options.smallest, options.largest);
    window.side = std::max(1, static_cast<int>(std::lround(window.canvas / zoom)));
  }
  window.x = placed(box.x0, box.x1, window.side, mask.width);
  window.y = placed(box.y0, box.y1, window.side, mask.height);
  return window;
}

Box together(const Box& a, const Box& b) {
  return {std::min(a.x0, b.x0), std::min(a.y0, b.y0), std::max(a.x1, b.x1), std::max(a.y1, b.y1)};
}

/// Puts each component into the group that grows least by it, opening a new one where none stays within
/// `longest`.
std::vector<Box> grouped(const std::vector<Component>& parts, int longest) {
  std::vector<Box> groups;
  for (const Component& part : parts) {
    Box* best = nullptr;
    int best_growth = 0;
    for (Box& group : groups) {
      const Box joined = together(group, part.box);
      const int growth = joined.width() + joined.height() - group.width() - group.height();
      if (std::max(joined.width(), joined.height()) > longest || (best && growth >= best_growth)) continue;
      best = &group;
      best_growth = growth;
    }
    if (best) {
      *best = together(*best, part.box);
    } else {
      groups.push_back(part.box);
    }
  }
  return groups;
}

void check(const WindowOptions& options) {
  if (!(options.zoom >= 0.25 && options.zoom <= 16)) throw Error("zoom: must lie between 0.25 and 16");
  if (!(options.margin >= 0 && options.margin <= 4)) throw Error("margin: must lie between 0 and 4");
  if (options.smallest < 64 || options.smallest % 64 != 0 || options.largest % 64 != 0 ||
      options.largest < options.smallest) {
    throw Error("window sizes: must be multiples of 64, the smallest first");
  }
}

/// Weights [to, from] that resample `from` pixels to `to`: area averaging when shrinking, cubic convolution
/// (Keys 1981, a = -0.5) when enlarging.
torch::Tensor resampling(int from, int to) {
  auto weights = torch::zeros({to, from});
  auto at = weights.accessor<float, 2>();
  const double scale = static_cast<double>(from) / to;
  for (int i = 0; i < to; i++) {
    if (to <= from) {
      const double begin = i * scale, end = begin + scale;
      for (int s = static_cast<int>(begin); s < from && s < end; s++)
        at[i][s] =
            static_cast<float>((std::min(end, s + 1.0) - std::max(begin, static_cast<double>(s))) / scale);
      continue;
    }
    const double center = (i + 0.5) * scale - 0.5;
    const int first = static_cast<int>(std::floor(center)) - 1;
    for (int s = first; s < first + 4; s++) {
      const double d = std::abs(center - s);
      const double weight = d < 1   ? (1.5 * d - 2.5) * d * d + 1
                            : d < 2 ? ((-0.5 * d + 2.5) * d - 4) * d + 2
                                    : 0;
      at[i][std::clamp(s, 0, from - 1)] += static_cast<float>(weight);
    }
  }
  return weights;
}

torch::Tensor resampled(const torch::Tensor& picture, int side) {
  const int from = static_cast<int>(picture.size(1));
  if (from == side) return picture.clone();
  const auto weights = resampling(from, side).to(picture.device());
  return torch::matmul(torch::matmul(weights, picture), weights.t());
}

/// Pixels begin .. begin + count - 1 of a row of `size`, reflected at both ends (edge pixels repeated).
torch::Tensor reflected(int begin, int count, int size) {
  auto index = torch::empty({count}, torch::kInt64);
  auto* out = index.data_ptr<int64_t>();
  for (int i = 0; i < count; i++) {
    const int phase = ((begin + i) % (2 * size) + 2 * size) % (2 * size);
    out[i] = phase < size ? phase : 2 * size - 1 - phase;
  }
  return index;
}

torch::Tensor square(const torch::Tensor& picture, const Window& window) {
  const auto rows = reflected(window.y, window.side, static_cast<int>(picture.size(1))).to(picture.device());
  const auto columns =
      reflected(window.x, window.side, static_cast<int>(picture.size(2))).to(picture.device());
  return picture.index_select(1, rows).index_select(2, columns);
}

/// Sets all canvas pixels a component touches where less than half of its area has survived the threshold:
/// thin lines stay whole and dots stay.
void rescue_thin(const torch::Tensor& fine, const torch::Tensor& coverage, torch::Tensor& set) {
  const Mask mask = to_mask(fine);
  std::vector<int> labels;
  const auto parts = components(mask, &labels);
  const int canvas = static_cast<int>(set.size(2));
  const double scale = static_cast<double>(canvas) / mask.width;
  std::vector<std::vector<int64_t>> touched(parts.size());
  for (int y = 0; y < mask.height; y++)
    for (int x = 0; x < mask.width; x++) {
      const int label = labels[static_cast<std::size_t>(y) * mask.width + x];
      if (label == 0) continue;
      const auto pixel =
          static_cast<int64_t>((y + 0.5) * scale) * canvas + static_cast<int64_t>((x + 0.5) * scale);
      auto& list = touched[label - 1];
      if (list.empty() || list.back() != pixel) list.push_back(pixel);
    }
  float* out = set.data_ptr<float>();
  const float* covered = coverage.data_ptr<float>();
  for (std::size_t i = 0; i < parts.size(); i++) {
    std::sort(touched[i].begin(), touched[i].end());
    touched[i].erase(std::unique(touched[i].begin(), touched[i].end()), touched[i].end());
    double survived = 0;
    for (const auto pixel : touched[i]) survived += out[pixel] * covered[pixel];
    if (survived >= 0.5 * static_cast<double>(parts[i].area) * scale * scale) continue;
    for (const auto pixel : touched[i]) out[pixel] = 1;
  }
}

}  // namespace

std::vector<Window> choose_windows(const Mask& mask, const WindowOptions& options) {
  check(options);
  const Box whole = bounding_box(mask);
  if (whole.empty()) return {};
  const auto fits = [&](int longer) {
    return zoom_that_fits(longer, options) >= std::min(1.0, options.zoom) - 1e-9;
  };
  if (fits(std::max(whole.width(), whole.height()))) return {around(whole, mask, options)};
  int longest = 1;
  while (fits(longest + 1)) longest++;
  const auto parts = components(mask);
  auto groups = grouped(parts, longest);
  while (groups.size() > kMostWindows) groups = grouped(parts, longest *= 2);
  std::vector<Window> windows;
  for (const Box& group : groups) windows.push_back(around(group, mask, options));
  return windows;
}

double window_cover(const Mask& mask, const WindowOptions& options) {
  double covered = 0;
  for (const auto& window : choose_windows(mask, options))
    covered += static_cast<double>(window.side) * window.side;
  return covered == 0 ? 0 : std::min(1.0, static_cast<double>(area(mask)) / covered);
}

torch::Tensor cut(const torch::Tensor& picture, const Window& window) {
  TORCH_CHECK(picture.dim() == 3, "cut: expected [C, H, W], got ", picture.sizes());
  return resampled(square(picture, window), window.canvas);
}

torch::Tensor cut_mask(const torch::Tensor& mask, const Window& window) {
  TORCH_CHECK(mask.dim() == 3 && mask.size(0) == 1, "cut_mask: expected [1, H, W], got ", mask.sizes());
  const auto fine = square(mask.to(torch::kCPU), window).contiguous();
  if (window.canvas >= window.side) {
    // Each canvas pixel lies in one pixel of the photo.
    auto index = ((torch::arange(window.canvas) + 0.5) * window.side / window.canvas).to(torch::kInt64);
    return fine.index_select(1, index).index_select(2, index).to(mask.device());
  }
  const auto coverage = resampled(fine, window.canvas).contiguous();
  auto set = (coverage >= 0.5 - 1e-4).to(torch::kFloat32).contiguous();
  rescue_thin(fine, coverage, set);
  return set.to(mask.device());
}

torch::Tensor put(const torch::Tensor& canvas, const Window& window, int height, int width) {
  TORCH_CHECK(canvas.dim() == 3 && canvas.size(1) == window.canvas && canvas.size(2) == window.canvas,
              "put: expected the window's canvas, got ", canvas.sizes());
  auto photo = torch::zeros({canvas.size(0), height, width}, canvas.options());
  const int y0 = std::max(0, window.y), y1 = std::min(height, window.y + window.side);
  const int x0 = std::max(0, window.x), x1 = std::min(width, window.x + window.side);
  if (y0 >= y1 || x0 >= x1) return photo;
  const auto small = resampled(canvas, window.side);
  photo.slice(1, y0, y1).slice(2, x0, x1).copy_(
      small.slice(1, y0 - window.y, y1 - window.y).slice(2, x0 - window.x, x1 - window.x));
  return photo;
}

}  // namespace kizu::anomaly
