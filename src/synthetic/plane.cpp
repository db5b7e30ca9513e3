#include "synthetic/plane.h"

#include <algorithm>
#include <cstring>

namespace kizu::synthetic {
namespace {

std::vector<float> gaussian_kernel(float sigma) {
  const int radius = std::max(1, static_cast<int>(std::ceil(2.5f * sigma)));
  std::vector<float> kernel(2 * radius + 1);
  float sum = 0;
  for (int i = -radius; i <= radius; i++)
    sum += kernel[i + radius] = std::exp(-0.5f * i * i / (sigma * sigma));
  for (float& k : kernel) k /= sum;
  return kernel;
}

void blur_rows(Plane& plane, const std::vector<float>& kernel) {
  const int radius = static_cast<int>(kernel.size()) / 2;
  std::vector<float> row(plane.width + 2 * radius);
  for (int y = 0; y < plane.height; y++) {
    float* line = &plane.v[plane.index(0, y)];
    for (int x = -radius; x < plane.width + radius; x++)
      row[x + radius] = line[std::clamp(x, 0, plane.width - 1)];
    std::fill(line, line + plane.width, 0.0f);
    for (std::size_t k = 0; k < kernel.size(); k++)
      for (int x = 0; x < plane.width; x++) line[x] += kernel[k] * row[x + k];
  }
}

void blur_columns(Plane& plane, const std::vector<float>& kernel) {
  const int radius = static_cast<int>(kernel.size()) / 2;
  const Plane source = plane;
  std::fill(plane.v.begin(), plane.v.end(), 0.0f);
  for (int y = 0; y < plane.height; y++) {
    float* line = &plane.v[plane.index(0, y)];
    for (std::size_t k = 0; k < kernel.size(); k++) {
      const int from = std::clamp(y + static_cast<int>(k) - radius, 0, plane.height - 1);
      const float* other = &source.v[source.index(0, from)];
      for (int x = 0; x < plane.width; x++) line[x] += kernel[k] * other[x];
    }
  }
}

}  // namespace

void blur(Plane& plane, float sigma) {
  if (sigma < 0.2f) return;
  const auto kernel = gaussian_kernel(sigma);
  blur_rows(plane, kernel);
  blur_columns(plane, kernel);
}

void blur(Picture& picture, float sigma) {
  for (Plane& plane : picture.c) blur(plane, sigma);
}

torch::Tensor to_tensor(const Plane& plane) {
  auto out = torch::empty({1, plane.height, plane.width}, torch::kFloat32);
  std::memcpy(out.data_ptr<float>(), plane.v.data(), plane.v.size() * sizeof(float));
  return out;
}

torch::Tensor to_tensor(const Picture& picture) {
  return torch::cat({to_tensor(picture.c[0]), to_tensor(picture.c[1]), to_tensor(picture.c[2])});
}

Picture to_picture(const torch::Tensor& rgb) {
  TORCH_CHECK(rgb.dim() == 3 && rgb.size(0) == 3, "a picture is [3, H, W]");
  const auto cpu = rgb.detach().to(torch::kCPU, torch::kFloat32).contiguous();
  Picture out(static_cast<int>(cpu.size(2)), static_cast<int>(cpu.size(1)));
  const float* values = cpu.data_ptr<float>();
  for (int k = 0; k < 3; k++) std::copy_n(values + k * out.pixels(), out.pixels(), out.c[k].v.begin());
  return out;
}

}  // namespace kizu::synthetic
