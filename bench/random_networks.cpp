#include "random_networks.h"

#include <cmath>

#include "layers/convolution.h"
#include "layers/linear.h"
#include "ldm/without_weights.h"
#include "tensor/noise.h"

namespace kizu::bench {
namespace {

constexpr int64_t kTable = int64_t{1} << 20;

torch::Tensor cheap_normal(const torch::Tensor& table, at::IntArrayRef shape, int64_t start) {
  auto out = torch::empty(shape);
  const auto flat = out.view(-1);
  const double scale = std::sqrt(static_cast<double>(shape[0]) / static_cast<double>(out.numel()));
  for (int64_t at = 0; at < flat.numel();) {
    const int64_t count = std::min(kTable - start, flat.numel() - at);
    auto piece = flat.narrow(0, at, count);
    torch::mul_out(piece, table.narrow(0, start, count), torch::scalar_tensor(scale));
    at += count;
    start = (start + 7919) % (kTable / 2);
  }
  return out;
}

template <class Network, class Config>
Network filled(const Config& config) {
  Network network{nullptr};
  {
    const ldm::WithoutWeights scope;
    network = Network(config);
  }
  fill_cheaply(*network);
  network->eval();
  return network;
}

}  // namespace

void fill_cheaply(torch::nn::Module& network) {
  const torch::NoGradGuard no_grad;
  const auto table = NoiseStream(1).normal({kTable});
  int64_t start = 0;
  for (const auto& item : network.named_parameters()) {
    const auto& place = item.value();
    start = (start + 104729) % (kTable / 2);
    const bool bias = item.key().rfind("bias") != std::string::npos;
    ldm::adopt(place, place.dim() > 1 ? cheap_normal(table, place.sizes(), start)
                                      : torch::full(place.sizes(), bias ? 0.0 : 1.0));
    item.value().set_requires_grad(false);
  }
}

void keep_weights_in(torch::nn::Module& network, torch::ScalarType type) {
  for (const auto& item : network.named_modules()) {
    if (const auto* conv = item.value()->as<layers::Conv2dImpl>())
      ldm::adopt(conv->weight, conv->weight.to(type));
    else if (const auto* linear = item.value()->as<layers::LinearImpl>())
      ldm::adopt(linear->weight, linear->weight.to(type));
  }
}

ldm::UNet half_unet() {
  auto network = full_unet();
  keep_weights_in(*network, torch::kFloat16);
  return network;
}
ldm::Autoencoder half_autoencoder() {
  auto network = full_autoencoder();
  keep_weights_in(*network, torch::kFloat16);
  return network;
}

ldm::UNet full_unet() {
  return filled<ldm::UNet>(ldm::UNetConfig());
}
ldm::Autoencoder full_autoencoder() {
  return filled<ldm::Autoencoder>(ldm::AutoencoderConfig());
}
ldm::TextEncoder full_text_encoder() {
  return random_text_encoder({});
}
ldm::TextEncoder random_text_encoder(const ldm::TextEncoderConfig& config) {
  return filled<ldm::TextEncoder>(config);
}

}  // namespace kizu::bench
