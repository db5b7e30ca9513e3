#include "anomaly/blending.h"

#include "tensor/neighbourhood.h"

namespace kizu::anomaly {

int64_t reference_dilation(int64_t t, int64_t steps) {
  return (t + 100) * (steps == 50 ? 16 : 8) / 1000;
}

Blending::Blending(torch::Tensor z_0, torch::Tensor mask, diffusion::Schedule schedule,
                   diffusion::NoiseSource noise, const BlendingOptions& options)
    : z_0_(std::move(z_0)),
      mask_(std::move(mask)),
      schedule_(std::move(schedule)),
      noise_(std::move(noise)),
      options_(options) {}

torch::Tensor Blending::mask_at(const diffusion::Step& step) const {
  return options_.dilate_early ? dilate(mask_, reference_dilation(step.t, step.count)) : mask_;
}

void Blending::before_step(diffusion::SamplerState& state) const {
  const auto mask = mask_at(state.step);
  const auto noise = noise_(state.step.index, z_0_.sizes()).to(z_0_.options());
  const auto known = diffusion::q_sample(schedule_, z_0_, noise, diffusion::batch_of(state.step.t, z_0_));
  state.x_t = mask * state.x_t + (1 - mask) * known;
}

diffusion::Hook Blending::hook() const {
  return [this](diffusion::SamplerState& state) { before_step(state); };
}

torch::Tensor Blending::finish(const torch::Tensor& x) const {
  return options_.final_blend ? mask_ * x + (1 - mask_) * z_0_ : x;
}

}  // namespace kizu::anomaly
