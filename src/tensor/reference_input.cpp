#include "tensor/reference_input.h"

#include "image/reference_resize.h"
#include "image/transform.h"
#include "tensor/convert.h"

namespace kizu {
namespace {

/// [channels, H, W], grey levels 0 ... 255 as floats.
torch::Tensor levels(const Image& image) {
  auto out = torch::empty({image.height, image.width, image.channels}, torch::kFloat32);
  float* to = out.data_ptr<float>();
  for (std::size_t i = 0; i < image.values.size(); i++) to[i] = image.values[i];
  return out.permute({2, 0, 1}).contiguous();
}

}  // namespace

torch::Tensor diffusion_photo(const Image& image, int side) {
  return levels(resize_as_pillow(to_rgb(to_8bit(image)), side, side)) / 127.5 - 1;
}

torch::Tensor diffusion_mask(const Image& grey, int side) {
  const Image mask = to_grey(to_8bit(grey));
  const std::vector<float> values(mask.values.begin(), mask.values.end());
  auto resized = resize_as_pillow(values, mask.width, mask.height, side, side);
  return (torch::from_blob(resized.data(), {1, side, side}, torch::kFloat32) / 255 > 0.5).to(torch::kFloat32);
}

torch::Tensor localizer_test_input(const Image& image, int side) {
  return levels(resize_as_opencv(to_8bit(image), side, side)) / 255;
}

torch::Tensor localizer_training_input(const Image& image, int side) {
  return torch::upsample_bilinear2d((levels(to_8bit(image)) / 255).unsqueeze(0), {side, side}, false)[0];
}

Image saved_picture(const torch::Tensor& pictures_01) {
  constexpr int64_t kGap = 2;
  auto pictures = pictures_01.detach().to(torch::kCPU, torch::kFloat32);
  if (pictures.dim() == 3) pictures = pictures.unsqueeze(0);
  TORCH_CHECK(pictures.dim() == 4 && (pictures.size(1) == 1 || pictures.size(1) == 3),
              "saved_picture: pictures of one or three channels, not ", pictures_01.sizes());
  const int64_t count = pictures.size(0), height = pictures.size(2), width = pictures.size(3);
  auto grid = pictures[0];
  if (count > 1) {
    grid = torch::zeros({pictures.size(1), height + 2 * kGap, count * (width + kGap) + kGap});
    for (int64_t i = 0; i < count; i++) {
      const int64_t x = kGap + i * (width + kGap);
      grid.slice(1, kGap, kGap + height).slice(2, x, x + width).copy_(pictures[i]);
    }
  }
  const auto bytes = (grid * 255 + 0.5).clamp(0, 255).to(torch::kUInt8).expand({3, -1, -1});
  const auto interleaved = bytes.permute({1, 2, 0}).contiguous();
  Image out = Image::blank(static_cast<int>(grid.size(2)), static_cast<int>(grid.size(1)), 3);
  const std::uint8_t* from = interleaved.data_ptr<std::uint8_t>();
  for (std::size_t i = 0; i < out.values.size(); i++) out.values[i] = from[i];
  return out;
}

}  // namespace kizu
