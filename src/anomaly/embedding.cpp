#include "anomaly/embedding.h"

#include "core/error.h"

namespace kizu::anomaly {
namespace {

// Type names are free text: tensors are numbered and the names stand in the metadata, in order.
std::string key(size_t index, const char* what) {
  return "type." + std::to_string(index) + "." + what;
}

torch::Tensor take(NamedTensors& tensors, const std::string& name, int64_t dims, const std::string& file) {
  const auto found = tensors.find(name);
  if (found == tensors.end() || found->second.dim() != dims) {
    throw Error(file + ": the tensor " + name + " is missing or of the wrong shape; run kizu learn again");
  }
  auto tensor = found->second;
  tensors.erase(found);
  return tensor;
}

}  // namespace

const TypeEmbedding& Embeddings::of(const std::string& type) const {
  for (const auto& each : types) {
    if (each.type == type) return each;
  }
  std::string known;
  for (const auto& each : types) known += (known.empty() ? "" : ", ") + each.type;
  throw Error("no embedding for the type '" + type + "'; there are: " + known);
}

void Embeddings::tune(ldm::CompactModel& model) const {
  const torch::NoGradGuard no_grad;
  NamedTensors present = state_of(*model.unet, "unet.");
  present.merge(state_of(*model.spatial, "spatial."));
  for (const auto& [name, value] : tuned) {
    const auto found = present.find(name);
    if (found == present.end() || found->second.sizes() != value.sizes()) {
      throw Error("the embeddings were learned on another base model (" + name +
                  " does not fit); choose that --model");
    }
    found->second.copy_(value);
  }
}

Embeddings Embeddings::read(const std::filesystem::path& file) {
  const auto raw = Safetensors::read(file);
  Embeddings all;
  NamedTensors tensors;
  for (const auto& [name, tensor] : raw.tensors) tensors[name] = to_tensor(tensor, true);
  all.metadata = raw.metadata;
  for (size_t i = 0; raw.metadata.count(key(i, "name")) != 0; i++) {
    auto tokens = take(tensors, key(i, "tokens"), 2, file.string());
    auto shots = take(tensors, key(i, "shots"), 3, file.string());
    auto change = take(tensors, key(i, "relative_change"), 2, file.string());
    if (change.size(0) != shots.size(0) || change.size(1) != 3)
      throw Error(file.string() + ": the tensor " + key(i, "relative_change") +
                  " does not fit; run kizu learn again");
    all.types.push_back({raw.metadata.at(key(i, "name")), tokens, shots, change});
    all.metadata.erase(key(i, "name"));
  }
  if (all.types.empty())
    throw Error(file.string() + ": holds no anomaly embeddings; it must come from kizu learn");
  all.tuned = std::move(tensors);
  return all;
}

void Embeddings::write(const std::filesystem::path& file) const {
  NamedTensors tensors = tuned;
  auto texts = metadata;
  for (size_t i = 0; i < types.size(); i++) {
    texts[key(i, "name")] = types[i].type;
    tensors[key(i, "tokens")] = types[i].tokens.detach();
    tensors[key(i, "shots")] = types[i].shots.detach();
    tensors[key(i, "relative_change")] = types[i].change.detach();
  }
  write_tensors(file, tensors, texts);
}

}  // namespace kizu::anomaly
