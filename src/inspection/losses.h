#pragma once
#include <torch/torch.h>

#include <optional>
#include <vector>

namespace kizu::inspection {

/// Focal loss (Lin et al. 2017) in the form of DRAEM's code.
struct FocalOptions {
  double gamma = 2;
  double smooth = 1e-5;               // keeps the logarithm finite; 0: none
  std::optional<double> alpha;        // weight of class `balance_index`; the other classes weigh 1 - alpha
  std::vector<double> class_weights;  // instead of alpha: one weight for each class, normalised to sum 1
  int64_t balance_index = 0;
  bool mean = true;  // false: the loss of every pixel [N * H * W]
};

/// `probabilities` [N, C, H, W] (after the softmax), `target` [N, 1, H, W] class numbers. As in the
/// reference, a fractional target is cut to an integer: 0.9995 counts as 0.
torch::Tensor focal_loss(const torch::Tensor& probabilities, const torch::Tensor& target,
                         const FocalOptions& options = {});

/// 1 - Dice overlap of probabilities and target [N, H, W], over the whole batch: photos without a defect only
/// punish what is found on them.
torch::Tensor soft_dice_loss(const torch::Tensor& probability, const torch::Tensor& target);

/// Cross-entropy in which the pixels of defects and the good pixels of the batch weigh alike, however rare
/// the former: -mean(log p) over each class that occurs, averaged over the classes. `logits` [N, C, H, W],
/// `target` [N, 1, H, W] class numbers. Keeps a pull towards rare defects where focal and Dice loss both go
/// flat.
torch::Tensor balanced_cross_entropy(const torch::Tensor& logits, const torch::Tensor& target);

/// focal_loss with its defaults + dice * soft_dice_loss + balanced * balanced_cross_entropy, for logits [N,
/// 2, H, W] (good, defect) and a target [N, 1, H, W] of 0 and 1: on the CPU and in float32 one walk over the
/// pixels, which leaves the gradient behind as well.
torch::Tensor localizer_loss(const torch::Tensor& logits, const torch::Tensor& target, double dice,
                             double balanced);
/// The same, written down with the three functions.
torch::Tensor localizer_loss_plain(const torch::Tensor& logits, const torch::Tensor& target, double dice,
                                   double balanced);

/// Structural similarity (Wang et al. 2004) at each pixel and channel of a, b [N, C, H, W]: 11 x 11 Gaussian
/// window of sigma 1.5, zero padding. The range of values is guessed from `a` as in DRAEM's code (1, 2 or
/// 255).
torch::Tensor ssim_map(const torch::Tensor& a, const torch::Tensor& b);
/// 1 - mean of ssim_map.
torch::Tensor ssim_loss(const torch::Tensor& a, const torch::Tensor& b);

}  // namespace kizu::inspection
