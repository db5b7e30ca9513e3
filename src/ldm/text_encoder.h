#pragma once
#include <torch/torch.h>

#include <string>
#include <vector>

#include "layers/linear.h"
#include "weights/tensor_source.h"

namespace kizu::ldm {

/// Which base model a text encoder belongs to: it decides the names of its weights and details of its layers.
enum class BaseFamily {
  kLdmBert,  ///< latent diffusion txt2img-f8-large: x-transformers encoder, no mask, WordPiece
  kSd1Clip,  ///< Stable Diffusion 1.x: CLIP ViT-L/14 text model, causal, byte pairs
};
/// "ldm-bert", "sd1-clip": the architecture in model.json.
std::string name_of(BaseFamily family);
/// Throws Error naming the known ones.
BaseFamily family_named(const std::string& name);

/// Shape of a text encoder. The defaults are those of txt2img-f8-large (581,994,042 parameters with the
/// logits, 542,895,360 without).
struct TextEncoderConfig {
  BaseFamily family = BaseFamily::kLdmBert;
  int64_t vocabulary = 30522;
  int64_t max_length = 77;
  int64_t width = 1280;
  int64_t layers = 32;
  int64_t heads = 8;
  int64_t dim_head = 64;
  int64_t ff_width = 5120;
  /// Keeps to_logits, which checkpoints of the first family have and the diffusion model never uses.
  bool logits = false;

  /// CLIP ViT-L/14 as in Stable Diffusion 1 (123,060,480 parameters).
  static TextEncoderConfig sd1();
  /// Throws Error naming the entry that makes no network.
  void check() const;
};

/// One pre-norm layer, x += attention(norm(x)), x += feed-forward(norm(x)), whatever its weights are called.
struct TextLayer {
  torch::nn::LayerNorm attention_norm{nullptr}, ff_norm{nullptr};
  layers::Linear q{nullptr}, k{nullptr}, v{nullptr}, out{nullptr}, ff_in{nullptr}, ff_out{nullptr};
};

/// Token embeddings to the context of the U-Net's cross-attention. Children have the names of the family's
/// checkpoint after "cond_stage_model.": transformer.(...). Padding takes part: there is no attention mask
/// except, in the second family, the causal one.
class TextEncoderImpl : public torch::nn::Module {
 public:
  explicit TextEncoderImpl(const TextEncoderConfig& config);

  /// ids [B, L] int64 -> token embeddings [B, L, width], without positions: learned embeddings are put among
  /// them here. Throws Error for an id outside the vocabulary.
  torch::Tensor embed(const torch::Tensor& ids);
  /// Token embeddings [B, L, width], L <= max_length, -> the same with the embeddings of the positions added.
  torch::Tensor with_positions(const torch::Tensor& embeddings);
  /// Those through all layers and the final norm -> context [B, L, width].
  torch::Tensor transform(const torch::Tensor& embedded);
  /// Token embeddings -> context.
  torch::Tensor encode(const torch::Tensor& embeddings) { return transform(with_positions(embeddings)); }
  /// ids [B, L] -> context [B, L, width].
  torch::Tensor forward(const torch::Tensor& ids) { return encode(embed(ids)); }
  /// Context -> [B, L, vocabulary]; only where the config keeps the logits.
  torch::Tensor logits(const torch::Tensor& context);

  /// Layers are computed again in the backward pass (ldm/checkpoint.h). The weights must be frozen.
  void set_checkpointing(bool on) { checkpointing_ = on; }

  const TextEncoderConfig& config() const { return config_; }

 private:
  void register_bert();
  void register_clip();
  TextLayer make_layer() const;
  torch::Tensor run(TextLayer layer, const torch::Tensor& x, const torch::Tensor& bias) const;

  TextEncoderConfig config_;
  bool checkpointing_ = false;
  torch::nn::Embedding tokens_{nullptr}, positions_{nullptr};
  std::vector<TextLayer> layers_;
  torch::nn::LayerNorm norm_{nullptr};
  layers::Linear to_logits_{nullptr};
};
TORCH_MODULE(TextEncoder);

/// Tensors that a checkpoint of this encoder has beside the module's own and that play no part in the
/// context.
TensorInfos unused_tensors(const TextEncoderConfig& config);

}  // namespace kizu::ldm
