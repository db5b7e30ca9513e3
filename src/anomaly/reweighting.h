#pragma once
#include <torch/torch.h>

#include <functional>
#include <string>
#include <utility>
#include <vector>

#include "diffusion/sampling.h"

namespace kizu::anomaly {

/// Adaptive attention re-weighting: what the paper says and what its code does differ in nearly everything.
enum class ReweightMode {
  kOff,
  /// From the predicted x_0; the map multiplies the attention probabilities; weights average 1 over the mask.
  kPaper,
  /// From the noisy x_t; L1 normalised, clipped to [1, 1.5]; multiplies the similarities, also of the first
  /// token.
  kReference
};
/// Each with the word that options and presets use for it.
const std::vector<std::pair<std::string, ReweightMode>>& reweight_modes();
/// Its word.
const std::string& name_of(ReweightMode mode);

/// The map of the paper, w = |m|_1 Softmax(f(|m y - m x_0|^2)), f(d) = 1/d and -inf at d = 0.
struct PaperMapOptions {
  /// The softmax of 1/d, as printed; it puts nearly all weight on one cell where differences are small.
  /// Otherwise 1/d divided by its sum, as the published code has it.
  bool softmax = false;
  /// Share of the mean difference inside the mask that is added to d, so that no single cell takes all the
  /// weight.
  double floor = 0.1;
  /// Weight outside the mask. Taken by the letter it is 0.
  double outside = 1;

  static PaperMapOptions literal() { return {true, 0, 0}; }
};

/// x_0, y [B, C, h, w]: predicted and normal latent (or picture); mask [B, 1, h, w] of 0 and 1 -> [B, 1, h,
/// w]. All ones for a row whose mask is empty or without any difference.
torch::Tensor paper_weight_map(const torch::Tensor& x_0, const torch::Tensor& y, const torch::Tensor& mask,
                               const PaperMapOptions& options = {});

/// The map of the published code: w = |m|_1 g / |g|_1 with g = m / mean_c((m (x_t - z_0))^2), clipped to
/// [1, 1.5]; ones where it would be 0 and for an empty mask. `mask` is the dilated one.
torch::Tensor reference_weight_map(const torch::Tensor& x_t, const torch::Tensor& z_0,
                                   const torch::Tensor& mask);

/// Columns [start, end) of each row, and column 0 when `first_too`, as bool [B, length]. ranges [B, 2]: start
/// and end; what reaches beyond `length` is left out.
torch::Tensor token_columns(const torch::Tensor& ranges, int64_t length, bool first_too);

/// Pictures instead of latents for the paper's map, which compares the good photo with the decoded x_0.
struct PixelView {
  std::function<torch::Tensor(const torch::Tensor& latent)> decode;  ///< empty: latents are compared
  torch::Tensor pictures;                                            ///< [B, 3, H, W], the good ones
  torch::Tensor masks;                                               ///< [B, 1, H, W] of 0 and 1
};

/// Makes the map anew before each step of a sampler. The denoiser reads map().
class Reweighting {
 public:
  /// z_0 [B, C, h, w]: latent of the good picture; mask [B, 1, h, w]. `dilate_early` as in BlendingOptions.
  Reweighting(ReweightMode mode, torch::Tensor z_0, torch::Tensor mask, bool dilate_early = false,
              const PaperMapOptions& paper = {}, PixelView pixels = {});

  void before_step(const diffusion::SamplerState& state);
  /// Must stand before the blending's hook: the map looks at the latent as the last step left it.
  /// The object must outlive it.
  diffusion::Hook hook();
  /// [B, 1, h, w]; undefined when off, and in the mode kPaper before the first x_0 is predicted.
  const torch::Tensor& map() const { return map_; }
  ReweightMode mode() const { return mode_; }

 private:
  ReweightMode mode_;
  torch::Tensor z_0_, mask_, map_;
  bool dilate_early_;
  PaperMapOptions paper_;
  PixelView pixels_;
};

}  // namespace kizu::anomaly
