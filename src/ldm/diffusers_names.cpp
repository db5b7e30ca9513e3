#include "ldm/diffusers_names.h"

#include <cstdlib>
#include <map>
#include <vector>

#include "ldm/latent_config.h"

namespace kizu::ldm {
namespace {

using Table = std::map<std::string, std::string>;

/// A name cut at its dots, read from the left.
class Path {
 public:
  explicit Path(const std::string& name) : rest_(name) {}

  /// The next part.
  std::string next() {
    const auto dot = rest_.find('.');
    const std::string part = rest_.substr(0, dot);
    rest_ = dot == std::string::npos ? "" : rest_.substr(dot + 1);
    return part;
  }
  /// The next part as a number; -1 where it is none of at most three digits.
  int64_t number() {
    const std::string part = next();
    if (part.empty() || part.size() > 3 || part.find_first_not_of("0123456789") != std::string::npos)
      return -1;
    return std::atoi(part.c_str());
  }
  const std::string& rest() const { return rest_; }

 private:
  std::string rest_;
};

const Table kUNetBlock = {{"norm1", "in_layers.0"},          {"conv1", "in_layers.2"},
                          {"time_emb_proj", "emb_layers.1"}, {"norm2", "out_layers.0"},
                          {"conv2", "out_layers.3"},         {"conv_shortcut", "skip_connection"}};
const Table kAutoencoderBlock = {{"norm1", "norm1"},
                                 {"conv1", "conv1"},
                                 {"norm2", "norm2"},
                                 {"conv2", "conv2"},
                                 {"conv_shortcut", "nin_shortcut"}};
// Two generations of names.
const Table kAutoencoderAttention = {
    {"group_norm", "norm"},  {"query", "q"}, {"key", "k"},  {"value", "v"},
    {"to_q", "q"},           {"to_k", "k"},  {"to_v", "v"}, {"proj_attn", "proj_out"},
    {"to_out.0", "proj_out"}};
const Table kBertAttentionLayer = {{"self_attn_layer_norm", "0"},
                                   {"self_attn.q_proj", "1.to_q"},
                                   {"self_attn.k_proj", "1.to_k"},
                                   {"self_attn.v_proj", "1.to_v"},
                                   {"self_attn.out_proj", "1.to_out"}};
const Table kBertForwardLayer = {{"final_layer_norm", "0"}, {"fc1", "1.net.0.0"}, {"fc2", "1.net.2"}};

/// prefix + what the table has for the start of `rest` + what follows it ("weight"); empty if it has nothing.
std::string translated(const std::string& prefix, const Table& table, const std::string& rest) {
  for (const auto& [theirs, ours] : table)
    if (rest.compare(0, theirs.size() + 1, theirs + ".") == 0)
      return prefix + ours + rest.substr(theirs.size());
  return "";
}

std::string numbered(const std::string& name, int64_t number) {
  return name + "." + std::to_string(number) + ".";
}

int64_t count(const TensorInfos& tensors, const std::string& before, const std::string& after) {
  int64_t number = 0;
  while (tensors.count(before + std::to_string(number) + after) != 0) ++number;
  return number;
}

}  // namespace

DiffusersNames::DiffusersNames(const TensorInfos& unet, const TensorInfos& autoencoder)
    : blocks_(count(unet, "down_blocks.0.resnets.", ".conv1.weight")),
      levels_(count(autoencoder, "encoder.down_blocks.", ".resnets.0.conv1.weight")),
      unet_(unet) {}

std::string DiffusersNames::unet(const std::string& name) const {
  static const Table kTop = {{"conv_in", "input_blocks.0.0"},
                             {"conv_norm_out", "out.0"},
                             {"conv_out", "out.2"},
                             {"time_embedding.linear_1", "time_embed.0"},
                             {"time_embedding.linear_2", "time_embed.2"}};
  const std::string top = translated(kUNetPrefix, kTop, name);
  if (!top.empty()) return top;
  Path path(name);
  const std::string part = path.next();
  if (part != "down_blocks" && part != "mid_block" && part != "up_blocks") return "";
  const int64_t level = part == "mid_block" ? 0 : path.number();
  const std::string kind = path.next();
  const int64_t index = path.number();
  if (level < 0 || index < 0) return "";
  const bool block = kind == "resnets", attention = kind == "attentions";
  std::string place;  // of the block, with its last dot
  if (part == "mid_block") {
    place = std::string(kUNetPrefix) + numbered("middle_block", block ? 2 * index : 1 + index);
  } else {
    const bool down = part == "down_blocks";
    const int64_t first = level * (blocks_ + 1) + (down ? 1 : 0);
    const std::string list = std::string(kUNetPrefix) + (down ? "input_blocks" : "output_blocks");
    if (kind == "downsamplers" && path.next() == "conv")
      return numbered(list, first + blocks_) + "0.op." + path.rest();
    if (kind == "upsamplers" && path.next() == "conv") {
      const bool attends = unet_.count(numbered("up_blocks", level) + "attentions.0.proj_in.weight") != 0;
      return numbered(list, first + blocks_) + (attends ? "2" : "1") + ".conv." + path.rest();
    }
    place = numbered(list, first + index) + (attention ? "1." : "0.");
  }
  if (attention) return place + path.rest();
  return block ? translated(place, kUNetBlock, path.rest()) : "";
}

std::string DiffusersNames::autoencoder(const std::string& name) const {
  Path path(name);
  const std::string side = path.next();
  if (side == "quant_conv" || side == "post_quant_conv") return kAutoencoderPrefix + name;
  if (side != "encoder" && side != "decoder") return "";
  static const Table kTop = {{"conv_in", "conv_in"}, {"conv_norm_out", "norm_out"}, {"conv_out", "conv_out"}};
  const std::string prefix = kAutoencoderPrefix + side + ".";
  const std::string top = translated(prefix, kTop, path.rest());
  if (!top.empty()) return top;
  const std::string part = path.next();
  if (part == "mid_block") {
    const std::string kind = path.next();
    const int64_t index = path.number();
    if (kind == "attentions" && index == 0)
      return translated(prefix + "mid.attn_1.", kAutoencoderAttention, path.rest());
    if (kind != "resnets" || index < 0) return "";
    return translated(prefix + "mid.block_" + std::to_string(index + 1) + ".", kAutoencoderBlock,
                      path.rest());
  }
  const bool down = part == "down_blocks";
  if (!down && part != "up_blocks") return "";
  const int64_t number = path.number();
  // The decoder's levels are counted from the smallest map there, from the largest here.
  const std::string level = prefix + numbered(down ? "down" : "up", down ? number : levels_ - 1 - number);
  const std::string kind = path.next();
  const int64_t index = path.number();
  if (number < 0 || index < 0) return "";
  if (kind == "resnets") return translated(level + numbered("block", index), kAutoencoderBlock, path.rest());
  if (kind == "attentions")
    return translated(level + numbered("attn", index), kAutoencoderAttention, path.rest());
  if (kind == "downsamplers") return level + "downsample." + path.rest();
  return kind == "upsamplers" ? level + "upsample." + path.rest() : "";
}

std::string DiffusersNames::text(const std::string& name) {
  const std::string prefix = std::string(kTextPrefix) + "transformer.";
  if (name.rfind("text_model.", 0) == 0) return prefix + name;  // CLIP: the checkpoint has the same names
  static const Table kTop = {{"model.embed_tokens", "token_emb"},
                             {"model.embed_positions", "pos_emb.emb"},
                             {"model.layer_norm", "norm"},
                             {"to_logits", "to_logits"}};
  const std::string top = translated(prefix, kTop, name);
  if (!top.empty()) return top;
  Path path(name);
  if (path.next() != "model" || path.next() != "layers") return "";
  const int64_t layer = path.number();
  if (layer < 0) return "";
  const std::string layers = prefix + "attn_layers.layers";
  const std::string attention = translated(numbered(layers, 2 * layer), kBertAttentionLayer, path.rest());
  return attention.empty() ? translated(numbered(layers, 2 * layer + 1), kBertForwardLayer, path.rest())
                           : attention;
}

}  // namespace kizu::ldm
