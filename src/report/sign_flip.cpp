#include <cmath>
#include <cstdint>

#include "report/verdict.h"

namespace kizu::report {
namespace {

/// SplitMix64 (Steele, Lea, Flood 2014).
std::uint64_t next(std::uint64_t& state) {
  std::uint64_t z = state += 0x9e3779b97f4a7c15u;
  z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
  z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
  return z ^ (z >> 31);
}

constexpr std::size_t kExact = 16;
constexpr std::uint64_t kPatterns = 1u << kExact;

}  // namespace

double sign_flip_p(const std::vector<double>& changes) {
  double sum = 0, scale = 0;
  for (const double change : changes) sum += change, scale += std::abs(change);
  if (scale == 0) return 1;
  const double limit = std::abs(sum) - 1e-12 * scale;
  const bool exact = changes.size() <= kExact;
  const std::uint64_t patterns = exact ? 1ull << changes.size() : kPatterns;
  std::uint64_t extreme = 0, state = 1;
  for (std::uint64_t pattern = 0; pattern < patterns; pattern++) {
    double flipped = 0;
    std::uint64_t signs = pattern;
    for (std::size_t i = 0; i < changes.size(); i++) {
      if (!exact && i % 64 == 0) signs = next(state);
      flipped += (signs >> (i % 64) & 1) ? -changes[i] : changes[i];
    }
    extreme += std::abs(flipped) >= limit;
  }
  // The observed pattern is one of the possible ones; when drawing, it has to be counted in by hand.
  return exact ? static_cast<double>(extreme) / static_cast<double>(patterns)
               : static_cast<double>(extreme + 1) / static_cast<double>(patterns + 1);
}

}  // namespace kizu::report
