#include "metrics/radix_sort.h"

#include <gtest/gtest.h>

#include "metrics/dice.h"

namespace kizu::metrics {
namespace {

template <class Entry>
std::vector<std::vector<Entry>> random_parts(uint64_t different) {
  Dice dice{different};
  std::vector<std::vector<Entry>> parts;
  for (const int size : {100000, 0, 1, 200000, 377}) {
    auto& part = parts.emplace_back();
    for (int i = 0; i < size; i++) {
      const auto key =
          static_cast<uint64_t>(dice.next() * static_cast<double>(different)) * (0xFFFFFFFFull / different);
      part.push_back(static_cast<Entry>(sizeof(Entry) == 8 ? key << 32 | (parts.size() * 1000000 + i) : key));
    }
  }
  return parts;
}

template <class Entry>
void check(uint64_t different) {
  const auto parts = random_parts<Entry>(different);
  std::vector<Span<Entry>> spans;
  std::vector<Entry> expected;
  for (const auto& part : parts) {
    spans.push_back({part.data(), part.size()});
    expected.insert(expected.end(), part.begin(), part.end());
  }
  constexpr int kShift = 8 * sizeof(Entry) - 32;
  std::stable_sort(expected.begin(), expected.end(),
                   [](Entry a, Entry b) { return a >> kShift < b >> kShift; });
  for (const int threads : {1, 2, 3, 7}) {
    int read = 0;
    const auto sorted = radix_sorted<Entry>(spans, threads, [&] { read++; });
    EXPECT_EQ(std::vector<Entry>(sorted.begin(), sorted.end()), expected) << threads << " threads";
    EXPECT_EQ(read, 1);
  }
}

TEST(RadixSort, IsAStableSortByTheUpper32BitsOnAnyNumberOfThreads) {
  for (const uint64_t different : {2ull, 300ull, 0x1000000ull}) {
    check<uint32_t>(different);
    check<uint64_t>(different);
  }
}

TEST(RadixSort, NothingIsSortedToNothing) {
  EXPECT_EQ(radix_sorted<uint32_t>({}, 2, [] {}).size(), 0u);
}

}  // namespace
}  // namespace kizu::metrics
