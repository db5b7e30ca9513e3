#include "anomaly/concept_file.h"

#include "core/error.h"
#include "core/json.h"

namespace kizu::anomaly {
namespace {

constexpr const char* kFormat = "kizu concepts 1";

Json to_json(const SpatialEncoderConfig& config) {
  return {{"tokens", config.tokens}, {"width", config.width},       {"head_width", config.head_width},
          {"side", config.side},     {"channels", config.channels}, {"units", config.units}};
}

SpatialEncoderConfig spatial_config_from(const Json& json) {
  SpatialEncoderConfig config;
  config.tokens = json.at("tokens");
  config.width = json.at("width");
  config.head_width = json.at("head_width");
  config.side = json.at("side");
  config.channels = json.at("channels");
  config.units = json.at("units");
  config.check();
  return config;
}

/// Moves the tensors whose names start with `prefix` out of `from`, without the prefix.
std::map<std::string, torch::Tensor> take(NamedTensors& from, const std::string& prefix) {
  std::map<std::string, torch::Tensor> taken;
  for (auto it = from.begin(); it != from.end();) {
    if (it->first.rfind(prefix, 0) == 0) {
      taken[it->first.substr(prefix.size())] = it->second;
      it = from.erase(it);
    } else {
      ++it;
    }
  }
  return taken;
}

}  // namespace

GradualStyleEncoder LearnedConcepts::spatial_encoder() const {
  if (spatial.empty()) throw Error("these concepts have no spatial encoder: only masks have been learned");
  GradualStyleEncoder encoder(spatial_config);
  load_state(*encoder, spatial, "", "the spatial encoder of the concepts");
  for (auto& parameter : encoder->parameters()) parameter.set_requires_grad(false);
  encoder->eval();
  return encoder;
}

void LearnedConcepts::check_fits(int64_t width, const std::string& base_hash) const {
  for (const auto* group : {&anomalies, &masks})
    for (const auto& [name, embedding] : *group)
      if (embedding.size(1) != width)
        throw Error("the embedding of '" + name + "' is " + std::to_string(embedding.size(1)) +
                    " wide, the base's text encoder " + std::to_string(width) +
                    "; it was learned on another base");
  const auto learned_on = metadata.find("base");
  if (learned_on != metadata.end() && !learned_on->second.empty() && !base_hash.empty() &&
      learned_on->second != base_hash)
    throw Error(
        "the embeddings were learned on another base (its hash differs); choose that one with --model");
}

LearnedConcepts LearnedConcepts::read(const std::filesystem::path& file) {
  const auto raw = Safetensors::read(file);
  const auto format = raw.metadata.find("format");
  if (format == raw.metadata.end() || format->second != kFormat)
    throw Error(file.string() +
                ": holds no concepts; it must come from kizu learn on a base with a text encoder");
  LearnedConcepts concepts;
  concepts.metadata = raw.metadata;
  concepts.metadata.erase("format");
  NamedTensors tensors;
  for (const auto& [name, tensor] : raw.tensors) tensors[name] = to_tensor(tensor, true);
  concepts.anomalies = take(tensors, "anomaly.");
  concepts.masks = take(tensors, "mask.");
  concepts.spatial = take(tensors, "spatial.");
  if (!tensors.empty()) throw Error(file.string() + ": unknown tensor " + tensors.begin()->first);
  for (const auto* group : {&concepts.anomalies, &concepts.masks})
    for (const auto& [name, embedding] : *group)
      if (embedding.dim() != 2) throw Error(file.string() + ": the embedding of '" + name + "' is no table");
  const auto described = concepts.metadata.find("spatial_config");
  if (described != concepts.metadata.end()) {
    try {
      concepts.spatial_config = spatial_config_from(Json::parse(described->second));
    } catch (const Json::exception&) {
      throw Error(file.string() + ": the description of its spatial encoder is damaged");
    }
    concepts.metadata.erase("spatial_config");
  }
  return concepts;
}

void LearnedConcepts::write(const std::filesystem::path& file) const {
  NamedTensors tensors;
  for (const auto& [name, value] : anomalies) tensors["anomaly." + name] = value.detach();
  for (const auto& [name, value] : masks) tensors["mask." + name] = value.detach();
  for (const auto& [name, value] : spatial) tensors["spatial." + name] = value.detach();
  auto texts = metadata;
  texts["format"] = kFormat;
  if (!spatial.empty()) texts["spatial_config"] = to_json(spatial_config).dump();
  write_tensors(file, tensors, texts);
}

}  // namespace kizu::anomaly
