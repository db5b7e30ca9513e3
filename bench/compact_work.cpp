#include "compact_work.h"

#include "tensor/noise.h"

namespace kizu::bench {
namespace {

/// How often halved the maps are that a part of the compact U-Net makes.
int64_t level_of(const std::string& part) {
  if (part == "out" || part == "in" || part == "last") return 0;
  if (part.rfind("middle", 0) == 0 || part == "attend_middle") return 2;
  const int64_t named = part.back() - '0';
  if (part.rfind("down", 0) == 0) return named + 1;
  if (part.rfind("up", 0) == 0) return named - 1;
  return named;  // enter1, leave2, attend1, attend_up2 ...
}

double weights_of(const torch::Tensor& weight) {
  return weight.dim() > 1 ? static_cast<double>(weight.numel()) : 0;
}

}  // namespace

double compact_unet_work(const ldm::CompactModel& model, int64_t side, int64_t batch) {
  const auto& config = model.config.unet;
  const double tokens =
      static_cast<double>(config.appearance_tokens + config.spatial_side * config.spatial_side);
  double work = 0;
  for (const auto& item : model.unet->named_parameters()) {
    const auto& name = item.key();
    const auto part = name.substr(0, name.find('.'));
    const double weights = weights_of(item.value());
    if (part.rfind("time", 0) == 0 || name.find(".film.") != std::string::npos) {
      work += weights;
      continue;
    }
    const int64_t edge = side >> level_of(part);
    const auto pixels = static_cast<double>(edge * edge);
    const bool cross = name.find(".cross.") != std::string::npos;
    const double heard = cross ? tokens : pixels;
    const bool of_tokens = name.find(".k.") != std::string::npos || name.find(".v.") != std::string::npos;
    work += weights * (of_tokens ? heard : pixels);
    if (name.find(".q.") != std::string::npos)
      work += 2 * static_cast<double>(item.value().size(0)) * pixels * heard;
  }
  return work * static_cast<double>(batch);
}

double compact_encoder_work(const ldm::CompactModel& model, int64_t side, int64_t batch) {
  const int64_t quarter = model.config.autoencoder.quarter_width;
  double work = 0;
  for (const auto& item : model.autoencoder->named_parameters()) {
    if (item.key().rfind("encoder.", 0) != 0) continue;
    const auto& weight = item.value();
    const int64_t edge = weight.size(0) == quarter ? side / 4 : side / 8;
    work += weights_of(weight) * static_cast<double>(edge * edge);
  }
  return work * static_cast<double>(batch);
}

double compact_decoder_work(const ldm::CompactModel& model, int64_t side, int64_t batch) {
  const int64_t quarter = model.config.autoencoder.quarter_width;
  double work = 0;
  for (const auto& item : model.autoencoder->named_parameters()) {
    if (item.key().rfind("decoder.", 0) != 0) continue;
    const auto& weight = item.value();
    const bool large = weight.dim() > 1 && weight.size(1) == quarter;
    const int64_t edge = large ? side / 4 : side / 8;
    work += weights_of(weight) * static_cast<double>(edge * edge);
  }
  return work * static_cast<double>(batch);
}

ldm::CompactCondition compact_condition(const ldm::CompactModel& model, int64_t side, int64_t batch) {
  const auto& config = model.config.unet;
  const auto normal = [&](std::vector<int64_t> shape) { return NoiseStream(3).normal(shape); };
  const int64_t tokens = config.appearance_tokens + config.spatial_side * config.spatial_side;
  return {normal({batch, 16, side, side}), normal({batch, config.latent_channels, side, side}),
          normal({batch, 1, side, side}), normal({batch, tokens, config.context_dim})};
}

}  // namespace kizu::bench
