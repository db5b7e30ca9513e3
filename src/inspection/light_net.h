#pragma once
#include <vector>

#include "inspection/localizer_net.h"

namespace kizu::inspection {

/// A 3x3 convolution whose filters are kept at mean 0 and variance 1/fan_in, times a learned gain (scaled
/// weight standardisation, Brock et al. 2021). It does for training what a norm does, but the output at a
/// pixel depends on its surroundings alone: a tile gives what the whole photo gives, whatever else is in the
/// photo or the batch.
class StandardConv : public torch::nn::Module {
 public:
  StandardConv(int64_t in, int64_t out, int64_t kernel, int64_t stride = 1);
  torch::Tensor forward(const torch::Tensor& x);
  /// after * forward(before * x), the factors taken into the filters; `strength` [1], where defined,
  /// multiplies too. CPU and float32 only; fastest on channels-last x, which the result then is as well.
  torch::Tensor scaled(const torch::Tensor& x, double before, double after,
                       const torch::Tensor& strength = {});

 private:
  torch::Tensor filters() const;
  torch::Tensor weight_, gain_, bias_;
  int64_t stride_;
};

/// The default localizer for CPUs: a U-Net at half resolution, five levels of w, 2w, 4w, 8w, 8w channels, of
/// residual blocks without norms. At width 16: 1.0 million weights, 0.6 GMAC for a picture of 256 x 256.
class LightNet : public Localizer {
 public:
  explicit LightNet(int64_t width);
  torch::Tensor forward(const torch::Tensor& image_01) override;
  /// What forward computes, written down with torch's own operators; forward does it on other devices.
  torch::Tensor forward_plain(const torch::Tensor& image_01);
  void draw_weights(uint64_t seed);

 private:
  /// Adds strength * (convolutions of x) to x.
  struct Block {
    std::vector<std::shared_ptr<StandardConv>> convs;
    torch::Tensor strength;
  };
  Block block(const std::string& name, int64_t channels, int convs);
  static torch::Tensor run(const Block& block, const torch::Tensor& x);
  static torch::Tensor run_plain(const Block& block, const torch::Tensor& x);

  std::shared_ptr<StandardConv> stem_, head_;
  std::vector<std::shared_ptr<StandardConv>> down_, up_;
  std::vector<Block> encoder_, decoder_;
};

}  // namespace kizu::inspection
