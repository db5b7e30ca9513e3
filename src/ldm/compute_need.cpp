#include "ldm/compute_need.h"

#include <sstream>
#include <vector>

namespace kizu::ldm {
namespace {

/// "input_blocks.4.1.proj_in.weight" -> its parts between the dots.
std::vector<std::string> parts_of(const std::string& name) {
  std::vector<std::string> parts;
  std::istringstream in(name);
  for (std::string part; std::getline(in, part, '.');) parts.push_back(part);
  return parts;
}

bool has(const std::vector<std::string>& parts, const char* part) {
  for (const auto& each : parts)
    if (each == part) return true;
  return false;
}

double pixels(int64_t height, int64_t width, int64_t level) {
  return static_cast<double>(height >> level) * static_cast<double>(width >> level);
}

/// How often halved the maps are that a block of the U-Net makes.
int64_t unet_level(const UNetConfig& config, const std::vector<std::string>& parts) {
  const auto levels = static_cast<int64_t>(config.channel_mult.size());
  const int64_t in_a_level = config.num_res_blocks + 1;
  if (parts[0] == "input_blocks") return std::stoll(parts[1]) / in_a_level;
  if (parts[0] == "middle_block") return levels - 1;
  if (parts[0] != "output_blocks") return 0;
  const bool doubled = parts.size() > 3 && parts[3] == "conv";
  return levels - 1 - std::stoll(parts[1]) / in_a_level - (doubled ? 1 : 0);
}

double unet_cost(const UNetConfig& config, int64_t tokens, const std::string& name,
                 const std::vector<int64_t>& shape, int64_t height, int64_t width) {
  const auto parts = parts_of(name);
  double weights = 1;
  for (const auto extent : shape) weights *= static_cast<double>(extent);
  if (shape.size() < 2) return 0;
  if (has(parts, "time_embed") || has(parts, "emb_layers")) return weights;
  const double here = pixels(height, width, unet_level(config, parts));
  const bool cross = has(parts, "attn2");
  const double listened = cross ? static_cast<double>(tokens) : here;
  if (has(parts, "to_k") || has(parts, "to_v")) return weights * listened;
  const double attention = has(parts, "to_q") ? 2 * static_cast<double>(shape[0]) * here * listened : 0;
  return weights * here + attention;
}

/// How often halved the maps of a block of the autoencoder are.
int64_t autoencoder_level(int64_t levels, const std::vector<std::string>& parts) {
  if (parts[0] != "encoder" && parts[0] != "decoder") return levels - 1;  // the 1 x 1 convolutions
  const bool inner = parts[1] == "mid" || parts[1] == (parts[0] == "encoder" ? "conv_out" : "conv_in");
  if (inner) return levels - 1;
  if (parts[1] != "down" && parts[1] != "up") return 0;
  const int64_t level = std::stoll(parts[2]);
  return level + (has(parts, "downsample") ? 1 : 0) - (has(parts, "upsample") ? 1 : 0);
}

double autoencoder_cost(const AutoencoderConfig& config, const std::string& name,
                        const std::vector<int64_t>& shape, int64_t height, int64_t width) {
  if (shape.size() < 2) return 0;
  const auto parts = parts_of(name);
  double weights = 1;
  for (const auto extent : shape) weights *= static_cast<double>(extent);
  const auto levels = static_cast<int64_t>(config.width_mult.size());
  const double here = pixels(height, width, autoencoder_level(levels, parts));
  const bool attends = parts.size() > 1 && parts[parts.size() - 2] == "q";
  return weights * here + (attends ? 2 * static_cast<double>(shape[0]) * here * here : 0);
}

}  // namespace

ComputeNeed compute_need(const LatentDiffusionConfig& config, int64_t height, int64_t width) {
  const auto factor = config.autoencoder.factor();
  const auto starts = [](const std::string& name, const std::string& prefix) {
    return name.rfind(prefix, 0) == 0;
  };
  ComputeNeed need;
  for (const auto& [name, tensor] : needed_tensors(config)) {
    const auto& shape = tensor.shape;
    if (starts(name, kUNetPrefix)) {
      need.unet +=
          unet_cost(config.unet, config.text.max_length, name.substr(std::string(kUNetPrefix).size()), shape,
                    height / factor, width / factor);
    } else if (starts(name, kAutoencoderPrefix)) {
      const auto own = name.substr(std::string(kAutoencoderPrefix).size());
      const bool encodes = starts(own, "encoder") || starts(own, "quant_conv");
      (encodes ? need.encode : need.decode) +=
          autoencoder_cost(config.autoencoder, own, shape, height, width);
    } else if (shape.size() == 2 && name.find("emb") == std::string::npos) {
      need.text += static_cast<double>(shape[0] * shape[1] * config.text.max_length);
    }
  }
  const auto& text = config.text;
  need.text +=
      2.0 * static_cast<double>(text.layers * text.heads * text.dim_head * text.max_length * text.max_length);
  return need;
}

}  // namespace kizu::ldm
