#include "anomaly/transplant.h"

#include <algorithm>
#include <cmath>

#include "anomaly/contrast_matching.h"
#include "anomaly/relighting.h"
#include "anomaly/shape_warp.h"
#include "core/error.h"
#include "tensor/convert.h"
#include "tensor/neighbourhood.h"

namespace kizu::anomaly {
namespace {

// What a defect changes does not end where its label does: one px outside of it the shots of nine types show
// .1 to .4 of the change inside, three px outside next to nothing (docs/results.md, "Beyond the label").
// Pairs whose change ends with the mask teach that such a px is defect, and that defects have sharp edges.
constexpr double kFade = 2;        // px of the photo, half of the width over which the shot's pixels fade out
constexpr int64_t kRingWidth = 6;  // px of the canvas, beyond what fades, in which the light is compared

int64_t fade_radius(const Window& window) {
  return std::max<int64_t>(1, std::llround(kFade * window.zoom()));
}

bool holds(const Box& box, Point p) {
  return p.x >= box.x0 && p.x < box.x1 && p.y >= box.y0 && p.y < box.y1;
}

/// The change [3, H, W] on the mask; around it what the shot shows there, fading out within 2 * radius px,
/// but nothing that is not a weaker form of the change nearby: the shot's surroundings are not part of the
/// defect.
torch::Tensor faded(const torch::Tensor& change, const torch::Tensor& mask, int64_t radius) {
  const auto nearby = mean_near(change * mask, 2 * radius) / mean_near(mask, 2 * radius).clamp_min(1e-6);
  const auto outside = change.clamp(nearby.clamp_max(0), nearby.clamp_min(0));
  const auto share = mean_near(dilate(mask, radius), radius);
  return torch::where(mask > 0.5, change, share * outside);
}

/// Where each pixel of the canvas comes from.
struct Origins {
  torch::Tensor in_shot;  // [1, canvas, canvas, 2], as grid_sample has it
  torch::Tensor known;    // [1, canvas, canvas], 1 where the shot and the photo both have such a pixel
};

/// For the pixels that are `wanted` [1, canvas, canvas]; zero elsewhere.
Origins origins(const Donor& donor, const Window& window, const Box& photo, const torch::Tensor& wanted) {
  const Pose& pose = donor.pose;
  const Mask& mask = donor.shot->mask;
  const Box shot{0, 0, mask.width, mask.height};
  const Stencil stencil = cut_out(mask, pose.loose);
  const ShapeWarp warp(stencil, pose.variation);
  const double step = static_cast<double>(window.side) / window.canvas;
  Origins all{torch::zeros({1, window.canvas, window.canvas, 2}),
              torch::zeros({1, window.canvas, window.canvas})};
  const auto asked = wanted.to(torch::kFloat32).contiguous();
  const float* ask = asked.data_ptr<float>();
  float* from = all.in_shot.data_ptr<float>();
  float* known = all.known.data_ptr<float>();
  for (int y = 0; y < window.canvas; y++)
    for (int x = 0; x < window.canvas; x++, from += 2, known++, ask++) {
      if (*ask == 0) continue;
      const Point at{(x + 0.5) * step + window.x, (y + 0.5) * step + window.y};
      const Point offset = warp.origin({at.x - stencil.photo_x - pose.dx, at.y - stencil.photo_y - pose.dy});
      const Point there{offset.x + stencil.photo_x, offset.y + stencil.photo_y};
      from[0] = static_cast<float>(2 * there.x / mask.width - 1);
      from[1] = static_cast<float>(2 * there.y / mask.height - 1);
      *known = holds(photo, at) && holds(shot, there);
    }
  return all;
}

// What make_mask may have drawn, with room to spare.
bool possible(const Pose& pose) {
  const auto within = [](double value, double low, double high) { return value >= low && value <= high; };
  const Variation& v = pose.variation;
  return within(v.angle, -360, 360) && within(v.scale, 1e-3, 1e3) && within(v.stretch_x, 1e-3, 1e4) &&
         within(v.stretch_y, 1e-3, 1e4) && within(v.elastic, 0, 0.15) && within(v.jitter, 0, 0.5) &&
         within(pose.dx, -1e6, 1e6) && within(pose.dy, -1e6, 1e6);
}

}  // namespace

Pose Pose::of(const Json& origin) {
  try {
    const auto flip = origin.at("flip").get<std::string>();
    Pose pose;
    auto& v = pose.variation;
    v.flip_x = flip == "horizontal" || flip == "both";
    v.flip_y = flip == "vertical" || flip == "both";
    v.angle = origin.at("angle");
    v.scale = origin.at("scale");
    v.stretch_x = origin.at("stretch").at(0);
    v.stretch_y = origin.at("stretch").at(1);
    v.elastic = origin.at("elastic");
    v.jitter = origin.at("jitter");
    v.seed = origin.at("shape_seed");
    pose.dx = origin.at("dx");
    pose.dy = origin.at("dy");
    pose.loose = origin.value("loose", false);
    pose.in_place = origin.value("in_place", false);
    if (possible(pose)) return pose;
  } catch (const Json::exception&) {
    // told below
  }
  throw Error(
      "masks.json: a mask's origin does not say wholly how it came from its shot; run kizu masks again");
}

torch::Tensor transplant(const Donor& donor, const torch::Tensor& good, const torch::Tensor& mask,
                         const Window& window, const Box& photo, double severity) {
  namespace F = torch::nn::functional;
  const int64_t radius = fade_radius(window);
  const auto near = dilate(mask, 2 * radius + 1), around = dilate(near, kRingWidth);
  const auto from = origins(donor, window, photo, around);
  // Beyond its border a shot shows nothing; its reflection is at least of the same surface.
  const auto seen = F::grid_sample(to_pm1(donor.shot->image).unsqueeze(0), from.in_shot,
                                   F::GridSampleFuncOptions()
                                       .mode(torch::kBilinear)
                                       .padding_mode(torch::kReflection)
                                       .align_corners(false))[0];
  const auto ring = (around - near) * from.known;
  auto lit = relit(seen, good, ring);
  if (severity != 1 && ring.sum().item<double>() > 0)
    lit = lit + (severity - 1) * (mean_change(lit, mask) - mean_change(lit, ring)).view({3, 1, 1});
  return good + faded(lit.clamp(-1, 1) - good, mask, radius);
}

}  // namespace kizu::anomaly
