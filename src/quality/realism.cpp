#include "quality/realism.h"

#include <algorithm>
#include <set>

#include "quality/frechet.h"
#include "quality/sampling.h"
#include "tensor/noise.h"

namespace kizu::quality {
namespace {

constexpr int kDivisions = 10;
constexpr std::size_t kLeastPieces = 4;

using Samples = std::vector<torch::Tensor>;

torch::Tensor joined(const Samples& all, const std::vector<int64_t>& which) {
  Samples some;
  for (const auto i : which) some.push_back(all[i]);
  return torch::cat(some);
}

/// Every entry in units of its spread over the real defects; one in which these do not differ at all (each a
/// single region, say) in units of its spread over everything, or any difference would be endless.
void scale_all(const Samples& real, Samples& own, std::vector<Candidate>& candidates) {
  const auto spread_over = [](const Samples& all) { return torch::cat(all).std(0, false, true); };
  Samples everything = real;
  for (const auto& candidate : candidates)
    everything.insert(everything.end(), candidate.samples.begin(), candidate.samples.end());
  auto spread = spread_over(real);
  spread = torch::where(spread > 1e-6, spread, spread_over(everything).clamp_min(1e-6));
  for (auto& each : own) each = each / spread;
  for (auto& candidate : candidates)
    for (auto& each : candidate.samples) each = each / spread;
}

std::size_t count_pieces(const std::vector<std::string>& piece) {
  std::set<std::string> named;
  std::size_t alone = 0;
  for (const auto& each : piece) each.empty() ? (void)alone++ : (void)named.insert(each);
  return alone + named.size();
}

}  // namespace

Realism realism_of(const FeatureSet& set, const Samples& real, const std::vector<std::string>& piece,
                   std::vector<Candidate> candidates, uint64_t seed) {
  Realism result;
  result.of.resize(candidates.size());
  if (count_pieces(piece) < kLeastPieces) return result;
  Samples own = real;
  if (set.scaled) scale_all(real, own, candidates);
  for (int i = 0; i < kDivisions; i++) {
    const auto divided = halves(piece, mix(seed, "halves", i));
    const auto size = static_cast<int64_t>(std::min(divided.a.size(), divided.b.size()));
    result.size = result.size == 0 ? size : std::min(result.size, size);
  }
  const auto add = [](std::optional<double>& sum, double value) {
    sum = sum.value_or(0) + value / kDivisions;
  };
  const auto some = [&](const std::vector<int64_t>& all, const char* what, int i) {
    std::vector<int64_t> few;
    for (const auto k : drawn(static_cast<int64_t>(all.size()), result.size, mix(seed, what, i)))
      few.push_back(all[k]);
    return few;
  };
  for (int i = 0; i < kDivisions; i++) {
    const auto divided = halves(piece, mix(seed, "halves", i));
    const auto reference = joined(own, some(divided.a, "a", i));
    add(result.real, frechet_distance(reference, joined(own, some(divided.b, "b", i))));
    for (size_t c = 0; c < candidates.size(); c++) {
      const auto& samples = candidates[c].samples;
      const auto count = static_cast<int64_t>(samples.size());
      if (count < result.size) continue;
      const auto which = drawn(count, result.size, mix(seed, "candidate " + candidates[c].name, i));
      add(result.of[c], frechet_distance(reference, joined(samples, which)));
    }
  }
  return result;
}

}  // namespace kizu::quality
