#include "diffusion/sampling.h"

#include "tensor/noise.h"

namespace kizu::diffusion {

Hook in_order(std::vector<Hook> hooks) {
  return [hooks = std::move(hooks)](SamplerState& state) {
    for (const auto& hook : hooks)
      if (hook) hook(state);
  };
}

NoiseSource noise_per_image(std::vector<uint64_t> seeds, std::string purpose) {
  return [seeds = std::move(seeds), purpose = std::move(purpose)](int64_t step, at::IntArrayRef shape) {
    TORCH_CHECK(!shape.empty() && shape[0] == static_cast<int64_t>(seeds.size()),
                "noise: one seed for each image");
    std::vector<torch::Tensor> rows;
    for (const auto seed : seeds)
      rows.push_back(NoiseStream(mix(seed, purpose, static_cast<uint64_t>(step))).normal(shape.slice(1)));
    return torch::stack(rows);
  };
}

torch::Tensor batch_of(int64_t t, const torch::Tensor& x) {
  return torch::full({x.size(0)}, t, torch::TensorOptions(torch::kInt64).device(x.device()));
}

}  // namespace kizu::diffusion
