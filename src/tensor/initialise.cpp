#include "tensor/initialise.h"

#include <cmath>

#include "tensor/noise.h"

namespace kizu {

void initialise(torch::nn::Module& module, uint64_t seed, double gain) {
  const torch::NoGradGuard no_grad;
  for (auto& item : module.named_parameters()) {
    auto value = item.value();
    const std::string& name = item.key();
    if (value.dim() < 2) {
      if (name.size() >= 4 && name.compare(name.size() - 4, 4, "bias") == 0) value.zero_();
      continue;
    }
    if (value.count_nonzero().item<int64_t>() == 0) continue;
    const double bound = gain / std::sqrt(static_cast<double>(value.numel() / value.size(0)));
    value.copy_(NoiseStream(mix(seed, name)).uniform_tensor(value.sizes()).mul_(2).sub_(1).mul_(bound));
  }
}

}  // namespace kizu
