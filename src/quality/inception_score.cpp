#include "quality/inception_score.h"

#include <algorithm>
#include <cmath>

#include "core/error.h"
#include "quality/sampling.h"

namespace kizu::quality {

int64_t splits_for(int64_t pictures) {
  return std::clamp<int64_t>(pictures / 10, 1, 10);
}

double inception_score(const torch::Tensor& probabilities, int64_t splits, uint64_t seed) {
  const int64_t count = probabilities.size(0);
  if (splits < 1 || count < splits) {
    throw Error("an Inception score over " + std::to_string(splits) + " splits needs as many pictures, not " +
                std::to_string(count));
  }
  const auto order = torch::tensor(shuffled(count, seed));
  const auto p = probabilities.to(torch::kFloat64).index_select(0, order);
  double sum = 0;
  for (int64_t i = 0; i < splits; i++) {
    const auto part = p.slice(0, i * count / splits, (i + 1) * count / splits);
    const auto all = part.mean(0, true);
    const auto terms = torch::where(part > 0, part * (part.log() - all.log()), torch::zeros_like(part));
    sum += std::exp(terms.sum(1).mean().item<double>());
  }
  return sum / static_cast<double>(splits);
}

}  // namespace kizu::quality
