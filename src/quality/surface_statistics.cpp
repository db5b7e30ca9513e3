#include "quality/surface_statistics.h"

#include <algorithm>
#include <cmath>

#include "tensor/convert.h"
#include "tensor/neighbourhood.h"

namespace kizu::quality {

const std::array<const char*, kSurfaceStatistics> kSurfaceNames{
    "contrast red", "contrast green", "contrast blue", "spread red",   "spread green",
    "spread blue",  "dark end",       "bright end",    "gradient",     "edge",
    "fine detail",  "middle detail",  "coarse detail", "grain around", "beyond the mask"};
const std::array<const char*, kMaskStatistics> kMaskNames{"log area", "log elongation", "log regions", "fill",
                                                          "log thickness"};

namespace {

constexpr int kRingFrom = 3, kRingWidth = 5;

torch::Tensor flags(const Mask& mask) {
  return to_tensor(mask)[0] > 0.5;
}

torch::Tensor smoothed(const torch::Tensor& plane, int64_t side) {
  return mean_near(plane.unsqueeze(0), side / 2)[0];
}

torch::Tensor gradient_of(const torch::Tensor& plane) {
  const auto wide =
      torch::replication_pad2d(plane.view({1, 1, plane.size(0), plane.size(1)}), {1, 1, 1, 1})[0][0];
  const auto h = plane.size(0), w = plane.size(1);
  const auto x = (wide.slice(0, 1, h + 1).slice(1, 2, w + 2) - wide.slice(0, 1, h + 1).slice(1, 0, w)) / 2;
  const auto y = (wide.slice(0, 2, h + 2).slice(1, 1, w + 1) - wide.slice(0, 0, h).slice(1, 1, w + 1)) / 2;
  return (x.square() + y.square()).sqrt();
}

double mean_of(const torch::Tensor& values) {
  return values.numel() > 0 ? values.mean().item<double>() : 0;
}
double deviation_of(const torch::Tensor& values) {
  return values.numel() > 0 ? values.std(false).item<double>() : 0;
}
double quantile_of(const torch::Tensor& values, double share) {
  const auto sorted = std::get<0>(values.sort());
  return sorted[std::llround(share * static_cast<double>(sorted.numel() - 1))].item<double>();
}

}  // namespace

SurfaceStatistics surface_statistics(const DefectPicture& picture) {
  const auto near = neighbourhood(picture);
  const auto rgb = to_01(near.image).to(torch::kFloat64) * 255;
  const auto grey = 0.299 * rgb[0] + 0.587 * rgb[1] + 0.114 * rgb[2];
  const auto inside = flags(near.mask);
  auto around = flags(ring(near.mask, kRingFrom, kRingWidth));
  if (!around.any().item<bool>()) around = inside.logical_not();
  const auto grown = flags(dilate(near.mask, 1));
  const auto outline = grown.logical_and(flags(erode(near.mask, 1)).logical_not());
  const auto beyond = grey.masked_select(grown.logical_and(inside.logical_not()));
  const double ring_mean = mean_of(grey.masked_select(around));
  const auto within = grey.masked_select(inside), steps = gradient_of(grey);
  const auto soft3 = smoothed(grey, 3), soft5 = smoothed(grey, 5), soft9 = smoothed(grey, 9);
  const auto fine = grey - soft3;
  SurfaceStatistics s{};
  for (int c = 0; c < 3; c++) {
    s[c] = mean_of(rgb[c].masked_select(inside)) - mean_of(rgb[c].masked_select(around));
    s[3 + c] = deviation_of(rgb[c].masked_select(inside));
  }
  s[6] = quantile_of(within, 0.05) - ring_mean;
  s[7] = quantile_of(within, 0.95) - ring_mean;
  s[8] = mean_of(steps.masked_select(inside));
  s[9] = mean_of(steps.masked_select(outline));
  s[10] = deviation_of(fine.masked_select(inside));
  s[11] = deviation_of((soft3 - soft5).masked_select(inside));
  s[12] = deviation_of((soft5 - soft9).masked_select(inside));
  s[13] = deviation_of(fine.masked_select(around));
  s[14] = beyond.numel() > 0 ? mean_of(beyond) - ring_mean : 0;
  return s;
}

MaskStatistics mask_statistics(const Mask& mask) {
  const Box box = bounding_box(mask);
  TORCH_CHECK(!box.empty(), "mask_statistics: the mask is empty");
  const auto size = static_cast<double>(area(mask));
  const double outline = size - static_cast<double>(area(erode(mask, 1)));  // erosion also eats at the border
  const double longer = std::max(box.width(), box.height()), shorter = std::min(box.width(), box.height());
  return {std::log(size), std::log(longer / shorter), std::log(static_cast<double>(components(mask).size())),
          size / (static_cast<double>(box.width()) * box.height()), std::log(size / std::max(1.0, outline))};
}

}  // namespace kizu::quality
