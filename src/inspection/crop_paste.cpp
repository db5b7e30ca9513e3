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

// As `window` looks at the photo, but turned and scaled about `pivot` of the window, where it shows `shown`
// of the photo.
Window varied(const Window& window, const Place& pivot, const Place& shown, const PasteOptions& options,
              NoiseStream& random) {
  const double angle = random.uniform(-options.rotation, options.rotation) * M_PI / 180;
  const double size = 1 + random.uniform(-options.scale, options.scale);
  const double flip = options.flips && random.chance(0.5) ? -1 : 1;
  const double c = std::cos(angle) / size, s = std::sin(angle) / size;
  Window turned{{0, 0},
                window.xx * flip * c + window.xy * s,
                window.xy * c - window.xx * flip * s,
                window.yx * flip * c + window.yy * s,
                window.yy * c - window.yx * flip * s,
                window.side};
  const Place offset = turned.in_photo(pivot);
  turned.centre = {shown.x - offset.x, shown.y - offset.y};
  return turned;
}

// The shot's colours as they are where its surroundings are as bright as those of the window.
torch::Tensor matched(const torch::Tensor& window, const torch::Tensor& shot, const torch::Tensor& pasted,
                      const PasteOptions& options, NoiseStream& random) {
  const auto ring = dilate(pasted, 2 * options.feather + 3) - dilate(pasted, 1);
  const double contrast = 1 + random.uniform(-options.contrast, options.contrast);
  return mean_where(window, ring) + (shot - mean_where(shot, ring)) * contrast;
}

torch::Tensor faded_in(const torch::Tensor& window, const torch::Tensor& defect, const torch::Tensor& pasted,
                       int64_t feather) {
  const auto alpha = feathered(pasted, feather);
  return torch::where(alpha > 0, window + alpha * (defect.clamp(0, 1) - window), window);
}

}  // namespace

Sample crop_paste(const torch::Tensor& good, Place where, const torch::Tensor& image,
                  const torch::Tensor& mask, const PasteOptions& options, NoiseStream& random) {
  const int64_t side = good.size(2);
  auto window = varied({{0, 0}, 1, 0, 0, 1, side}, where, middle_of(mask), options, random);
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
  const auto defect = matched(good, shot, pasted, options, random);
  if (options.blend == Blend::kPoisson) return {blended(good, defect, pasted, options.feather), pasted};
  return {faded_in(good, defect, pasted, options.feather), pasted};
}

Sample turned_in_place(const Sample& seen, const Window& window, const torch::Tensor& image,
                       const torch::Tensor& mask, const PasteOptions& options, NoiseStream& random) {
  if (!seen.mask.any().item<bool>()) return seen;
  const Place pivot = middle_of(seen.mask);
  auto unflipped = options;
  unflipped.flips = false;
  const auto turned = varied(window, pivot, window.in_photo(pivot), unflipped, random);
  const auto pasted = (look(mask, turned, Beyond::kZero, false) > 0.5).to(torch::kFloat32);
  const auto shot = look(image, turned, Beyond::kBorder, true);
  const auto defect = matched(seen.image, shot, pasted, options, random);
  return {faded_in(seen.image, defect, pasted, options.feather), torch::maximum(seen.mask, pasted)};
}

}  // namespace kizu::inspection
