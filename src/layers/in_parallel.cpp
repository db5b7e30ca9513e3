#include "layers/in_parallel.h"

#include <algorithm>
#include <atomic>
#include <exception>
#include <mutex>

namespace kizu::layers {

// OpenMP, because libtorch's own threads are OpenMP's: two pools would fight for the cores.
void in_parallel(int64_t threads, int64_t tasks, const std::function<void(int64_t)>& task) {
  std::atomic<int64_t> next{0};
  std::exception_ptr failure;
  std::mutex failing;
  const auto work = [&] {
    try {
      for (int64_t mine = next++; mine < tasks; mine = next++) task(mine);
    } catch (...) {
      const std::lock_guard lock(failing);
      if (!failure) failure = std::current_exception();
    }
  };
  const int used = static_cast<int>(std::min(threads, tasks));
  if (used <= 1) {
    work();
  } else {
#pragma omp parallel num_threads(used)
    work();
  }
  if (failure) std::rethrow_exception(failure);
}

}  // namespace kizu::layers
