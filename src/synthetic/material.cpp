#include "synthetic/material.h"

#include <iterator>

namespace kizu::synthetic {
namespace {

template <std::size_t N>
Material pick(NoiseStream& s, const Frame& f, const DrawMaterial (&list)[N]) {
  return list[s.below(static_cast<int64_t>(N))](s, f);
}

}  // namespace

Material any_material(NoiseStream& s, const Frame& f) {
  // Named twice: what inspection photos show most.
  static constexpr DrawMaterial kAll[] = {
      brushed_metal, brushed_metal,  ground_tile, ground_tile, ground_tile, cast_metal, cast_metal,
      sandblasted,   speckled_stone, terrazzo,    marble,      concrete,    wood,       wood,
      leather,       leather,        shell,       woven,       woven,       carpet,     wire_grid,
      knit,          smooth_plastic, painted,     rubber,      paper,       circuit,    perforated_board,
      printed};
  return pick(s, f, kAll);
}

Material part_material(NoiseStream& s, const Frame& f) {
  static constexpr DrawMaterial kParts[] = {
      brushed_metal,  ground_tile, cast_metal, sandblasted, shell, shell,          smooth_plastic,
      smooth_plastic, painted,     rubber,     rubber,      wood,  speckled_stone, leather};
  return pick(s, f, kParts);
}

Material ground_material(NoiseStream& s, const Frame& f) {
  static constexpr DrawMaterial kGrounds[] = {smooth_plastic,   smooth_plastic, smooth_plastic, painted,
                                              rubber,           paper,          sandblasted,    concrete,
                                              perforated_board, woven,          brushed_metal};
  return pick(s, f, kGrounds);
}

}  // namespace kizu::synthetic
