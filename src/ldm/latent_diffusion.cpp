#include "ldm/latent_diffusion.h"

#include <cmath>
#include <optional>
#include <set>

#include "core/error.h"
#include "core/json.h"
#include "layers/convolution.h"
#include "layers/exact.h"
#include "layers/linear.h"
#include "ldm/tokenizer.h"
#include "ldm/without_weights.h"
#include "tensor/convert.h"
#include "tensor/noise.h"
#include "weights/safetensors_file.h"
#include "weights/safetensors_writer.h"

namespace kizu::ldm {
namespace {

namespace fs = std::filesystem;

/// A tensor over the bytes of the file, where they can be used as they are.
torch::Tensor mapped(const std::shared_ptr<SafetensorsFile>& file, const std::string& name,
                     torch::ScalarType dtype) {
  const auto bytes = file->bytes(name);
  const auto address = reinterpret_cast<std::uintptr_t>(bytes.data());
  if (bytes.empty() || address % c10::elementSize(dtype) != 0) return {};
  // The file stays mapped as long as one of its tensors lives. Nobody writes: the weights are frozen.
  return torch::from_blob(
      const_cast<char*>(bytes.data()), file->tensors().at(name).shape, [file](void*) {},
      torch::TensorOptions(dtype));
}

/// Nothing for a type that no network computes in.
std::optional<torch::ScalarType> type_of(Dtype stored) {
  if (stored == Dtype::F32) return torch::kFloat32;
  if (stored == Dtype::F16) return torch::kFloat16;
  if (stored == Dtype::BF16) return torch::kBFloat16;
  return {};
}

torch::Tensor weight_from(const std::shared_ptr<SafetensorsFile>& file, const std::string& name,
                          const LoadOptions& options, bool of_product) {
  const auto stored = type_of(file->tensors().at(name).dtype);
  const bool kept = of_product && options.kept == stored && options.device.is_cpu();
  const auto wanted = kept ? options.kept : options.dtype;
  if (stored == wanted && options.device.is_cpu()) {
    const auto tensor = mapped(file, name, wanted);
    if (tensor.defined()) return tensor;
  }
  return to_tensor(file->read(name)).to(options.device, wanted);
}

/// Names of the weights that layers multiply with; those may be kept in 16 bits beside float32 arithmetic.
std::set<std::string> weights_of_products(torch::nn::Module& module) {
  std::set<std::string> names;
  for (const auto& item : module.named_modules())
    if (item.value()->as<layers::Conv2dImpl>() || item.value()->as<layers::LinearImpl>())
      names.insert(item.key() + ".weight");
  return names;
}

/// Norms and biases are always in the type of the arithmetic.
torch::ScalarType arithmetic_of(const torch::nn::Module& module) {
  for (const auto& parameter : module.parameters())
    if (parameter.dim() == 1) return parameter.scalar_type();
  return torch::kFloat32;
}

std::string shape_text(const std::vector<int64_t>& shape) {
  return c10::str(at::IntArrayRef(shape));
}

/// Throws Error with the first of what does not fit, and how many.
void check_tensors(const NamedTensors& own, const TensorInfos& found, const TensorInfos& extras,
                   const std::string& origin) {
  std::vector<std::string> wrong;
  for (const auto& [name, place] : own) {
    const auto tensor = found.find(name);
    if (tensor == found.end())
      wrong.push_back(name + " is missing");
    else if (at::IntArrayRef(tensor->second.shape) != place.sizes())
      wrong.push_back(name + " has the shape " + shape_text(tensor->second.shape) + " instead of " +
                      c10::str(place.sizes()));
  }
  for (const auto& [name, tensor] : found)
    if (own.count(name) == 0 && extras.count(name) == 0) wrong.push_back(name + " is unknown");
  if (wrong.empty()) return;
  std::string text = origin + " does not fit model.json: ";
  for (size_t i = 0; i < std::min<size_t>(5, wrong.size()); ++i) text += (i > 0 ? ", " : "") + wrong[i];
  if (wrong.size() > 5) text += " and " + std::to_string(wrong.size() - 5) + " more";
  throw Error(text + "; import the model again");
}

void load_part(torch::nn::Module& module, const char* prefix, const fs::path& path, const TensorInfos& extras,
               const LoadOptions& options) {
  const auto file = std::make_shared<SafetensorsFile>(path);
  const auto places = state_of(module, prefix);
  check_tensors(places, file->tensors(), extras, path.string());
  const auto products = weights_of_products(module);
  for (const auto& item : module.named_parameters()) {
    adopt(item.value(), weight_from(file, prefix + item.key(), options, products.count(item.key()) > 0));
    item.value().set_requires_grad(false);
  }
  module.eval();
}

/// A GPU's convolutions want the channels of a pixel side by side; what they make then lies so as well.
void lay_channels_last(torch::nn::Module& module) {
  for (const auto& filters : module.parameters())
    if (filters.dim() == 4) adopt(filters, filters.detach().contiguous(torch::MemoryFormat::ChannelsLast));
}

/// Weights uniform in +-1/sqrt(fan in), biases 0, norms 1.
void draw_part(torch::nn::Module& module, const char* prefix, uint64_t seed) {
  for (const auto& item : module.named_parameters()) {
    const auto& place = item.value();
    torch::Tensor value;
    if (place.dim() > 1) {
      const double bound = 1 / std::sqrt(static_cast<double>(place.numel() / place.size(0)));
      value = NoiseStream(mix(seed, prefix + item.key())).uniform_tensor(place.sizes());
      value.mul_(2 * bound).sub_(bound);
    } else {
      const bool bias = item.key().rfind("bias") != std::string::npos;
      value = torch::full(place.sizes(), bias ? 0.0 : 1.0);
    }
    adopt(place, value);
    item.value().set_requires_grad(false);
  }
  module.eval();
}

void save_part(const torch::nn::Module& module, const char* prefix, const fs::path& path,
               torch::ScalarType dtype) {
  const auto tensors = state_of(module, prefix);
  const Dtype stored = to_raw(torch::empty({0}, dtype)).dtype;
  TensorInfos infos;
  for (const auto& [name, tensor] : tensors) infos[name] = {stored, tensor.sizes().vec()};
  SafetensorsWriter writer(path, infos, {});
  for (const auto& name : writer.order()) writer.append(to_raw(tensors.at(name).to(dtype)).bytes);
  writer.commit();
}

LatentDiffusion networks(const LatentDiffusionConfig& config, const LoadOptions& wanted) {
  const WithoutWeights scope;
  LatentDiffusion model;
  model.config = config;
  if (wanted.unet) model.unet = UNet(config.unet);
  if (wanted.autoencoder) model.autoencoder = Autoencoder(config.autoencoder);
  if (wanted.text) model.text = TextEncoder(config.text);
  return model;
}

/// The architecture that a model.json names; empty where it names none.
std::string architecture_of(const Json& json) {
  const auto found = json.is_object() ? json.find("architecture") : json.end();
  return found != json.end() && found->is_string() ? found->get<std::string>() : "";
}

}  // namespace

LatentDiffusion LatentDiffusion::create(const LatentDiffusionConfig& config, uint64_t seed) {
  config.check();
  auto model = networks(config, {});
  draw_part(*model.unet, kUNetPrefix, seed);
  draw_part(*model.autoencoder, kAutoencoderPrefix, seed);
  draw_part(*model.text, kTextPrefix, seed);
  return model;
}

LatentDiffusion LatentDiffusion::load(const fs::path& folder, const LoadOptions& options) {
  const auto config = read_config(folder);
  const auto extras = known_extras(config);
  auto model = networks(config, options);
  if (options.text) {
    load_part(*model.text, kTextPrefix, folder / kTextFile, extras, options);
    model.tokenizer = read_tokenizer(folder, config);
  }
  if (options.autoencoder)
    load_part(*model.autoencoder, kAutoencoderPrefix, folder / kAutoencoderFile, extras, options);
  if (options.unet) load_part(*model.unet, kUNetPrefix, folder / kUNetFile, extras, options);
  model.prepare_device();
  return model;
}

void LatentDiffusion::save(const fs::path& folder, torch::ScalarType dtype, const Json& about) const {
  TORCH_CHECK(unet && autoencoder && text, "LatentDiffusion::save: a part is missing");
  fs::create_directories(folder);
  save_part(*unet, kUNetPrefix, folder / kUNetFile, dtype);
  save_part(*autoencoder, kAutoencoderPrefix, folder / kAutoencoderFile, dtype);
  save_part(*text, kTextPrefix, folder / kTextFile, dtype);
  write_json(folder / "model.json",
             {{"architecture", name_of(config.family())}, {"config", config}, {"about", about}});
}

void LatentDiffusion::to(torch::Device device, torch::ScalarType dtype) {
  if (unet) unet->to(device, dtype);
  if (autoencoder) autoencoder->to(device, dtype);
  if (text) text->to(device, dtype);
  prepare_device();
}

void LatentDiffusion::prepare_device() {
  recorded = nullptr;
  const bool has_filters = unet || autoencoder;
  if (!has_filters || !device().is_cuda() || layers::is_exact()) return;
  if (unet) lay_channels_last(*unet);
  if (autoencoder) lay_channels_last(*autoencoder);
  if (unet) recorded = std::make_shared<RecordedUNet>(unet);
}

torch::Device LatentDiffusion::device() const {
  if (unet) return unet->parameters().front().device();
  if (text) return text->parameters().front().device();
  return autoencoder->parameters().front().device();
}

bool LoadOptions::own_loops() const {
  return device.is_cpu() && dtype == torch::kFloat32 && !layers::is_exact();
}

bool LatentDiffusion::own_loops() const {
  LoadOptions as_it_is;
  as_it_is.device = device();
  as_it_is.dtype = arithmetic_of(*unet);
  return as_it_is.own_loops();
}

torch::Tensor LatentDiffusion::predict(const torch::Tensor& x, const torch::Tensor& t,
                                       const torch::Tensor& context, const AttentionWeights* weights) {
  const torch::NoGradGuard no_grad;
  const auto input = x.to(context.scalar_type());
  const auto eps =
      recorded ? recorded->forward(input, t, context, weights) : unet->forward(input, t, context, weights);
  return eps.to(x.scalar_type());
}

torch::Tensor LatentDiffusion::encode(const torch::Tensor& image, const torch::Tensor& noise) {
  return drawn(moments(image), noise);
}

torch::Tensor LatentDiffusion::moments(const torch::Tensor& image) {
  return autoencoder->moments(image.to(arithmetic_of(*autoencoder)));
}

torch::Tensor LatentDiffusion::drawn(const torch::Tensor& moments, const torch::Tensor& noise) const {
  return (config.scale_factor * DiagonalGaussian(moments).sample(noise.to(moments.scalar_type())))
      .to(torch::kFloat32);
}

torch::Tensor LatentDiffusion::decode(const torch::Tensor& latent) {
  const auto dtype = arithmetic_of(*autoencoder);
  return autoencoder->decode((latent / config.scale_factor).to(dtype)).to(torch::kFloat32);
}

std::shared_ptr<const Tokenizer> read_tokenizer(const fs::path& folder, const LatentDiffusionConfig& config) {
  const bool byte_pairs = config.family() == BaseFamily::kSd1Clip;
  if (!byte_pairs || !fs::exists(folder / "vocab.json")) return nullptr;
  return open_tokenizer(config.text, folder);
}

bool is_latent_diffusion(const fs::path& folder) {
  const auto name = architecture_of(read_json(folder / "model.json"));
  return name == name_of(BaseFamily::kLdmBert) || name == name_of(BaseFamily::kSd1Clip);
}

int64_t native_side(const LatentDiffusionConfig& config) {
  return config.family() == BaseFamily::kSd1Clip ? 512 : 256;
}

torch::ScalarType stored_type(const fs::path& folder) {
  const SafetensorsFile file(folder / kUNetFile);
  int64_t most = 0;
  auto found = torch::kFloat32;
  for (const auto& [name, tensor] : file.tensors()) {
    const auto type = type_of(tensor.dtype);
    if (!type || elements_of(tensor) <= most) continue;
    most = elements_of(tensor);
    found = *type;
  }
  return found;
}

LatentDiffusionConfig read_config(const fs::path& folder) {
  const auto file = folder / "model.json";
  const Json json = read_json(file);
  const auto architecture = architecture_of(json);
  if (architecture == "compact")
    throw Error(
        file.string() +
        ": this is the compact base, which has no text encoder; choose a folder that kizu import wrote");
  try {
    LatentDiffusionConfig config;
    config.text.family = family_named(architecture);
    from_json(json.value("config", Json()), config);
    return config;
  } catch (const Error& failure) {
    throw Error(file.string() + ": " + failure.what() + "; import the model again");
  }
}

}  // namespace kizu::ldm
