#pragma once
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
  std::shared_ptr<const PackedMatrix> filters();
  Prepared filters_;
};
TORCH_MODULE(DoublingConv2d);

}  // namespace kizu::layers
