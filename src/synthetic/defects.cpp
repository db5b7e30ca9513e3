#include "synthetic/defects.h"

#include <algorithm>

#include "synthetic/palette.h"

namespace kizu::synthetic {

Colour Canvas::around(float x, float y, float radius) const {
  const int step = std::max(1, static_cast<int>(radius / 6));
  Colour sum;
  int n = 0;
  for (int dy = -6; dy <= 6; dy++)
    for (int dx = -6; dx <= 6; dx++, n++) {
      const int px = std::clamp(static_cast<int>(x) + dx * step, 0, photo.width() - 1);
      const int py = std::clamp(static_cast<int>(y) + dy * step, 0, photo.height() - 1);
      sum = sum + photo.get(photo.c[0].index(px, py));
    }
  return sum * (1.0f / static_cast<float>(n));
}

void Layers::paint(std::size_t i, Colour c, float a) {
  a = clamp01(a);
  const float total = a + alpha.v[i] * (1 - a);
  if (total <= 0) return;
  colour.set(i, mix_colours(colour.get(i), c, a / total));
  alpha.v[i] = total;
}

Colour Brush::toned(float amount) const {
  const Colour here = canvas.around(x, y, std::clamp(0.5f * extent, 4.0f, 30.0f));
  const float light = luma(here);
  if (amount < 0 && -amount * light < 0.06f) amount = 0.1f - 0.5f * amount;
  if (amount > 0 && amount * (1 - light) < 0.06f) amount = -0.15f - 0.5f * amount;
  return amount < 0 ? here * (1 + amount) : mix_colours(here, {1, 1, 1}, amount);
}

Colour Brush::contrasting() {
  const float amount = look.chance(0.6) ? -uniform(look, 0.3, 0.95) : uniform(look, 0.25, 0.9);
  const Colour own = toned(amount), other = any_colour(look);
  if (canvas.grey || look.chance(0.5)) return own;
  const Colour here = canvas.around(x, y, 6);
  const float apart = std::abs(other.r - here.r) + std::abs(other.g - here.g) + std::abs(other.b - here.b);
  return apart > 0.25f ? other : own;
}

const std::vector<DefectKind>& defect_table() {
  static const std::vector<DefectKind> table = {
      {"scratch", draw_scratch, 8, 100, false, true},
      {"crack", draw_crack, 10, 110, false, true},
      {"cut", draw_cut, 8, 60, false, true},
      {"thread", draw_thread, 8, 70, false, false},
      {"wrinkle", draw_wrinkle, 12, 90, false, true},
      {"pit", draw_pit, 2, 20, false, true},
      {"hole", draw_hole, 3, 40, false, true},
      {"blowhole", draw_blowholes, 3, 40, false, true},
      {"dent", draw_dent, 5, 60, false, true},
      {"bubble", draw_bubble, 4, 30, false, true},
      {"stain", draw_stain, 6, 80, false, false},
      {"discoloration", draw_discoloration, 8, 90, false, true},
      {"colour_spot", draw_colour_spot, 3, 40, false, false},
      {"uneven", draw_uneven, 20, 110, false, true},
      {"rust", draw_rust, 5, 60, false, true},
      {"burn", draw_burn, 6, 60, false, true},
      {"contamination", draw_contamination, 3, 60, false, false},
      {"misprint", draw_misprint, 6, 60, false, true},
      {"smear", draw_smear, 8, 60, false, false},
      {"chip", draw_chip, 3, 40, true, false},
      {"fray", draw_fray, 8, 80, true, false},
      {"break", draw_break, 8, 70, true, false},
      {"missing", draw_missing, 5, 60, false, false},
      {"bent", draw_bent, 8, 50, false, false},
  };
  return table;
}

}  // namespace kizu::synthetic
