#include "synthetic/picture_scene.h"

#include <algorithm>
#include <utility>

#include "synthetic/lighting.h"
#include "synthetic/marks.h"
#include "synthetic/material.h"
#include "synthetic/parts.h"
#include "synthetic/sensor.h"

namespace kizu::synthetic {
namespace {

Frame draw_frame(NoiseStream& s, int width, int height) {
  Frame f;
  f.width = width;
  f.height = height;
  // Half of all photos are taken square to the grain.
  f.angle = s.chance(0.5) ? 1.5707963f * static_cast<float>(s.below(4)) + uniform(s, -0.05, 0.05)
                          : uniform(s, 0, 6.2831853);
  // Zoomed crops (up to 5 times) are in distribution: small defects are painted on enlarged windows.
  f.zoom = (s.chance(0.2) ? log_uniform(s, 2, 5) : log_uniform(s, 0.5, 2)) *
           static_cast<float>(std::min(width, height)) / 256;
  f.du = uniform(s, -2000, 2000);
  f.dv = uniform(s, -2000, 2000);
  return f;
}

void join(Scene& scene, const Picture& part, const Part& outline, const Light& light, NoiseStream& s) {
  const int width = part.width(), height = part.height();
  const float reach = uniform(s, 1, 12), dark = s.chance(0.75) ? uniform(s, 0.1, 0.75) : 0.0f;
  const float soft = uniform(s, 0.6, 1.5), spread = uniform(s, 2, 14);
  const int dx = static_cast<int>(light.x * reach), dy = static_cast<int>(light.y * reach);
  const float edge = s.chance(0.5) ? uniform(s, -0.3, 0.1) : 0.0f;
  for (int y = 0; y < height; y++)
    for (int x = 0; x < width; x++) {
      const std::size_t i = scene.foreground.index(x, y);
      const float d = outline.depth.at(x, y);
      const float inside = clamp01(d / soft + 0.5f);
      const float shadow = dark * smooth_step(-spread, spread, outline.depth.clamped(x + dx, y + dy));
      const float rim = 1 + edge * std::exp(-std::abs(d) / 2);
      scene.photo.set(i, mix_colours(scene.photo.get(i) * (1 - shadow), part.get(i) * rim, inside));
      if (d > 0) scene.foreground.v[i] = 1;
    }
}

Picture ground_picture(NoiseStream& s, const Light& light, int width, int height) {
  if (s.chance(0.35)) {  // black velvet or a light box
    const Colour c = s.chance(0.6) ? metal_colour(s, 0.01, 0.1) : metal_colour(s, 0.7, 1);
    return Picture(width, height, c);
  }
  return shade(ground_material(s, draw_frame(s, width, height)), light);
}

void add_part(Scene& scene, const Part& part, Material body, const Light& light, NoiseStream& s) {
  add_marks(body.albedo, s);
  add_grain(body.albedo, s);
  lay_part(scene, part, std::move(body), light, s);
}

Frame frame_along(NoiseStream& s, const Part& part) {
  Frame frame = draw_frame(s, part.depth.width, part.depth.height);
  if (s.chance(0.6)) frame.angle = part.axis;
  return frame;
}

// A dark case with bright legs, as electronic parts are.
void add_component(Scene& scene, const Light& light, NoiseStream& s) {
  const int width = scene.photo.width(), height = scene.photo.height();
  const Part legs = draw_part(s, width, height, PartShape::leads);
  const Frame metal_frame = frame_along(s, legs);
  add_part(scene, legs, s.chance(0.6) ? brushed_metal(s, metal_frame) : cast_metal(s, metal_frame), light, s);
  PartPlace on_legs{legs.x - 0.35f * legs.size * std::cos(legs.axis),
                    legs.y - 0.35f * legs.size * std::sin(legs.axis), 0.6f * legs.size, legs.axis};
  on_legs.x = std::max(on_legs.x, 0.0f);
  on_legs.y = std::max(on_legs.y, 0.0f);
  const Part body = draw_part(s, width, height, PartShape::body, on_legs);
  const Frame frame = frame_along(s, body);
  add_part(scene, body, s.chance(0.6) ? rubber(s, frame) : part_material(s, frame), light, s);
}

// One part, or smaller ones stacked on it: washers under nuts, cores in a cable, the rim of a bottle.
void add_stack(Scene& scene, const Light& light, NoiseStream& s) {
  const int width = scene.photo.width(), height = scene.photo.height();
  Part part = draw_part(s, width, height, any_shape(s));
  add_part(scene, part, part_material(s, frame_along(s, part)), light, s);
  const int more = s.chance(0.4) ? static_cast<int>(1 + s.below(3)) : 0;
  const bool beside = s.chance(0.3);  // cores lie side by side, rings lie inside one another
  float size = part.size;
  for (int k = 0; k < more; k++) {
    size *= beside && k > 0 ? 1.0f : uniform(s, 0.35, 0.85);
    const float turn = 6.2831853f * static_cast<float>(k) / static_cast<float>(more),
                away = beside ? 1.1f * size : 0.0f;
    const PartPlace place{std::max(0.0f, part.x + away * std::cos(turn)),
                          std::max(0.0f, part.y + away * std::sin(turn)), size, part.axis};
    const Part upper = draw_part(s, width, height, any_shape(s), place);
    add_part(scene, upper, part_material(s, frame_along(s, upper)), light, s);
  }
}

}  // namespace

// Parts shade by their body and by the grain of their material.
void lay_part(Scene& scene, const Part& part, Material body, const Light& light, NoiseStream& s) {
  for (std::size_t i = 0; i < part.relief.v.size(); i++) body.relief.v[i] += part.relief.v[i];
  join(scene, shade(body, light), part, light, s);
}

Scene draw_scene(uint64_t seed, int width, int height) {
  NoiseStream s(mix(seed, "scene"));
  Scene scene{Picture(), Plane(width, height, 0.0f), s.chance(0.34)};
  const Light light = draw_light(s);
  const double layout = s.uniform();
  if (layout < 0.5) {
    Material surface = any_material(s, draw_frame(s, width, height));
    add_marks(surface.albedo, s);
    add_grain(surface.albedo, s);
    scene.photo = shade(surface, light);
    scene.foreground = Plane(width, height, 1.0f);
  } else if (layout < 0.65) {
    const Part plate = draw_plate_edges(s, width, height);
    scene.photo = ground_picture(s, light, width, height);
    const Frame frame = frame_along(s, plate);
    const bool ground = s.chance(0.35);
    add_part(scene, plate, ground ? ground_tile(s, frame) : any_material(s, frame), light, s);
  } else {
    scene.photo = ground_picture(s, light, width, height);
    layout < 0.75 ? add_component(scene, light, s) : add_stack(scene, light, s);
  }
  light_field(scene.photo, s);
  take_photo(scene.photo, s, scene.grey);
  return scene;
}

}  // namespace kizu::synthetic
