#include "quality/sampling.h"

#include <algorithm>
#include <map>
#include <numeric>

#include "tensor/noise.h"

namespace kizu::quality {

std::vector<int64_t> shuffled(int64_t count, uint64_t seed) {
  std::vector<int64_t> order(static_cast<size_t>(count));
  std::iota(order.begin(), order.end(), 0);
  NoiseStream random(seed);
  for (int64_t i = count - 1; i > 0; i--) std::swap(order[i], order[random.below(i + 1)]);
  return order;
}

std::vector<int64_t> drawn(int64_t count, int64_t wanted, uint64_t seed) {
  auto order = shuffled(count, seed);
  order.resize(static_cast<size_t>(std::min(count, wanted)));
  std::sort(order.begin(), order.end());
  return order;
}

Halves halves(const std::vector<std::string>& piece, uint64_t seed) {
  std::map<std::string, std::vector<int64_t>> together;
  for (size_t i = 0; i < piece.size(); i++)
    together[piece[i].empty() ? "\n" + std::to_string(i) : piece[i]].push_back(static_cast<int64_t>(i));
  std::vector<const std::vector<int64_t>*> pieces;
  for (const auto& entry : together) pieces.push_back(&entry.second);
  const auto order = shuffled(static_cast<int64_t>(pieces.size()), seed);
  std::vector<const std::vector<int64_t>*> mixed;
  for (const auto i : order) mixed.push_back(pieces[i]);
  // Large pieces first, so that the small ones can even out the halves.
  std::stable_sort(mixed.begin(), mixed.end(), [](auto* x, auto* y) { return x->size() > y->size(); });
  Halves out;
  for (const auto* each : mixed) {
    auto& smaller = out.a.size() <= out.b.size() ? out.a : out.b;
    smaller.insert(smaller.end(), each->begin(), each->end());
  }
  return out;
}

}  // namespace kizu::quality
