#pragma once
#include <array>

#include "layers/convolution.h"

namespace kizu::layers {

/// A 3x3 convolution, padded by 1, of a map that is first doubled by nearest neighbour. Each of the four
/// pixels that come from one sees only 2x2 different ones, so where fast_path allows four 2x2 convolutions
/// with added up weights do 4/9 of the work.
class DoublingConv2dImpl : public Conv2dImpl {
 public:
  DoublingConv2dImpl(int64_t channels, int64_t out_channels);
  torch::Tensor forward(const torch::Tensor& x);  // [B, C, H, W] -> [B, C', 2H, 2W]

 private:
  std::shared_ptr<const PackedMatrix> weights_for(bool lower, bool right);
  std::array<Prepared, 4> quarters_;  // of weights in 16 bits only the first, which holds the 3x3 filters
};
TORCH_MODULE(DoublingConv2d);

}  // namespace kizu::layers
