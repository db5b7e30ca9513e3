#pragma once
#include <algorithm>
#include <array>
#include <cstdint>
#include <vector>

#include "core/parallel.h"
#include "metrics/entries.h"

namespace kizu::metrics {

/// Entries that lie elsewhere.
template <class Entry>
struct Span {
  const Entry* begin = nullptr;
  std::size_t size = 0;
};

namespace radix {

constexpr int kBits = 11;  // of a digit: 2048 write positions still lie in the second-level cache
constexpr std::size_t kDigits = std::size_t{1} << kBits;
constexpr std::size_t kFewest = 100'000;  // entries for which a second thread pays
using Positions = std::array<std::size_t, kDigits>;

/// The parts of `spans` that hold the entries `from` to `to`, counted over all of them.
template <class Entry>
std::vector<Span<Entry>> between(const std::vector<Span<Entry>>& spans, std::size_t from, std::size_t to) {
  std::vector<Span<Entry>> out;
  std::size_t start = 0;
  for (const auto& span : spans) {
    const std::size_t a = std::max(from, start), b = std::min(to, start + span.size);
    if (a < b) out.push_back({span.begin + (a - start), b - a});
    start += span.size;
  }
  return out;
}

/// One pass: all entries to `to`, in the order of the digit at `shift`, equal ones as before. Each chunk
/// counts its digits, gets its own places behind those of the chunks before it, and writes there; so the
/// order does not depend on the number of chunks.
template <class Entry>
void pass(const std::vector<Span<Entry>>& spans, std::size_t count, int shift, int threads, Entry* to) {
  const auto chunks = std::min<std::size_t>(thread_count(threads), 1 + count / kFewest);
  std::vector<std::vector<Span<Entry>>> pieces;
  for (std::size_t c = 0; c < chunks; c++)
    pieces.push_back(between(spans, count * c / chunks, count * (c + 1) / chunks));
  std::vector<Positions> at(chunks);
  in_parallel(threads, chunks, [&](std::size_t c) {
    at[c].fill(0);
    for (const auto& piece : pieces[c])
      for (std::size_t i = 0; i < piece.size; i++) at[c][piece.begin[i] >> shift & (kDigits - 1)]++;
  });
  std::size_t next = 0;
  for (std::size_t digit = 0; digit < kDigits; digit++) {
    for (auto& chunk : at) {
      const std::size_t entries = chunk[digit];
      chunk[digit] = next;
      next += entries;
    }
  }
  in_parallel(threads, chunks, [&](std::size_t c) {
    auto& mine = at[c];
    for (const auto& piece : pieces[c])
      for (std::size_t i = 0; i < piece.size; i++)
        to[mine[piece.begin[i] >> shift & (kDigits - 1)]++] = piece.begin[i];
  });
}

}  // namespace radix

/// All entries of `spans` in rising order of their upper 32 bits, equal ones in the order in which they
/// stood: a least-significant-digit radix sort, 3 passes whatever the values, on `threads` threads (0: one
/// per core). `read` is called when the spans have been read for the last time and may be freed.
template <class Entry, class Read>
Entries<Entry> radix_sorted(std::vector<Span<Entry>> spans, int threads, const Read& read) {
  std::size_t count = 0;
  for (const auto& span : spans) count += span.size;
  constexpr int kAll = 8 * sizeof(Entry);
  Entries<Entry> sorted(count), other;
  for (int shift = kAll - 32; shift < kAll; shift += radix::kBits) {
    radix::pass(spans, count, shift, threads, sorted.data());
    if (shift == kAll - 32) {
      read();
      other = Entries<Entry>(count);
    }
    std::swap(sorted, other);
    spans = {{other.begin(), count}};
  }
  return other;
}

}  // namespace kizu::metrics
