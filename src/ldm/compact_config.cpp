#include "ldm/compact_config.h"

#include <nlohmann/json.hpp>
#include <set>

#include "core/error.h"

namespace kizu::ldm {
namespace {

// Reads one key that must be there and in range, and remembers that it is known.
template <class T>
void read(const nlohmann::json& json, const char* key, T& value, T low, T high,
          std::set<std::string>& known) {
  known.insert(key);
  if (!json.contains(key) || !json[key].is_number())
    throw Error(std::string("model.json: the number '") + key + "' is missing");
  value = json[key].get<T>();
  if (!(value >= low && value <= high)) throw Error(std::string("model.json: '") + key + "' is out of range");
}

}  // namespace

void to_json(nlohmann::json& json, const CompactConfig& config) {
  const auto& a = config.autoencoder;
  const auto& u = config.unet;
  json = {{"latent_channels", a.latent_channels},
          {"quarter_width", a.quarter_width},
          {"eighth_width", a.eighth_width},
          {"blocks", a.blocks},
          {"channels", u.channels},
          {"heads", u.heads},
          {"context_dim", u.context_dim},
          {"time_dim", u.time_dim},
          {"appearance_tokens", u.appearance_tokens},
          {"appearance_code", u.appearance_code},
          {"spatial_side", u.spatial_side},
          {"linear_start", config.linear_start},
          {"linear_end", config.linear_end},
          {"timesteps", config.timesteps}};
}

void from_json(const nlohmann::json& json, CompactConfig& config) {
  if (!json.is_object()) throw Error("model.json: 'config' is not an object");
  std::set<std::string> known{"channels"};
  auto& a = config.autoencoder;
  auto& u = config.unet;
  const auto integer = [&](const char* key, int64_t& value, int64_t high) {
    read<int64_t>(json, key, value, 1, high, known);
  };
  integer("latent_channels", a.latent_channels, 64);
  u.latent_channels = a.latent_channels;
  integer("quarter_width", a.quarter_width, 1024);
  integer("eighth_width", a.eighth_width, 1024);
  integer("blocks", a.blocks, 16);
  integer("heads", u.heads, 64);
  integer("context_dim", u.context_dim, 4096);
  integer("time_dim", u.time_dim, 4096);
  integer("appearance_tokens", u.appearance_tokens, 64);
  integer("appearance_code", u.appearance_code, 1024);
  integer("spatial_side", u.spatial_side, 4);
  if (u.spatial_side != 4) throw Error("model.json: 'spatial_side' must be 4, as the spatial encoder has it");
  integer("timesteps", config.timesteps, 100000);
  read<double>(json, "linear_start", config.linear_start, 1e-6, 0.5, known);
  read<double>(json, "linear_end", config.linear_end, 1e-6, 0.5, known);
  const auto channels = json.find("channels");
  if (channels == json.end() || !channels->is_array() || channels->size() != 3)
    throw Error("model.json: 'channels' must hold 3 numbers");
  for (size_t i = 0; i < 3; i++) {
    if (!(*channels)[i].is_number_integer()) throw Error("model.json: 'channels' must hold 3 whole numbers");
    u.channels[i] = (*channels)[i].get<int64_t>();
    if (u.channels[i] < 8 || u.channels[i] > 4096 || u.channels[i] % 8 != 0 || u.channels[i] % u.heads != 0) {
      throw Error("model.json: each of 'channels' must be a multiple of 8 and of 'heads'");
    }
  }
  for (const auto& item : json.items()) {
    if (known.count(item.key()) == 0) throw Error("model.json: unknown key '" + item.key() + "'");
  }
}

}  // namespace kizu::ldm
