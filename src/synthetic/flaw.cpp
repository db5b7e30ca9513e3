#include "synthetic/flaw.h"

#include <algorithm>

#include "tensor/neighbourhood.h"

namespace kizu::synthetic {
namespace {

constexpr int kAttempts = 8;
constexpr float kCovered = 0.15f;  // coverage from which a pixel belongs to the mask

bool on_outline(const Plane& foreground, int x, int y, int reach) {
  for (const auto& [dx, dy] : {std::pair{reach, 0}, {-reach, 0}, {0, reach}, {0, -reach}})
    if (foreground.clamped(x + dx, y + dy) < 0.5f) return true;
  return false;
}

// Rejection: a few hundred darts find any part that covers more than a percent of the picture.
void choose_place(Brush& b, const DefectKind& kind, const FlawOptions& options) {
  const Plane& foreground = b.canvas.foreground;
  const int width = foreground.width, height = foreground.height;
  const bool want_part = b.canvas.has_edge && (kind.at_edge || b.place.chance(options.on_part));
  const bool want_border = !b.canvas.has_edge && kind.at_edge && b.place.chance(0.7);
  const float margin = std::min(0.08f * static_cast<float>(std::min(width, height)), b.extent);
  for (int dart = 0; dart < 400; dart++) {
    b.x = uniform(b.place, margin, static_cast<float>(width) - margin);
    b.y = uniform(b.place, margin, static_cast<float>(height) - margin);
    if (!want_part) break;
    const int x = static_cast<int>(b.x), y = static_cast<int>(b.y);
    if (foreground.clamped(x, y) < 0.5f) continue;
    if (!kind.at_edge || on_outline(foreground, x, y, std::max(2, static_cast<int>(0.5f * b.extent)))) break;
  }
  if (want_border) {
    const bool far = b.place.chance(0.5);
    (b.place.chance(0.5) ? b.x : b.y) = far ? 0.0f : static_cast<float>(std::min(width, height) - 1);
  }
}

void clip_to_part(Layers& layers, const Plane& foreground) {
  for (std::size_t i = 0; i < foreground.v.size(); i++)
    if (foreground.v[i] < 0.5f) layers.alpha.v[i] = layers.gain.v[i] = layers.coverage.v[i] = 0;
}

Layers draw_layers(const Canvas& canvas, const DefectKind& kind, const FlawSeed& seed,
                   const FlawOptions& options) {
  Layers layers(canvas.photo.width(), canvas.photo.height());
  NoiseStream look(mix(seed.look, "size"));
  const float drawn = log_uniform(look, kind.smallest, kind.largest);
  const float typical = (options.extent > 0 ? options.extent : drawn) * canvas.unit;
  NoiseStream place(mix(seed.place, "place"));
  const int count = place.chance(options.more) ? 2 : 1;
  for (int k = 0; k < count; k++) {
    Brush b{canvas, layers, NoiseStream(mix(seed.look, "look")), NoiseStream(mix(seed.place, "instance", k))};
    b.extent = typical * log_uniform(b.place, 0.7, 1.4);
    choose_place(b, kind, options);
    kind.draw(b);
    const bool on_part = canvas.foreground.clamped(static_cast<int>(b.x), static_cast<int>(b.y)) > 0.5f;
    if (kind.bound && canvas.has_edge && on_part) clip_to_part(layers, canvas.foreground);
  }
  return layers;
}

torch::Tensor mask_of(const Layers& layers, int64_t dilation) {
  const auto mask = to_tensor(layers.coverage).gt(kCovered).to(torch::kFloat32).unsqueeze(0);
  return dilate(mask, dilation);  // [1, 1, H, W]
}

// What drowns in the surface's own texture is no visible defect.
float needed_change(const torch::Tensor& normal, const torch::Tensor& mask) {
  const auto grey = normal.mean(1, true) * 0.5;
  const auto area = mask.sum().clamp_min(1);
  const auto mean = (grey * mask).sum() / area;
  const float texture = (((grey - mean).square() * mask).sum() / area).sqrt().item<float>();
  return std::max(kVisibleChange, std::min(0.35f * texture, 24.0f / 255));
}

void strengthen(Appearance& a) {
  a.alpha = 1 - (1 - a.alpha).pow(1.7);
  a.gain = (a.gain * 1.7).clamp(-0.95, 3);
}

/// A plain disk of black or white: the last resort, on a picture where nothing else shows.
Layers plain_disk(const Canvas& canvas, NoiseStream& s) {
  Layers layers(canvas.photo.width(), canvas.photo.height());
  const float radius = std::max(2.0f, log_uniform(s, 3, 15) * canvas.unit);
  const float x = uniform(s, 0.2, 0.8) * layers.coverage.width,
              y = uniform(s, 0.2, 0.8) * layers.coverage.height;
  const float tone = luma(canvas.around(x, y, radius)) > 0.5f ? 0.0f : 1.0f;
  Shape shape(layers.coverage.width, layers.coverage.height);
  add_blob(shape, {x, y, radius, radius, 0}, NoiseField(s.bits()));
  for (std::size_t i = 0; i < shape.depth.v.size(); i++) {
    const float cover = clamp01(shape.depth.v[i] + 0.5f);
    layers.paint(i, {tone, tone, tone}, cover);
    layers.cover(i, cover);
  }
  return layers;
}

}  // namespace

Appearance to_appearance(const Layers& layers) {
  Appearance a{to_tensor(layers.colour).unsqueeze(0),
               to_tensor(layers.alpha).unsqueeze(0),
               to_tensor(layers.gain).unsqueeze(0),
               {}};
  if (layers.warps) a.flow = torch::cat({to_tensor(layers.flow_x), to_tensor(layers.flow_y)}).unsqueeze(0);
  return a;
}

Triple draw_flaw(const Canvas& canvas, const DefectKind& kind, const FlawSeed& seed,
                 const FlawOptions& options) {
  const auto normal = (to_tensor(canvas.photo) * 2 - 1).unsqueeze(0);
  NoiseStream hand(mix(seed.place, "annotator"));
  const bool loose = hand.chance(options.loose);
  const auto dilation =
      loose ? 1 + hand.below(std::max<int64_t>(1, static_cast<int64_t>(4 * canvas.unit))) : 0;
  for (int attempt = 0; attempt <= kAttempts; attempt++) {
    const FlawSeed again{seed.look, attempt == 0 ? seed.place : mix(seed.place, "again", attempt)};
    NoiseStream last(again.place);
    const Layers layers =
        attempt == kAttempts ? plain_disk(canvas, last) : draw_layers(canvas, kind, again, options);
    const auto mask = mask_of(layers, dilation);
    const double share = mask.mean().item<double>();
    if (share * static_cast<double>(mask.numel()) < 5 || share > 0.5) continue;
    auto appearance = to_appearance(layers);
    const float needed = attempt < kAttempts ? needed_change(normal, mask) : 0.0f;
    for (int more = 0; more < 4; more++, strengthen(appearance)) {
      const auto flawed = composite(normal, appearance, mask);
      if (visible_change(normal, flawed, mask).item<float>() < needed) continue;
      return {normal[0], flawed[0], mask[0], kind.name};
    }
  }
  TORCH_CHECK(false, "a plain disk covers at least one pixel of any picture");
}

Plane estimate_foreground(const Picture& photo, bool* has_edge) {
  const int width = photo.width(), height = photo.height();
  double sum[3] = {}, squares[3] = {}, n = 0;
  for (int y = 0; y < height; y++)
    for (int x = 0; x < width; x++) {
      if (x >= 4 && x < width - 4 && y >= 4 && y < height - 4) continue;
      for (int k = 0; k < 3; k++) {
        const double v = photo.c[k].at(x, y);
        sum[k] += v;
        squares[k] += v * v;
      }
      n++;
    }
  float mean[3], spread = 0;
  for (int k = 0; k < 3; k++) {
    mean[k] = static_cast<float>(sum[k] / n);
    spread += static_cast<float>(squares[k] / n - (sum[k] / n) * (sum[k] / n));
  }
  Plane foreground(width, height, 1.0f);
  *has_edge = false;
  if (spread > 0.012f) return foreground;
  double share = 0;
  for (std::size_t i = 0; i < foreground.v.size(); i++) {
    float apart = 0;
    for (int k = 0; k < 3; k++) apart += (photo.c[k].v[i] - mean[k]) * (photo.c[k].v[i] - mean[k]);
    foreground.v[i] = apart > std::max(0.02f, 6 * spread) ? 1.0f : 0.0f;
    share += foreground.v[i];
  }
  share /= static_cast<double>(foreground.v.size());
  if (share < 0.05 || share > 0.85) return Plane(width, height, 1.0f);
  *has_edge = true;
  return foreground;
}

}  // namespace kizu::synthetic
