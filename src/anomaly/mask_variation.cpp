#include "anomaly/mask_variation.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <stdexcept>

#include "anomaly/shape_warp.h"
#include "core/error.h"
#include "image/masks.h"

namespace kizu::anomaly {
namespace {

constexpr int kThin = 2;  // what an opening of this radius removes is a stroke
constexpr int kRoom = 4;  // empty px kept around a warped shape

bool set_at(const Mask& mask, int x, int y) {
  return x >= 0 && y >= 0 && x < mask.width && y < mask.height && mask.at(x, y);
}

/// Bilinear coverage at a point; pixel centres lie at halves.
double coverage(const Mask& mask, Point p) {
  const double x = p.x - 0.5, y = p.y - 0.5;
  const int i = static_cast<int>(std::floor(x)), j = static_cast<int>(std::floor(y));
  const double f = x - i, g = y - j;
  return (1 - g) * ((1 - f) * set_at(mask, i, j) + f * set_at(mask, i + 1, j)) +
         g * ((1 - f) * set_at(mask, i, j + 1) + f * set_at(mask, i + 1, j + 1));
}

/// Sets the pixels whose centres lie within `radius` of the segment.
void draw_stroke(Mask& mask, Point a, Point b, double radius) {
  const int x0 = std::max(0, static_cast<int>(std::floor(std::min(a.x, b.x) - radius - 1)));
  const int y0 = std::max(0, static_cast<int>(std::floor(std::min(a.y, b.y) - radius - 1)));
  const int x1 = std::min(mask.width - 1, static_cast<int>(std::ceil(std::max(a.x, b.x) + radius)));
  const int y1 = std::min(mask.height - 1, static_cast<int>(std::ceil(std::max(a.y, b.y) + radius)));
  const double dx = b.x - a.x, dy = b.y - a.y, length = dx * dx + dy * dy;
  for (int y = y0; y <= y1; y++)
    for (int x = x0; x <= x1; x++) {
      const double px = x + 0.5 - a.x, py = y + 0.5 - a.y;
      const double along = length > 0 ? std::clamp((px * dx + py * dy) / length, 0.0, 1.0) : 0;
      const double ex = px - along * dx, ey = py - along * dy;
      if (ex * ex + ey * ey <= radius * radius + 1e-9) mask.at(x, y) = 1;
    }
}

Stencil tightened(const Stencil& stencil) {
  const Box box = bounding_box(stencil.mask);
  Stencil out = stencil;
  out.mask = crop(stencil.mask, box);
  out.anchor_x -= box.x0;
  out.anchor_y -= box.y0;
  return out;
}

/// All but the strokes. What an opening takes off is a stroke only where it reaches out: the rest is the rim
/// of a blob.
Mask thick_part(const Mask& mask) {
  Mask thick = dilate(erode(mask, kThin), kThin);
  const Mask rim = dilate(thick, kThin);
  Mask rest = mask;
  for (std::size_t i = 0; i < rest.values.size(); i++) rest.values[i] = mask.values[i] && !thick.values[i];
  std::vector<int> labels;
  std::vector<char> reaches_out(components(rest, &labels).size(), 0);
  for (std::size_t i = 0; i < labels.size(); i++)
    if (labels[i] && !rim.values[i]) reaches_out[labels[i] - 1] = 1;
  for (std::size_t i = 0; i < labels.size(); i++)
    if (labels[i] && !reaches_out[labels[i] - 1]) thick.values[i] = 1;
  return thick;
}

struct Frame {
  double x0, y0;
  int width, height;
};

/// Where the warped shape may lie: its corners, and as far again as the bending can reach.
Frame bounds(const Stencil& source, const Variation& variation, const ShapeWarp& warp) {
  const double width = source.mask.width, height = source.mask.height;
  double x0 = 1e9, y0 = 1e9, x1 = -1e9, y1 = -1e9;
  for (const Point corner : {Point{0, 0}, {width, 0}, {0, height}, {width, height}}) {
    const Point p = warp.straight(corner);
    x0 = std::min(x0, p.x), y0 = std::min(y0, p.y), x1 = std::max(x1, p.x), y1 = std::max(y1, p.y);
  }
  const double largest = variation.scale * std::max(variation.stretch_x, variation.stretch_y);
  const double reach = kRoom + 3 * variation.elastic * largest * std::max(width, height);
  x0 = std::floor(x0 - reach), y0 = std::floor(y0 - reach);
  return {x0, y0, static_cast<int>(std::ceil(x1 + reach - x0)), static_cast<int>(std::ceil(y1 + reach - y0))};
}

/// Draws what is thin as strokes between the new places of neighbouring pixels, each with its old half-width.
void draw_thin(const Mask& source, const Mask& thick, const ShapeWarp& warp, Point shift, Mask& out) {
  const Mask one = erode(source, 1), two = erode(source, 2);
  const auto half_width = [&](int x, int y) { return two.at(x, y) ? 2.5 : one.at(x, y) ? 1.5 : 0.5; };
  const auto moved = [&](int x, int y) {
    const Point p = warp.forward({x + 0.5, y + 0.5});
    return Point{p.x + shift.x, p.y + shift.y};
  };
  for (int y = 0; y < source.height; y++)
    for (int x = 0; x < source.width; x++) {
      if (!source.at(x, y)) continue;
      const bool stroke = !thick.at(x, y);
      const Point from = stroke ? moved(x, y) : Point{};
      if (stroke) draw_stroke(out, from, from, half_width(x, y));
      constexpr std::array<std::pair<int, int>, 4> kNeighbours{{{1, 0}, {-1, 1}, {0, 1}, {1, 1}}};
      for (const auto& [dx, dy] : kNeighbours) {
        const int u = x + dx, v = y + dy;
        if (!set_at(source, u, v) || (!stroke && thick.at(u, v))) continue;
        const double radius = std::min(half_width(x, y), half_width(u, v));
        draw_stroke(out, stroke ? from : moved(x, y), moved(u, v), radius);
      }
    }
}

}  // namespace

void VariationOptions::check() const {
  if (!(rotation >= 0 && rotation <= 180)) throw Error("rotation: must lie between 0 and 180 degrees");
  if (!(smallest > 0.1 && smallest <= largest && largest <= 4))
    throw Error("scale: must be a range between 0.1 and 4");
  if (!(elastic >= 0 && elastic <= 0.15)) throw Error("elastic: must lie between 0 and 0.15");
  if (!(jitter >= 0 && jitter <= 0.5)) throw Error("jitter: must lie between 0 and 0.5");
}

Stencil cut_out(const Mask& mask, bool loose) {
  const Box box = bounding_box(mask);
  if (box.empty()) throw std::logic_error("cut_out: an empty mask");
  Stencil stencil;
  if (!loose) stencil.touches = {box.x0 == 0, box.y0 == 0, box.x1 == mask.width, box.y1 == mask.height};
  const Sides& t = stencil.touches;
  const auto close = [loose](int gap, int other, int photo) {
    return !loose && gap <= std::max(3, photo / 32) && gap <= other;
  };
  const int left = box.x0, right = mask.width - box.x1, top = box.y0, bottom = mask.height - box.y1;
  stencil.near.left = !t.across() && close(left, right, mask.width);
  stencil.near.right = !t.across() && !stencil.near.left && close(right, left, mask.width);
  stencil.near.top = !t.down() && close(top, bottom, mask.height);
  stencil.near.bottom = !t.down() && !stencil.near.top && close(bottom, top, mask.height);
  stencil.gap_x = std::min(left, right);
  stencil.gap_y = std::min(top, bottom);
  // A line along each touched border goes on outwards, far enough for a turn of a few degrees.
  const int beyond = 3 + std::max(box.width(), box.height()) / 5;
  stencil.beyond = beyond;
  const Box wide{box.x0 - t.left * beyond, box.y0 - t.top * beyond, box.x1 + t.right * beyond,
                 box.y1 + t.bottom * beyond};
  stencil.mask = Mask::blank(wide.width(), wide.height());
  for (int y = 0; y < stencil.mask.height; y++)
    for (int x = 0; x < stencil.mask.width; x++)
      stencil.mask.at(x, y) =
          mask.at(std::clamp(wide.x0 + x, 0, mask.width - 1), std::clamp(wide.y0 + y, 0, mask.height - 1));
  const auto anchor = [](bool low, bool high, int begin, int end) {
    return low && !high ? begin : high && !low ? end : 0.5 * (begin + end);
  };
  stencil.photo_x = anchor(t.left, t.right, box.x0, box.x1);
  stencil.photo_y = anchor(t.top, t.bottom, box.y0, box.y1);
  stencil.anchor_x = stencil.photo_x - wide.x0;
  stencil.anchor_y = stencil.photo_y - wide.y0;
  return stencil;
}

Variation draw_variation(const Stencil& stencil, NoiseStream& stream, const VariationOptions& options) {
  Variation variation;
  variation.flip_x = stream.chance(0.5) && options.flips;
  variation.flip_y = stream.chance(0.5) && options.flips;
  const double most = stencil.touches.any() ? std::min(5.0, options.rotation) : options.rotation;
  variation.angle = stream.uniform(-most, most);
  variation.scale = std::exp(stream.uniform(std::log(options.smallest), std::log(options.largest)));
  variation.elastic = options.elastic * stream.uniform();
  variation.jitter = options.jitter * stream.uniform();
  variation.seed = stream.bits();
  return variation;
}

Stencil vary(const Stencil& stencil, const Variation& variation) {
  const ShapeWarp warp(stencil, variation);
  const Stencil& source = warp.source();
  const Frame frame = bounds(source, variation, warp);
  const Point shift{-frame.x0, -frame.y0};
  Stencil out = stencil;
  out.mask = Mask::blank(frame.width, frame.height);
  out.anchor_x = source.anchor_x + shift.x;
  out.anchor_y = source.anchor_y + shift.y;
  const Mask thick = thick_part(source.mask);
  if (area(thick) > 0) {
    for (int y = 0; y < out.mask.height; y++)
      for (int x = 0; x < out.mask.width; x++)
        out.mask.at(x, y) = coverage(thick, warp.backward({x + 0.5 - shift.x, y + 0.5 - shift.y})) >= 0.5;
  }
  draw_thin(source.mask, thick, warp, shift, out.mask);
  if (area(out.mask) == 0)
    draw_stroke(out.mask, {out.anchor_x, out.anchor_y}, {out.anchor_x, out.anchor_y}, 0.75);
  for (Sides* sides : {&out.touches, &out.near}) {
    if (variation.flip_x) std::swap(sides->left, sides->right);
    if (variation.flip_y) std::swap(sides->top, sides->bottom);
  }
  return tightened(out);
}

}  // namespace kizu::anomaly
