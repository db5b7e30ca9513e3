#include "synthetic/scene.h"

#include <algorithm>

#include "synthetic/flaw.h"
#include "synthetic/picture_scene.h"
#include "synthetic/sensor.h"

namespace kizu::synthetic {
namespace {

const DefectKind& kind_of(const std::string& name, NoiseStream& s) {
  const auto& table = defect_table();
  const auto drawn = s.below(static_cast<int64_t>(table.size()));
  if (name.empty()) return table[drawn];
  const auto found =
      std::find_if(table.begin(), table.end(), [&](const DefectKind& k) { return name == k.name; });
  TORCH_CHECK(found != table.end(), "no defect kind is called ", name);
  return *found;
}

Triple draw_on(Canvas canvas, uint64_t seed, const std::string& name) {
  canvas.unit = static_cast<float>(std::min(canvas.photo.width(), canvas.photo.height())) / 256;
  NoiseStream s(mix(seed, "kind"));
  const DefectKind& kind = kind_of(name, s);
  return draw_flaw(canvas, kind, {mix(seed, "defect look"), mix(seed, "defect place")});
}

}  // namespace

const std::vector<std::string>& defect_kinds() {
  static const std::vector<std::string> names = [] {
    std::vector<std::string> all;
    for (const DefectKind& kind : defect_table()) all.emplace_back(kind.name);
    return all;
  }();
  return names;
}

torch::Tensor draw_surface(uint64_t seed, int size) {
  return to_tensor(draw_scene(seed, size, size).photo) * 2 - 1;
}

Triple draw_triple(uint64_t seed, int size) {
  const Scene scene = draw_scene(seed, size, size);
  const auto [low, high] = std::minmax_element(scene.foreground.v.begin(), scene.foreground.v.end());
  Canvas canvas{scene.photo, scene.foreground, *low < 0.5f && *high > 0.5f, scene.grey};
  return draw_on(std::move(canvas), seed, "");
}

Triple draw_defect_on(const torch::Tensor& normal, uint64_t seed, const std::string& kind) {
  Canvas canvas;
  canvas.photo = to_picture(normal * 0.5 + 0.5);
  canvas.foreground = estimate_foreground(canvas.photo, &canvas.has_edge);
  canvas.grey = canvas.photo.c[0].v == canvas.photo.c[1].v && canvas.photo.c[1].v == canvas.photo.c[2].v;
  auto triple = draw_on(std::move(canvas), seed, kind);
  // The caller's own values, not their round trip through 0..1.
  const auto own = normal.detach().to(torch::kCPU, torch::kFloat32);
  triple.flawed = torch::where(triple.mask > 0.5, triple.flawed, own);
  triple.normal = own;
  return triple;
}

}  // namespace kizu::synthetic
