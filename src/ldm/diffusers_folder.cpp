#include "ldm/diffusers_folder.h"

#include "core/error.h"
#include "core/json.h"
#include "ldm/diffusers_names.h"

namespace kizu::ldm {
namespace {

namespace fs = std::filesystem;

/// A JSON file of the folder; null where it is not there.
Json described(const fs::path& file) {
  return fs::exists(file) ? read_json(file) : Json();
}

int64_t whole_number(const Json& from, const char* key) {
  const auto found = from.is_object() ? from.find(key) : from.end();
  const bool usable = found != from.end() && found->is_number_integer() && *found > 0 && *found < 1000000;
  return usable ? found->get<int64_t>() : 0;
}

void take_number(const Json& from, const char* key, double& into) {
  const auto found = from.is_object() ? from.find(key) : from.end();
  if (found != from.end() && found->is_number() && found->get<double>() > 0) into = found->get<double>();
}

/// The attention of the autoencoder: linear layers there, 1 x 1 convolutions here.
bool becomes_convolution(const std::string& ours, const TensorInfo& tensor) {
  const bool attention =
      ours.find(".attn_1.") != std::string::npos || ours.find(".attn.") != std::string::npos;
  return attention && tensor.shape.size() == 2;
}

}  // namespace

DiffusersFolder::DiffusersFolder(const fs::path& folder) : folder_(folder) {
  if (fs::exists(folder / "model.json"))
    throw Error(folder.string() + " is a model of kizu already; use it as it is, with --model");
  unet_ = open_part({"unet"});
  autoencoder_ = open_part({"vqvae", "vae"});
  text_ = open_part({"bert", "text_encoder"});
  const DiffusersNames names(unet_->tensors(), autoencoder_->tensors());
  for (const auto& [name, tensor] : unet_->tensors()) add(*unet_, name, names.unet(name), false);
  for (const auto& [name, tensor] : autoencoder_->tensors()) {
    const auto ours = names.autoencoder(name);
    add(*autoencoder_, name, ours, becomes_convolution(ours, tensor));
  }
  for (const auto& [name, tensor] : text_->tensors()) add(*text_, name, DiffusersNames::text(name), false);
}

std::unique_ptr<TensorSource> DiffusersFolder::open_part(std::initializer_list<const char*> folders) {
  for (const char* folder : folders)
    for (const char* file :
         {"diffusion_pytorch_model.safetensors", "diffusion_pytorch_model.fp16.safetensors",
          "diffusion_pytorch_model.bin", "model.safetensors", "model.fp16.safetensors", "pytorch_model.bin"})
      if (fs::exists(folder_ / folder / file)) return open_tensors(folder_ / folder / file);
  throw Error(
      folder_.string() + " has no weights in " + *folders.begin() +
      "/ (diffusion_pytorch_model.safetensors, pytorch_model.bin ...); give a checkpoint file or a whole "
      "folder in the layout of diffusers");
}

/// What has no name of ours keeps its own, and is then told as unknown.
void DiffusersFolder::add(const TensorSource& file, const std::string& name, const std::string& ours,
                          bool reshape) {
  const std::string known = ours.empty() ? name : ours;
  TensorInfo info = file.tensors().at(name);
  if (reshape) info.shape.insert(info.shape.end(), {1, 1});
  if (!tensors_.emplace(known, info).second)
    throw Error(folder_.string() + ": two tensors are called " + known +
                "; this is no latent diffusion model");
  origins_[known] = {&file, name};
}

RawTensor DiffusersFolder::read(const std::string& name) const {
  const Origin& origin = origins_.at(name);
  RawTensor raw = origin.file->read(origin.name);
  raw.shape = tensors_.at(name).shape;
  return raw;
}

Heads DiffusersFolder::heads() const {
  Heads heads;
  // diffusers calls the number of heads "attention_head_dim" in these models.
  heads.unet = whole_number(described(folder_ / "unet" / "config.json"), "attention_head_dim");
  heads.text = whole_number(described(folder_ / "bert" / "config.json"), "encoder_attention_heads");
  if (heads.text == 0)
    heads.text = whole_number(described(folder_ / "text_encoder" / "config.json"), "num_attention_heads");
  return heads;
}

void DiffusersFolder::take_numbers(LatentDiffusionConfig& config) const {
  const fs::path file = folder_ / "scheduler" / "scheduler_config.json";
  const Json schedule = described(file);
  if (schedule.is_object() && schedule.value("beta_schedule", Json("scaled_linear")) != "scaled_linear")
    throw Error(file.string() + ": its beta_schedule is not scaled_linear; kizu knows no other");
  take_number(schedule, "beta_start", config.linear_start);
  take_number(schedule, "beta_end", config.linear_end);
  if (const int64_t steps = whole_number(schedule, "num_train_timesteps")) config.timesteps = steps;
  for (const char* part : {"vqvae", "vae"})
    take_number(described(folder_ / part / "config.json"), "scaling_factor", config.scale_factor);
}

fs::path DiffusersFolder::vocabulary() const {
  for (const char* file : {"vocab.txt", "vocab.json"})
    if (fs::exists(folder_ / "tokenizer" / file)) return folder_ / "tokenizer";
  return {};
}

}  // namespace kizu::ldm
