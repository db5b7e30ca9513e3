#include "ldm/memory_need.h"

#include <cmath>
#include <cstdio>
#include <map>

#include "core/error.h"
#include "layers/number.h"

namespace kizu::ldm {
namespace {

uint64_t element_size(const LoadOptions& options) {
  return c10::elementSize(options.dtype);
}

/// Bytes of one number of a weight, which may be kept in 16 bits if it is one of a product.
uint64_t kept_size(const std::string& name, const TensorInfo& tensor, const LoadOptions& options) {
  const bool embedding = name.rfind(kTextPrefix, 0) == 0 && name.find("emb") != std::string::npos;
  if (tensor.shape.size() < 2 || embedding || !layers::is_half(options.kept)) return element_size(options);
  return c10::elementSize(options.kept);
}

/// What prepared weights take beyond those of the file. Measured when those of quick convolutions were
/// larger, 16 % of all; since they are kept as taps this is a bound on the safe side. Kept in 16 bits they
/// never were, but the weight that is being prepared lies there twice.
uint64_t prepared_more(const MemoryNeed& need, const LoadOptions& options) {
  if (!options.own_loops()) return 0;
  return need.weights * (layers::is_half(options.kept) ? 8 : 16) / 100;
}

/// Float32 copies of the largest stage of the U-Net, which its backward pass needs of weights in 16 bits; of
/// the whole U-Net where nothing is computed again. By torch's operators alone.
uint64_t widened_bytes(const LatentDiffusionConfig& config, const LoadOptions& options, bool by_stage) {
  if (!layers::is_half(options.kept)) return 0;
  const std::string prefix = kUNetPrefix;
  std::map<std::string, uint64_t> stages;
  for (const auto& [name, tensor] : needed_tensors(config)) {
    if (name.rfind(prefix, 0) != 0) continue;
    const auto end = name.find('.', name.find('.', prefix.size()) + 1);  // "input_blocks.4"
    stages[by_stage ? name.substr(0, end) : prefix] +=
        sizeof(float) * static_cast<uint64_t>(elements_of(tensor));
  }
  uint64_t most = 0;
  for (const auto& [stage, bytes] : stages) most = std::max(most, bytes);
  return most;
}

uint64_t product(std::initializer_list<int64_t> factors) {
  uint64_t all = 1;
  for (const auto factor : factors) all *= static_cast<uint64_t>(factor);
  return all;
}

/// Elements of the U-Net's feature maps after every block, for one latent, and of its largest attention.
struct UNetSize {
  uint64_t maps = 0, largest_map = 0, largest_attention = 0, attentions = 0;
};

UNetSize unet_size(const UNetConfig& config, int64_t height, int64_t width) {
  UNetSize size;
  for (size_t level = 0; level < config.channel_mult.size(); ++level) {
    const int64_t factor = int64_t{1} << level;
    const int64_t channels = config.model_channels * config.channel_mult[level];
    const int64_t pixels = std::max<int64_t>(1, height / factor) * std::max<int64_t>(1, width / factor);
    const auto map = product({channels, pixels});
    const auto blocks = static_cast<uint64_t>(2 * config.num_res_blocks + 1);
    size.maps += blocks * map;
    size.largest_map = std::max(size.largest_map, map);
    if (config.attention_resolutions.count(factor) == 0) continue;
    const int64_t heads =
        config.num_head_channels == -1 ? config.num_heads : channels / config.num_head_channels;
    const auto attention = product({heads, pixels, pixels});
    size.attentions += blocks * attention;
    size.largest_attention = std::max(size.largest_attention, attention);
  }
  return size;
}

std::string gigabytes(uint64_t bytes) {
  char text[32];
  std::snprintf(text, sizeof text, "%.1f GB", static_cast<double>(bytes) / 1e9);
  return text;
}

}  // namespace

uint64_t weight_bytes(const LatentDiffusionConfig& config, const LoadOptions& options) {
  uint64_t bytes = 0;
  for (const auto& [name, tensor] : needed_tensors(config)) {
    const bool wanted = (options.unet && name.rfind(kUNetPrefix, 0) == 0) ||
                        (options.autoencoder && name.rfind(kAutoencoderPrefix, 0) == 0) ||
                        (options.text && name.rfind(kTextPrefix, 0) == 0);
    if (wanted) bytes += static_cast<uint64_t>(elements_of(tensor)) * kept_size(name, tensor, options);
  }
  return bytes;
}

MemoryNeed generation_need(const LatentDiffusionConfig& config, const LoadOptions& options, int64_t batch,
                           int64_t height, int64_t width) {
  LoadOptions painting = options, reading = options;
  painting.text = false;
  reading.unet = reading.autoencoder = false;
  MemoryNeed need;
  need.weights = std::max(weight_bytes(config, painting), weight_bytes(config, reading));
  const auto factor = config.autoencoder.factor();
  const auto unet = unet_size(config.unet, height / factor, width / factor);
  // The skips, and what the widest block and the largest attention hold at once.
  const uint64_t denoising = unet.maps + 8 * unet.largest_map + 3 * unet.largest_attention;
  // At full resolution the decoder's first level still has the width of the one below.
  const auto& mult = config.autoencoder.width_mult;
  const int64_t widest = config.autoencoder.width * mult[std::min<size_t>(1, mult.size() - 1)];
  const uint64_t decoding = 6 * product({widest, height, width});
  need.working = static_cast<uint64_t>(batch) * std::max(denoising, decoding) * element_size(options);
  need.working += prepared_more(need, options);
  return need;
}

MemoryNeed learning_need(const LatentDiffusionConfig& config, const LoadOptions& options, int64_t batch,
                         int64_t height, int64_t width, bool checkpointing) {
  MemoryNeed need;
  need.weights = weight_bytes(config, options);
  const auto factor = config.autoencoder.factor();
  const auto unet = unet_size(config.unet, height / factor, width / factor);
  const auto& text = config.text;
  const auto per_layer =
      product({text.max_length, 6 * text.width + 4 * text.heads * text.dim_head + 2 * text.ff_width}) +
      2 * product({text.heads, text.max_length, text.max_length});
  // A block of the U-Net keeps about thirty maps of its size for the backward pass.
  const uint64_t kept =
      checkpointing ? 2 * unet.maps + 30 * unet.largest_map + 3 * unet.largest_attention +
                          product({text.layers, text.max_length, text.width}) + per_layer
                    : 30 * unet.maps + 2 * unet.attentions + static_cast<uint64_t>(text.layers) * per_layer;
  need.working = static_cast<uint64_t>(batch) * kept * element_size(options);
  if (!options.own_loops()) {
    need.working += static_cast<uint64_t>(batch) * widened_bytes(config, options, checkpointing);
    return need;
  }
  const auto by_layers =
      static_cast<uint64_t>(batch) * kept_by_layers(config.unet, height / factor, width / factor);
  if (by_layers <= kMostKept) need.working = std::max(need.working, by_layers);
  need.working += prepared_more(need, options);
  return need;
}

uint64_t kept_by_layers(const UNetConfig& config, int64_t height, int64_t width) {
  // The inputs of norms, GEGLU and attention: 17 maps in a transformer, 4 in a residual block. Convolutions
  // and linear layers keep nothing.
  return 22 * sizeof(float) * unet_size(config, height, width).maps;
}

std::string describe(const MemoryNeed& need) {
  return "about " + gigabytes(need.total()) + " of memory (" + gigabytes(need.weights) + " for the weights)";
}

void require_memory(const MemoryNeed& need, uint64_t available, const std::string& what,
                    const std::string& remedy) {
  if (available == 0 || need.total() <= available) return;
  throw Error(what + " needs " + describe(need) + ", but " + gigabytes(available) + " are free; " + remedy);
}

}  // namespace kizu::ldm
