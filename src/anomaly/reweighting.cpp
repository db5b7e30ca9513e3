#include "anomaly/reweighting.h"

#include <limits>

#include "anomaly/blending.h"
#include "tensor/neighbourhood.h"

namespace kizu::anomaly {

const std::vector<std::pair<std::string, ReweightMode>>& reweight_modes() {
  static const std::vector<std::pair<std::string, ReweightMode>> all{
      {"off", ReweightMode::kOff}, {"paper", ReweightMode::kPaper}, {"reference", ReweightMode::kReference}};
  return all;
}

const std::string& name_of(ReweightMode mode) {
  return reweight_modes().at(static_cast<std::size_t>(mode)).first;
}

torch::Tensor paper_weight_map(const torch::Tensor& x_0, const torch::Tensor& y, const torch::Tensor& mask,
                               const PaperMapOptions& options) {
  const std::vector<int64_t> plane = {1, 2, 3};
  const auto area = mask.sum(plane, true);
  auto difference = (mask * (y - x_0)).square().sum(1, true);  // [B, 1, h, w]
  difference = difference + options.floor * difference.sum(plane, true) / area.clamp_min(1) * mask;
  const auto counts = (difference > 0) & (mask > 0);
  auto share = torch::zeros_like(difference);
  if (options.softmax) {
    const auto f =
        torch::where(counts, difference.reciprocal(),
                     torch::full({}, -std::numeric_limits<double>::infinity(), difference.options()));
    share = f.flatten(1).softmax(1).reshape(f.sizes()).nan_to_num(0);
  } else {
    const auto g = torch::where(counts, difference.reciprocal(), share);
    share = g / g.sum(plane, true).clamp_min(std::numeric_limits<float>::min());
  }
  const auto any = counts.flatten(1).any(1).reshape({-1, 1, 1, 1});
  const auto outside = torch::full({}, options.outside, share.options());
  const auto weights = torch::where(mask > 0, area * share, outside);
  return torch::where(any, weights, torch::ones_like(weights));
}

torch::Tensor reference_weight_map(const torch::Tensor& x_t, const torch::Tensor& z_0,
                                   const torch::Tensor& mask) {
  const std::vector<int64_t> plane = {1, 2, 3};
  const auto d = (mask * (x_t - z_0)).square().mean(1, true);  // [B, 1, h, w]
  const auto zero = torch::zeros_like(d), one = torch::ones_like(d);
  // Inside the mask a cell without any difference gets -1, as published.
  const auto g = torch::where(mask > 0, torch::where(d == 0, -one, mask / d), zero);
  const auto sum = g.sum(plane, true);
  auto weights = mask.sum(plane, true) * g / sum;
  weights = torch::where(weights == 0, one, weights).clamp(1, 1.5);
  return torch::where(sum == 0, one, weights);
}

torch::Tensor token_columns(const torch::Tensor& ranges, int64_t length, bool first_too) {
  const auto column = torch::arange(length, ranges.options()).unsqueeze(0);
  const auto inside = (column >= ranges.slice(1, 0, 1)) & (column < ranges.slice(1, 1, 2));
  return first_too ? inside | (column == 0) : inside;
}

Reweighting::Reweighting(ReweightMode mode, torch::Tensor z_0, torch::Tensor mask, bool dilate_early,
                         const PaperMapOptions& paper, PixelView pixels)
    : mode_(mode),
      z_0_(std::move(z_0)),
      mask_(std::move(mask)),
      dilate_early_(dilate_early),
      paper_(paper),
      pixels_(std::move(pixels)) {}

void Reweighting::before_step(const diffusion::SamplerState& state) {
  if (mode_ == ReweightMode::kOff) return;
  const auto radius = dilate_early_ ? reference_dilation(state.step.t, state.step.count) : 0;
  const auto mask = dilate(mask_, radius);
  if (mode_ == ReweightMode::kReference) map_ = reference_weight_map(state.x_t, z_0_, mask);
  if (mode_ != ReweightMode::kPaper || !state.x_0.defined()) return;
  if (!pixels_.decode) {
    map_ = paper_weight_map(state.x_0, z_0_, mask, paper_);
    return;
  }
  const auto full = paper_weight_map(pixels_.decode(state.x_0), pixels_.pictures, pixels_.masks, paper_);
  map_ = torch::adaptive_avg_pool2d(full, {mask.size(2), mask.size(3)});
}

diffusion::Hook Reweighting::hook() {
  return [this](diffusion::SamplerState& state) { before_step(state); };
}

}  // namespace kizu::anomaly
