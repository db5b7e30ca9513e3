#include "synthetic/samples.h"

#include <algorithm>
#include <cstdio>

#include "core/atomic_file.h"
#include "core/error.h"
#include "image/codec.h"
#include "synthetic/flaw.h"
#include "synthetic/picture_scene.h"
#include "synthetic/sensor.h"
#include "tensor/convert.h"

namespace kizu::synthetic {
namespace {

/// What a defect type of a product looks like, chosen by eye: which kind, which look, how large.
struct TypeLook {
  const char* product;
  const char* type;
  const char* kind;
  uint64_t look;
  float extent;  // typical half length in pixels at 256
};
constexpr TypeLook kLooks[] = {
    {"brushed_plate", "scratch", "scratch", 7, 40}, {"brushed_plate", "pits", "blowhole", 4, 16},
    {"brushed_plate", "stain", "stain", 3, 26},     {"woven_fabric", "thread", "thread", 4, 32},
    {"woven_fabric", "hole", "hole", 1, 12},        {"woven_fabric", "oil", "discoloration", 5, 24},
    {"moulded_part", "chip", "chip", 6, 11},        {"moulded_part", "crack", "crack", 5, 34},
    {"moulded_part", "paint", "colour_spot", 2, 9},
};

Frame piece_frame(const Product& p, NoiseStream& piece, float angle, float zoom) {
  Frame f;
  f.width = p.width;
  f.height = p.height;
  f.angle = angle + uniform(piece, -0.02, 0.02);
  f.zoom = zoom;
  f.du = uniform(piece, -3000, 3000);
  f.dv = uniform(piece, -3000, 3000);
  f.grain = piece.bits();
  return f;
}

Light bench_light() {
  Light light;
  light.x = -0.45f;
  light.y = -0.55f;
  light.z = 0.704f;
  light.ambient = 0.35f;
  return light;
}

// The material's own look comes from a fixed stream; only place and grain differ from piece to piece.
Picture plate(const Product& p, NoiseStream& piece) {
  NoiseStream look(9);
  Material m = ground_tile(look, piece_frame(p, piece, 1.5707963f, 1));
  return shade(m, bench_light());
}

Picture fabric(const Product& p, NoiseStream& piece) {
  NoiseStream look(2);
  return shade(woven(look, piece_frame(p, piece, 0, 1)), bench_light());
}

Scene part_on_table(const Product& p, NoiseStream& piece) {
  NoiseStream look(6);
  const Light light = bench_light();
  Scene scene{shade(paper(look, piece_frame(p, piece, 0.3f, 1)), light), Plane(p.width, p.height, 0.0f)};
  const float side = static_cast<float>(p.width), turn = 6.2831853f + uniform(piece, -0.06, 0.06);
  const PartPlace place{side * (0.5f + uniform(piece, -0.02, 0.02)),
                        side * (0.5f + uniform(piece, -0.02, 0.02)), 0.36f * side, turn};
  const Part body = draw_part(look, p.width, p.height, PartShape::body, place);
  lay_part(scene, body, smooth_plastic(look, piece_frame(p, piece, 0, 1)), light, look);
  const PartPlace inner{place.x, place.y, 0.2f * side, turn};
  const Part ring = draw_part(look, p.width, p.height, PartShape::ring, inner);
  lay_part(scene, ring, brushed_metal(look, piece_frame(p, piece, 0, 1)), light, look);
  return scene;
}

// One camera on one stand: only lamp level and sensor noise change.
void bench_photo(Picture& photo, NoiseStream& piece, bool grey) {
  const float level = 1 + uniform(piece, -0.05, 0.05), slope = uniform(piece, -0.05, 0.05);
  GrainStream noise(piece.bits());
  blur(photo, 0.5f);
  for (int y = 0; y < photo.height(); y++)
    for (int x = 0; x < photo.width(); x++) {
      const std::size_t i = photo.c[0].index(x, y);
      const float across = static_cast<float>(x) / static_cast<float>(photo.width()) - 0.5f;
      const Colour c = photo.get(i) * (level + slope * across);
      const float n = noise.normal() * 1.5f / 255;
      const float l = luma(c);
      photo.set(i, (grey ? Colour{l, l, l} : c) + Colour{n, n, n});
    }
  quantize(photo);
}

Scene draw_good(const Product& p, NoiseStream& piece) {
  Scene scene;
  if (p.name == "moulded_part") {
    scene = part_on_table(p, piece);
  } else {
    scene.photo = p.name == "brushed_plate" ? plate(p, piece) : fabric(p, piece);
    scene.foreground = Plane(p.width, p.height, 1.0f);
  }
  scene.grey = p.grey;
  bench_photo(scene.photo, piece, p.grey);
  return scene;
}

const TypeLook& look_of(const Product& p, const std::string& type) {
  for (const TypeLook& look : kLooks)
    if (p.name == look.product && type == look.type) return look;
  throw Error("The sample product " + p.name + " has no type \"" + type + "\"; it has good, " + p.defects[0] +
              ", " + p.defects[1] + " and " + p.defects[2] + ".");
}

void write_one(const std::filesystem::path& file, const Sample& sample, bool grey) {
  write_png(file, from_pm1(sample.image, grey ? 1 : 3, 8));
}

std::string number(int index) {
  char text[16];
  std::snprintf(text, sizeof text, "%03d", index);
  return text;
}

}  // namespace

const std::vector<Product>& sample_products() {
  static const std::vector<Product> products = {
      {"brushed_plate", 320, 256, true, {"scratch", "pits", "stain"}},
      {"woven_fabric", 256, 256, false, {"thread", "hole", "oil"}},
      {"moulded_part", 384, 384, false, {"chip", "crack", "paint"}},
  };
  return products;
}

Sample draw_sample(const std::string& product, const std::string& type, int index, uint64_t seed) {
  const auto& products = sample_products();
  const auto found =
      std::find_if(products.begin(), products.end(), [&](const Product& p) { return p.name == product; });
  if (found == products.end())
    throw Error("There is no sample product \"" + product +
                "\"; there are brushed_plate, woven_fabric and moulded_part.");
  const uint64_t own = mix(mix(seed, product), type, static_cast<uint64_t>(index));
  NoiseStream piece(mix(own, "piece"));
  const Scene scene = draw_good(*found, piece);
  if (type == "good") return {to_tensor(scene.photo) * 2 - 1, torch::zeros({1, found->height, found->width})};
  const TypeLook& look = look_of(*found, type);
  Canvas canvas{scene.photo, scene.foreground, found->name == "moulded_part", found->grey,
                static_cast<float>(std::min(found->width, found->height)) / 256};
  const auto& table = defect_table();
  const auto kind = std::find_if(table.begin(), table.end(),
                                 [&](const DefectKind& k) { return std::string(k.name) == look.kind; });
  FlawOptions options;
  options.extent = look.extent;
  options.loose = 0;
  options.on_part = 1;
  const Triple triple = draw_flaw(canvas, *kind, {look.look, mix(own, "defect")}, options);
  return {triple.flawed, triple.mask};
}

void write_samples(const std::filesystem::path& folder, uint64_t seed, const SampleCounts& counts,
                   Observer& observer) {
  const int defects = 3 * counts.each_defect;
  const auto& products = sample_products();
  const auto total = static_cast<int64_t>(products.size()) * (counts.train_good + counts.test_good + defects);
  int64_t done = 0;
  const auto next = [&] {
    if (observer.wants_stop()) throw Interrupted();
    observer.progressed("samples", ++done, total, "");
  };
  for (const Product& p : products) {
    const auto root = folder / p.name;
    const auto good = [&](const char* part, int count, int first) {
      make_folders(root / part / "good");
      for (int k = 0; k < count; k++) {
        next();
        write_one(root / part / "good" / (number(k) + ".png"), draw_sample(p.name, "good", first + k, seed),
                  p.grey);
      }
    };
    good("train", counts.train_good, 0);
    good("test", counts.test_good, counts.train_good);
    for (const std::string& type : p.defects) {
      make_folders(root / "test" / type);
      make_folders(root / "ground_truth" / type);
      for (int k = 0; k < counts.each_defect; k++) {
        next();
        const Sample sample = draw_sample(p.name, type, k, seed);
        write_one(root / "test" / type / (number(k) + ".png"), sample, p.grey);
        write_png(root / "ground_truth" / type / (number(k) + "_mask.png"), to_mask(sample.mask));
      }
    }
  }
}

}  // namespace kizu::synthetic
