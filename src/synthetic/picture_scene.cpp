#include "synthetic/picture_scene.h"

#include <algorithm>

#include "synthetic/lighting.h"
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

// Parts shade by their body and by the grain of their material.
void add_body(Material& material, const Part& part) {
  for (std::size_t i = 0; i < part.relief.v.size(); i++) material.relief.v[i] += part.relief.v[i];
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
      scene.foreground.v[i] = d > 0 ? 1.0f : 0.0f;
    }
}

Picture ground_picture(NoiseStream& s, const Light& light, int width, int height) {
  if (s.chance(0.35)) {  // black velvet or a light box
    const Colour c = s.chance(0.6) ? metal_colour(s, 0.01, 0.1) : metal_colour(s, 0.7, 1);
    return Picture(width, height, c);
  }
  return shade(ground_material(s, draw_frame(s, width, height)), light);
}

}  // namespace

Scene draw_scene(uint64_t seed, int width, int height) {
  NoiseStream s(mix(seed, "scene"));
  Scene scene{Picture(), Plane(width, height, 1.0f), s.chance(0.34)};
  const Light light = draw_light(s);
  const double layout = s.uniform();
  if (layout < 0.5) {
    scene.photo = shade(any_material(s, draw_frame(s, width, height)), light);
  } else {
    const Part part = layout < 0.65 ? draw_plate_edges(s, width, height) : draw_part(s, width, height);
    scene.photo = ground_picture(s, light, width, height);
    Frame frame = draw_frame(s, width, height);
    if (s.chance(0.6)) frame.angle = part.axis;
    Material body = layout < 0.65 && s.chance(0.5) ? any_material(s, frame) : part_material(s, frame);
    add_body(body, part);
    join(scene, shade(body, light), part, light, s);
  }
  light_field(scene.photo, s);
  take_photo(scene.photo, s, scene.grey);
  return scene;
}

}  // namespace kizu::synthetic
