#include "core/parallel.h"

#include <gtest/gtest.h>

#include <atomic>
#include <stdexcept>
#include <vector>

namespace kizu {
namespace {

TEST(InParallel, EveryTaskRunsOnce) {
  for (const int threads : {0, 1, 2, 5}) {
    std::vector<int> times(40, 0);
    in_parallel(threads, times.size(), [&](std::size_t i) { times[i]++; });
    EXPECT_EQ(times, std::vector<int>(40, 1)) << threads;
  }
  in_parallel(2, 0, [](std::size_t) { FAIL(); });
}

TEST(InParallel, TheExceptionOfATaskArrives) {
  for (const int threads : {1, 3}) {
    std::atomic<int> begun{0};
    const auto fail_at_once = [&](std::size_t) {
      begun++;
      throw std::runtime_error("no");
    };
    EXPECT_THROW(in_parallel(threads, 1000, fail_at_once), std::runtime_error);
    EXPECT_LE(begun, threads);
  }
}

}  // namespace
}  // namespace kizu
