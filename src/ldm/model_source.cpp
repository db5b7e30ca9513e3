#include "ldm/model_source.h"

#include <cmath>
#include <cstring>

#include "core/error.h"
#include "ldm/diffusers_folder.h"

namespace kizu::ldm {
namespace {

namespace fs = std::filesystem;

std::vector<float> read_floats(const TensorSource& tensors, const std::string& name) {
  const auto found = tensors.tensors().find(name);
  if (found == tensors.tensors().end() || found->second.dtype != Dtype::F32) return {};
  const RawTensor raw = tensors.read(name);
  std::vector<float> values(raw.bytes.size() / sizeof(float));
  if (!values.empty()) std::memcpy(values.data(), raw.bytes.data(), raw.bytes.size());
  return values;
}

double beta_at(const LatentDiffusionConfig& config, size_t i) {
  const double from = std::sqrt(config.linear_start), to = std::sqrt(config.linear_end);
  const double beta = from + (to - from) * static_cast<double>(i) / static_cast<double>(config.timesteps - 1);
  return beta * beta;
}

/// What a checkpoint says in tensors. The schedule must be linear in the root of beta; its ends, which are
/// float32, are taken to nine decimals.
void take_numbers(const TensorSource& tensors, LatentDiffusionConfig& config, const std::string& origin) {
  const auto scale = read_floats(tensors, "scale_factor");
  if (scale.size() == 1 && scale[0] > 0) config.scale_factor = double{scale[0]};
  const auto betas = read_floats(tensors, "betas");
  if (betas.size() < 2) return;
  const auto rounded = [](float value) { return std::round(double{value} * 1e9) / 1e9; };
  config.linear_start = rounded(betas.front());
  config.linear_end = rounded(betas.back());
  config.timesteps = static_cast<int64_t>(betas.size());
  for (size_t i = 0; i < betas.size(); ++i)
    if (!(std::abs(double{betas[i]} - beta_at(config, i)) < 1e-6))
      throw Error(origin +
                  ": its noise schedule (betas) is not linear in the root of beta; kizu knows no other");
}

}  // namespace

ModelSource open_model_source(const fs::path& source, const Heads& heads) {
  ModelSource model;
  const std::string origin = source.string();
  if (fs::is_directory(source)) {
    auto folder = std::make_unique<DiffusersFolder>(source);
    model.kind = "folder of diffusers";
    Heads known = folder->heads();
    if (heads.unet > 0) known.unet = heads.unet;
    if (heads.text > 0) known.text = heads.text;
    model.config = detect_config(folder->tensors(), known, origin);
    folder->take_numbers(model.config);
    model.vocabulary = folder->vocabulary();
    model.tensors = std::move(folder);
  } else {
    model.tensors = open_tensors(source);
    model.kind = "checkpoint";
    model.config = detect_config(model.tensors->tensors(), heads, origin);
    take_numbers(*model.tensors, model.config, origin);
  }
  return model;
}

}  // namespace kizu::ldm
