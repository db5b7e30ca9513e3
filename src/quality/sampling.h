#pragma once
#include <cstdint>
#include <string>
#include <vector>

namespace kizu::quality {

/// 0 .. count-1 in an order that depends on the seed alone.
std::vector<int64_t> shuffled(int64_t count, uint64_t seed);
/// `wanted` different numbers below `count`, in rising order; all where there are no more.
std::vector<int64_t> drawn(int64_t count, int64_t wanted, uint64_t seed);

struct Halves {
  std::vector<int64_t> a, b;
};
/// Divides things into two halves as equal in size as their pieces allow: things with the same non-empty
/// `piece` stay together.
Halves halves(const std::vector<std::string>& piece, uint64_t seed);

}  // namespace kizu::quality
