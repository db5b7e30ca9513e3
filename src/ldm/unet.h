#pragma once
#include <torch/torch.h>

#include <set>
#include <vector>

#include "ldm/attention.h"
#include "ldm/unet_blocks.h"

namespace kizu::ldm {

/// Shape of a latent diffusion U-Net. The defaults are those of txt2img-f8-large (872,300,484 parameters).
struct UNetConfig {
  int64_t in_channels = 4;
  int64_t out_channels = 4;
  int64_t model_channels = 320;
  int64_t num_res_blocks = 2;
  std::vector<int64_t> channel_mult = {1, 2, 4, 4};
  std::set<int64_t> attention_resolutions = {4, 2, 1};  ///< downsampling factors, not sizes
  int64_t num_heads = 8;
  int64_t num_head_channels = -1;  ///< fixed width of a head instead of a fixed number of heads, unless -1
  int64_t transformer_depth = 1;
  int64_t context_dim = 1280;

  /// Throws Error naming the entry that makes no network.
  void check() const;
};

/// Numbered children run one after another: each takes what it needs of (x, emb, context).
class UNetStageImpl : public torch::nn::Module {
 public:
  void add(layers::Conv2d conv);
  void add(ResBlock block);
  void add(SpatialTransformer transformer);
  void add(Downsample down);
  void add(Upsample up);
  torch::Tensor forward(torch::Tensor x, const torch::Tensor& emb, const torch::Tensor& context,
                        const AttentionWeights* weights);
};
TORCH_MODULE(UNetStage);

/// The U-Net of latent diffusion with spatial transformers (Rombach et al. 2022). Predicts eps. Children have
/// the checkpoint's names: time_embed, input_blocks, middle_block, output_blocks, out.
class UNetImpl : public torch::nn::Module {
 public:
  explicit UNetImpl(const UNetConfig& config);

  /// x [B, in_channels, H, W] with H and W multiples of the total downsampling, t [B], context [B, L,
  /// context_dim]
  /// -> [B, out_channels, H, W].
  torch::Tensor forward(const torch::Tensor& x, const torch::Tensor& t, const torch::Tensor& context,
                        const AttentionWeights* weights = nullptr);

  /// Blocks are computed again in the backward pass instead of keeping what it needs (ldm/checkpoint.h): much
  /// less memory for a third more time. The weights must be frozen.
  void set_checkpointing(bool on) { checkpointing_ = on; }

  const UNetConfig& config() const { return config_; }

 private:
  torch::Tensor run(torch::nn::Module& stage, const torch::Tensor& h, const torch::Tensor& emb,
                    const torch::Tensor& context, const AttentionWeights* weights) const;
  SpatialTransformer transformer(int64_t channels) const;
  std::vector<int64_t> add_input_blocks();
  void add_output_blocks(std::vector<int64_t> skips);

  UNetConfig config_;
  bool checkpointing_ = false;
  torch::nn::Sequential time_embed_{nullptr}, out_{nullptr};
  torch::nn::ModuleList input_blocks_{nullptr}, output_blocks_{nullptr};
  UNetStage middle_block_{nullptr};
};
TORCH_MODULE(UNet);

}  // namespace kizu::ldm
