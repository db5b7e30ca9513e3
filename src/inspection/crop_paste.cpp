#include "inspection/crop_paste.h"

#include <cmath>

#include "inspection/poisson.h"
#include "tensor/neighbourhood.h"

namespace kizu::inspection {
namespace {

// 1 inside the mask, falling to 0 within 2 * feather pixels around it.
torch::Tensor feathered(const torch::Tensor& mask, int64_t feather) {
  return mean_near(dilate(mask, feather), feather);
}

// The middle of the mask's bounding box.
Place middle_of(const torch::Tensor& mask) {
  const auto rows = torch::nonzero(mask[0].amax(1)), columns = torch::nonzero(mask[0].amax(0));
  const auto middle = [](const torch::Tensor& set) {
    return 0.5 * static_cast<double>(set[0].item<int64_t>() + set[-1].item<int64_t>()) + 0.5;
  };
  return {middle(columns), middle(rows)};
}

// Mean colour [3, 1, 1] where `weight` [1, S, S] is.
torch::Tensor mean_where(const torch::Tensor& image, const torch::Tensor& weight) {
  return (image * weight).sum({1, 2}, true) / weight.sum().clamp_min(1);
}

// Where the defect is, and the feather around it, `matched` plus what makes its edge that of `good`.
torch::Tensor blended(const torch::Tensor& good, const torch::Tensor& matched, const torch::Tensor& pasted,
                      int64_t feather) {
  const auto region = dilate(pasted, std::max<int64_t>(1, feather));
  const auto seamless = matched + membrane(good - matched, region);
  return torch::where(region > 0.5, seamless.clamp(0, 1), good);
}

// Looks at the shot such that its defect, turned and scaled, comes to lie at `where`.
Window varied(const Place& defect, const Place& where, int64_t side, const PasteOptions& options,
              NoiseStream& random) {
  const double angle = random.uniform(-options.rotation, options.rotation) * M_PI / 180;
  const double size = 1 + random.uniform(-options.scale, options.scale);
  const double flip = options.flips && random.chance(0.5) ? -1 : 1;
  const double c = std::cos(angle) / size, s = std::sin(angle) / size;
  Window window{{0, 0}, flip * c, -flip * s, s, c, side};
  const Place offset = window.in_photo(where);
  window.centre = {defect.x - offset.x, defect.y - offset.y};
  return window;
}

}  // namespace

Sample crop_paste(const torch::Tensor& good, Place where, const torch::Tensor& image,
                  const torch::Tensor& mask, const PasteOptions& options, NoiseStream& random) {
  const int64_t side = good.size(2);
  auto window = varied(middle_of(mask), where, side, options, random);
  auto pasted = (look(mask, window, Beyond::kZero, false) > 0.5).to(torch::kFloat32);
  if (pasted.sum().item<double>() == 0) {
    // A ring, a grid or a speck missed `where`: put one of its own pixels there, unturned.
    const Place pixel = random_pixel_of(mask, random);
    window = {{pixel.x - std::floor(where.x) - 0.5 + 0.5 * static_cast<double>(side),
               pixel.y - std::floor(where.y) - 0.5 + 0.5 * static_cast<double>(side)},
              1,
              0,
              0,
              1,
              side};
    pasted = (look(mask, window, Beyond::kZero, false) > 0.5).to(torch::kFloat32);
  }
  const auto shot = look(image, window, Beyond::kBorder, true);
  const auto ring = dilate(pasted, 2 * options.feather + 3) - dilate(pasted, 1);
  const double contrast = 1 + random.uniform(-options.contrast, options.contrast);
  const auto matched = mean_where(good, ring) + (shot - mean_where(shot, ring)) * contrast;
  if (options.blend == Blend::kPoisson) return {blended(good, matched, pasted, options.feather), pasted};
  const auto alpha = feathered(pasted, options.feather);
  return {torch::where(alpha > 0, good + alpha * (matched.clamp(0, 1) - good), good), pasted};
}

}  // namespace kizu::inspection
