#pragma once
#include <cstddef>
#include <functional>

namespace kizu {

/// How many threads `wanted` stands for: itself, or one per core when it is 0 or less.
int thread_count(int wanted);

/// Runs task(index) for index 0..count-1 in any order on up to `threads` threads (thread_count), the caller's
/// among them, and waits. The first exception is thrown here; what has not begun by then is left out. For
/// work without torch; with torch use WorkerPool (tensor/worker_pool.h).
void in_parallel(int threads, std::size_t count, const std::function<void(std::size_t)>& task);

}  // namespace kizu
