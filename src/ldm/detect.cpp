#include "ldm/detect.h"

#include "core/error.h"

namespace kizu::ldm {
namespace {

constexpr int64_t kMostSize = 1 << 20;  // of a dimension
constexpr int64_t kMostLevels = 8;

/// Looks at the tensors of one part.
class Names {
 public:
  Names(const TensorInfos& tensors, std::string prefix, const std::string& origin)
      : tensors_(tensors), prefix_(std::move(prefix)), origin_(origin) {}

  bool has(const std::string& name) const { return tensors_.count(prefix_ + name) != 0; }
  /// One dimension of a tensor that must be there with this many dimensions.
  int64_t size(const std::string& name, size_t rank, size_t dimension) const {
    const auto found = tensors_.find(prefix_ + name);
    if (found == tensors_.end()) refuse("it lacks " + prefix_ + name);
    bool usable = found->second.shape.size() == rank;
    for (const int64_t size : found->second.shape) usable = usable && size >= 1 && size <= kMostSize;
    if (!usable) refuse(prefix_ + name + " has an impossible shape");
    return found->second.shape[dimension];
  }
  /// How many of before0after, before1after ... there are.
  int64_t count(const std::string& before, const std::string& after) const {
    int64_t number = 0;
    while (has(before + std::to_string(number) + after)) ++number;
    return number;
  }
  [[noreturn]] void refuse(const std::string& what) const {
    throw Error(origin_ + " is no latent diffusion model that kizu knows: " + what);
  }

 private:
  const TensorInfos& tensors_;
  std::string prefix_;
  const std::string& origin_;
};

/// `channels` as a multiple of `width`; what is none gives a network whose shapes do not fit, which is told
/// tensor by tensor.
int64_t multiple(int64_t channels, int64_t width) {
  return std::max<int64_t>(1, channels / width);
}

/// Walks down the input blocks: residual blocks, then a downsampling, level after level.
UNetConfig unet_config(const Names& part, int64_t heads) {
  UNetConfig config;
  config.model_channels = part.size("input_blocks.0.0.weight", 4, 0);
  config.in_channels = part.size("input_blocks.0.0.weight", 4, 1);
  config.out_channels = part.size("out.2.weight", 4, 0);
  config.num_heads = heads > 0 ? heads : 8;
  config.channel_mult.clear();
  config.attention_resolutions.clear();
  int64_t factor = 1, blocks_of_level = 0;
  for (int64_t i = 1;; ++i) {
    const std::string block = "input_blocks." + std::to_string(i);
    if (part.has(block + ".0.op.weight")) {
      factor *= 2;
      if (factor > 1 << kMostLevels) part.refuse("its U-Net has too many levels");
      blocks_of_level = 0;
    } else if (part.has(block + ".0.in_layers.2.weight")) {
      const auto channels = part.size(block + ".0.in_layers.2.weight", 4, 0);
      if (blocks_of_level++ == 0) config.channel_mult.push_back(multiple(channels, config.model_channels));
      if (factor == 1) config.num_res_blocks = blocks_of_level;
      if (part.has(block + ".1.proj_in.weight")) config.attention_resolutions.insert(factor);
    } else {
      break;
    }
  }
  if (config.model_channels % config.num_heads != 0)
    part.refuse("its U-Net's " + std::to_string(config.model_channels) + " channels cannot be divided into " +
                std::to_string(config.num_heads) + " heads; choose another --heads");
  const std::string middle = "middle_block.1.transformer_blocks.";
  config.transformer_depth = part.count(middle, ".attn2.to_k.weight");
  config.context_dim = part.size(middle + "0.attn2.to_k.weight", 2, 1);
  return config;
}

AutoencoderConfig autoencoder_config(const Names& part) {
  AutoencoderConfig config;
  config.width = part.size("encoder.conv_in.weight", 4, 0);
  config.in_channels = part.size("encoder.conv_in.weight", 4, 1);
  config.out_channels = part.size("decoder.conv_out.weight", 4, 0);
  config.z_channels = part.size("decoder.conv_in.weight", 4, 1);
  config.embed_dim = part.size("post_quant_conv.weight", 4, 1);
  config.num_res_blocks = part.count("encoder.down.0.block.", ".conv1.weight");
  config.width_mult.clear();
  config.attention_sizes.clear();
  const int64_t levels = part.count("encoder.down.", ".block.0.conv1.weight");
  if (levels > kMostLevels) part.refuse("its autoencoder has too many levels");
  for (int64_t level = 0; level < levels; ++level) {
    const std::string down = "encoder.down." + std::to_string(level);
    config.width_mult.push_back(multiple(part.size(down + ".block.0.conv1.weight", 4, 0), config.width));
    if (part.has(down + ".attn.0.q.weight")) config.attention_sizes.insert(config.resolution >> level);
  }
  return config;
}

/// Sets heads and dim_head so that together they are `inner` wide.
void divide(int64_t inner, int64_t heads, const Names& part, TextEncoderConfig& config) {
  config.heads = heads > 0 ? heads : inner % 64 == 0 ? inner / 64 : 8;
  if (inner % config.heads != 0)
    part.refuse("its text encoder's width " + std::to_string(inner) + " cannot be divided into " +
                std::to_string(config.heads) + " heads; choose another --text-heads");
  config.dim_head = inner / config.heads;
}

TextEncoderConfig bert_config(const Names& part, int64_t heads) {
  TextEncoderConfig config;
  config.vocabulary = part.size("token_emb.weight", 2, 0);
  config.width = part.size("token_emb.weight", 2, 1);
  config.max_length = part.size("pos_emb.emb.weight", 2, 0);
  config.layers = 0;
  while (part.has("attn_layers.layers." + std::to_string(2 * config.layers) + ".1.to_q.weight"))
    ++config.layers;
  config.ff_width = part.size("attn_layers.layers.1.1.net.0.0.weight", 2, 0);
  divide(part.size("attn_layers.layers.0.1.to_q.weight", 2, 0), heads, part, config);
  return config;
}

TextEncoderConfig clip_config(const Names& part, int64_t heads) {
  TextEncoderConfig config = TextEncoderConfig::sd1();
  config.vocabulary = part.size("embeddings.token_embedding.weight", 2, 0);
  config.width = part.size("embeddings.token_embedding.weight", 2, 1);
  config.max_length = part.size("embeddings.position_embedding.weight", 2, 0);
  config.layers = part.count("encoder.layers.", ".self_attn.q_proj.weight");
  config.ff_width = part.size("encoder.layers.0.mlp.fc1.weight", 2, 0);
  divide(part.size("encoder.layers.0.self_attn.q_proj.weight", 2, 0), heads, part, config);
  return config;
}

TextEncoderConfig text_config(const TensorInfos& tensors, int64_t heads, const std::string& origin) {
  const Names bert(tensors, std::string(kTextPrefix) + "transformer.", origin);
  const Names clip(tensors, std::string(kTextPrefix) + "transformer.text_model.", origin);
  if (bert.has("token_emb.weight")) return bert_config(bert, heads);
  if (clip.has("embeddings.token_embedding.weight")) return clip_config(clip, heads);
  bert.refuse("its text encoder is neither that of txt2img-f8-large nor the CLIP of Stable Diffusion 1");
}

void require_part(const TensorInfos& tensors, const char* prefix, const char* what, const Names& part) {
  const auto first = tensors.lower_bound(prefix);
  if (first == tensors.end() || first->first.rfind(prefix, 0) != 0)
    part.refuse(std::string("it has no ") + what + " (no tensor's name begins with " + prefix + ")");
}

}  // namespace

LatentDiffusionConfig detect_config(const TensorInfos& tensors, const Heads& heads,
                                    const std::string& origin) {
  const Names unet(tensors, kUNetPrefix, origin);
  require_part(tensors, kUNetPrefix, "U-Net", unet);
  require_part(tensors, kAutoencoderPrefix, "autoencoder", unet);
  require_part(tensors, kTextPrefix, "text encoder", unet);
  LatentDiffusionConfig config;
  config.text = text_config(tensors, heads.text, origin);
  config.unet = unet_config(unet, heads.unet);
  config.autoencoder = autoencoder_config(Names(tensors, kAutoencoderPrefix, origin));
  try {
    config.check();
  } catch (const Error& error) {
    unet.refuse(error.what());
  }
  return config;
}

}  // namespace kizu::ldm
