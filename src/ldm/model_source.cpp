#include "ldm/model_source.h"

#include <cmath>
#include <cstdio>
#include <cstdlib>

#include "core/error.h"
#include "ldm/diffusers_folder.h"
#include "tensor/convert.h"

namespace kizu::ldm {
namespace {

namespace fs = std::filesystem;

/// The numbers of a tensor of floats, and how exactly its type has them.
struct Numbers {
  std::vector<double> values;  ///< empty where there is no such tensor
  torch::ScalarType type = torch::kFloat32;
  double error = 0;  ///< largest relative rounding
};

Numbers read_numbers(const TensorSource& tensors, const std::string& name) {
  Numbers numbers;
  const auto found = tensors.tensors().find(name);
  if (found == tensors.tensors().end()) return numbers;
  const auto tensor = to_tensor(tensors.read(name)).flatten();
  if (!tensor.is_floating_point()) return numbers;
  numbers.type = tensor.scalar_type();
  numbers.error = numbers.type == torch::kBFloat16  ? 0x1p-8
                  : numbers.type == torch::kFloat16 ? 0x1p-11
                                                    : 0x1p-24;
  const auto values = tensor.to(torch::kFloat64).contiguous();
  numbers.values.assign(values.data_ptr<double>(), values.data_ptr<double>() + values.numel());
  return numbers;
}

/// The shortest decimal number that the type rounds to this value: 0.00085 for what float16 has as
/// 0.00085020.
double before_rounding(double value, torch::ScalarType type) {
  for (int digits = 1; digits <= 9; digits++) {
    char text[32];
    std::snprintf(text, sizeof text, "%.*e", digits - 1, value);
    const double shorter = std::strtod(text, nullptr);
    if (torch::tensor(shorter, torch::kFloat64).to(type).to(torch::kFloat64).item<double>() == value)
      return shorter;
  }
  return value;
}

double beta_at(const LatentDiffusionConfig& config, size_t i) {
  const double from = std::sqrt(config.linear_start), to = std::sqrt(config.linear_end);
  const double beta = from + (to - from) * static_cast<double>(i) / static_cast<double>(config.timesteps - 1);
  return beta * beta;
}

/// What a checkpoint says in tensors. The schedule must be linear in the root of beta.
void take_numbers(const TensorSource& tensors, LatentDiffusionConfig& config, const std::string& origin) {
  const auto scale = read_numbers(tensors, "scale_factor");
  if (scale.values.size() == 1 && scale.values[0] > 0)
    config.scale_factor = before_rounding(scale.values[0], scale.type);
  const auto betas = read_numbers(tensors, "betas");
  if (betas.values.size() < 2) return;
  config.linear_start = before_rounding(betas.values.front(), betas.type);
  config.linear_end = before_rounding(betas.values.back(), betas.type);
  config.timesteps = static_cast<int64_t>(betas.values.size());
  for (size_t i = 0; i < betas.values.size(); ++i) {
    const double expected = beta_at(config, i);
    if (!(std::abs(betas.values[i] - expected) < 1e-6 + betas.error * expected))
      throw Error(origin +
                  ": its noise schedule (betas) is not linear in the root of beta; kizu knows no other");
  }
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
