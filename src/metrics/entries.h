#pragma once
#include <cstddef>
#include <cstdlib>
#include <memory>
#include <new>

#if defined(__linux__)
#include <sys/mman.h>
#endif

namespace kizu::metrics {

/// `count` entries that are not cleared first, on large pages where the system has them: at hundreds of
/// millions of entries both would show.
template <class Entry>
class Entries {
 public:
  Entries() = default;
  explicit Entries(std::size_t count) : size_(count) {
    if (count == 0) return;
    const std::size_t bytes = (count * sizeof(Entry) + kPage - 1) / kPage * kPage;
    const bool large = bytes >= kLargePage;
    void* got = large ? std::aligned_alloc(kLargePage, (bytes + kLargePage - 1) / kLargePage * kLargePage)
                      : std::malloc(bytes);
    if (got == nullptr) throw std::bad_alloc();
#if defined(__linux__)
    if (large) madvise(got, bytes, MADV_HUGEPAGE);
#endif
    values_.reset(static_cast<Entry*>(got));
  }

  Entry* data() {
    return values_.get();
  }
  const Entry* begin() const {
    return values_.get();
  }
  const Entry* end() const {
    return values_.get() + size_;
  }
  std::size_t size() const {
    return size_;
  }
  /// Gives up what comes after the first `count`.
  void shorten(std::size_t count) {
    size_ = count;
  }

 private:
  static constexpr std::size_t kPage = 4096, kLargePage = std::size_t{2} << 20;
  struct Free {
    void operator()(Entry* values) const { std::free(values); }
  };
  std::unique_ptr<Entry, Free> values_;
  std::size_t size_ = 0;
};

}  // namespace kizu::metrics
