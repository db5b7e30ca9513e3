#include "anomaly/shape_warp.h"

#include <algorithm>
#include <cmath>

#include "image/masks.h"

namespace kizu::anomaly {
namespace {

constexpr int kFrame = 4;  // empty px kept around a shape while it is worked on

Stencil framed(const Stencil& stencil, int frame) {
  Stencil out = stencil;
  out.mask = Mask::blank(stencil.mask.width + 2 * frame, stencil.mask.height + 2 * frame);
  for (int y = 0; y < stencil.mask.height; y++)
    for (int x = 0; x < stencil.mask.width; x++) out.mask.at(x + frame, y + frame) = stencil.mask.at(x, y);
  out.anchor_x += frame;
  out.anchor_y += frame;
  return out;
}

Stencil cropped(const Stencil& stencil) {
  const Box box = bounding_box(stencil.mask);
  Stencil out = stencil;
  out.mask = crop(stencil.mask, box);
  out.anchor_x -= box.x0;
  out.anchor_y -= box.y0;
  return out;
}

/// Gives every pixel without a label that of a nearest one that has one (in steps along the axes).
void spread(std::vector<int>& labels, int width, int height) {
  std::vector<int> front;
  for (int i = 0; i < static_cast<int>(labels.size()); i++)
    if (labels[i]) front.push_back(i);
  for (std::size_t next = 0; next < front.size(); next++) {
    const int i = front[next], x = i % width, y = i / width;
    const auto reach = [&](bool inside, int j) {
      if (!inside || labels[j]) return;
      labels[j] = labels[i];
      front.push_back(j);
    };
    reach(x > 0, i - 1);
    reach(x + 1 < width, i + 1);
    reach(y > 0, i - width);
    reach(y + 1 < height, i + width);
  }
}

std::array<double, 4> spline_weights(double f) {
  const double g = 1 - f;
  return {g * g * g / 6, (3 * f * f * f - 6 * f * f + 4) / 6, (3 * g * g * g - 6 * g * g + 4) / 6,
          f * f * f / 6};
}

}  // namespace

Bending::Bending(const Mask& mask, double strength, NoiseStream& stream) {
  const double longer = std::max(mask.width, mask.height);
  spacing_ = std::max(8.0, longer / 3);
  columns_ = static_cast<int>(mask.width / spacing_) + 5;
  rows_ = static_cast<int>(mask.height / spacing_) + 5;
  for (int i = 0; i < columns_ * rows_; i++) {
    // Beyond two standard deviations the surface could fold.
    const double x = std::clamp(stream.normal(), -2.0, 2.0), y = std::clamp(stream.normal(), -2.0, 2.0);
    nodes_.push_back({x * strength * longer, y * strength * longer});
  }
}

Point Bending::at(Point p) const {
  const double u = std::clamp(p.x / spacing_ + 1.5, 1.0, columns_ - 2.001);
  const double v = std::clamp(p.y / spacing_ + 1.5, 1.0, rows_ - 2.001);
  const int i = static_cast<int>(u), j = static_cast<int>(v);
  const auto across = spline_weights(u - i), down = spline_weights(v - j);
  Point sum;
  for (int b = 0; b < 4; b++)
    for (int a = 0; a < 4; a++) {
      const Point& node = nodes_[static_cast<std::size_t>(j - 1 + b) * columns_ + (i - 1 + a)];
      sum.x += across[a] * down[b] * node.x;
      sum.y += across[a] * down[b] * node.y;
    }
  return sum;
}

ShapeWarp::ShapeWarp(const Stencil& stencil, const Variation& variation) {
  NoiseStream stream(mix(variation.seed, "shape"));
  scatter(stencil, variation.jitter, stream);
  bending_.emplace_back(source_.mask, variation.elastic, stream);
  const double angle = variation.angle * 3.14159265358979323846 / 180;
  const double c = std::cos(angle), s = std::sin(angle);
  const double fx = variation.scale * variation.stretch_x * (variation.flip_x ? -1 : 1);
  const double fy = variation.scale * variation.stretch_y * (variation.flip_y ? -1 : 1);
  matrix_ = {c * fx, -s * fy, s * fx, c * fy};
  const double determinant = matrix_[0] * matrix_[3] - matrix_[1] * matrix_[2];
  inverse_ = {matrix_[3] / determinant, -matrix_[1] / determinant, -matrix_[2] / determinant,
              matrix_[0] / determinant};
}

// Moves each component by a small random step of its own.
void ShapeWarp::scatter(const Stencil& stencil, double strength, NoiseStream& stream) {
  source_ = framed(stencil, kFrame);
  std::vector<int> labels;
  const auto parts = components(stencil.mask, &labels);
  const int longer = std::max(stencil.mask.width, stencil.mask.height);
  const int most = static_cast<int>(std::lround(2 * strength * longer));
  if (parts.size() < 2 || stencil.touches.any() || most == 0) return;
  for (std::size_t i = 0; i < parts.size(); i++) {
    const auto step = [&] {
      return std::clamp(static_cast<int>(std::lround(stream.normal() * strength * longer)), -most, most);
    };
    const int dx = step();
    steps_.push_back({dx, step()});
  }
  Stencil moved = framed(stencil, most);
  std::fill(moved.mask.values.begin(), moved.mask.values.end(), std::uint8_t{0});
  owner_width_ = moved.mask.width;
  owner_anchor_ = {moved.anchor_x, moved.anchor_y};
  owner_.assign(moved.mask.values.size(), 0);
  for (int y = 0; y < stencil.mask.height; y++)
    for (int x = 0; x < stencil.mask.width; x++) {
      const int label = labels[static_cast<std::size_t>(y) * stencil.mask.width + x];
      if (!label) continue;
      const int u = x + most + steps_[label - 1].first, v = y + most + steps_[label - 1].second;
      moved.mask.at(u, v) = 1;
      owner_[static_cast<std::size_t>(v) * owner_width_ + u] = label;
    }
  spread(owner_, owner_width_, moved.mask.height);
  source_ = framed(cropped(moved), kFrame);
}

Point ShapeWarp::applied(const std::array<double, 4>& m, Point p) const {
  const double x = p.x - source_.anchor_x, y = p.y - source_.anchor_y;
  return {source_.anchor_x + m[0] * x + m[1] * y, source_.anchor_y + m[2] * x + m[3] * y};
}

Point ShapeWarp::forward(Point p) const {
  const Point bent = bending_[0].at(p);
  return straight({p.x + bent.x, p.y + bent.y});
}

// Solves p + bending(p) = A^-1(q) by fixed-point iteration; the bending contracts.
Point ShapeWarp::backward(Point q) const {
  const Point target = applied(inverse_, q);
  Point p = target;
  for (int i = 0; i < 4; i++) {
    const Point bent = bending_[0].at(p);
    p = {target.x - bent.x, target.y - bent.y};
  }
  return p;
}

std::pair<int, int> ShapeWarp::step_at(Point offset) const {
  if (owner_.empty()) return {0, 0};
  const double right = owner_width_ - 1, bottom = static_cast<double>(owner_.size()) / owner_width_ - 1;
  const auto x = static_cast<std::size_t>(std::clamp(offset.x + owner_anchor_.x, 0.0, right));
  const auto y = static_cast<std::size_t>(std::clamp(offset.y + owner_anchor_.y, 0.0, bottom));
  return steps_[owner_[y * owner_width_ + x] - 1];
}

Point ShapeWarp::origin(Point q) const {
  const Point p = backward({source_.anchor_x + q.x, source_.anchor_y + q.y});
  const Point offset{p.x - source_.anchor_x, p.y - source_.anchor_y};
  const auto [dx, dy] = step_at(offset);
  return {offset.x - dx, offset.y - dy};
}

}  // namespace kizu::anomaly
