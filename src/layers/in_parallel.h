#pragma once
#include <cstdint>
#include <functional>

namespace kizu::layers {

/// Runs task(0) ... task(tasks - 1) on at most `threads` threads, which take the next one as they become
/// free; on this thread alone where it is one of several already. The first exception is thrown here.
void in_parallel(int64_t threads, int64_t tasks, const std::function<void(int64_t)>& task);

}  // namespace kizu::layers
