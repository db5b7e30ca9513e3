#pragma once
#include <condition_variable>
#include <exception>
#include <functional>
#include <mutex>
#include <thread>
#include <vector>

namespace kizu {

/// Threads that each run torch kernels on one core. Work that is cut into tasks which do not depend on the
/// number of workers therefore gives the same bytes on one core or on many.
class WorkerPool {
 public:
  /// `workers` = 0 takes one per core.
  explicit WorkerPool(int workers = 0);
  ~WorkerPool();
  WorkerPool(const WorkerPool&) = delete;
  WorkerPool& operator=(const WorkerPool&) = delete;

  int size() const { return static_cast<int>(threads_.size()); }
  /// Runs task(worker, index) for index 0..count-1 in any order and waits; the first exception is thrown
  /// here.
  void run(int64_t count, const std::function<void(int worker, int64_t index)>& task);

 private:
  void work(int worker);

  std::mutex mutex_;
  std::condition_variable begin_, end_;
  const std::function<void(int, int64_t)>* task_ = nullptr;
  int64_t count_ = 0, next_ = 0, busy_ = 0;
  uint64_t round_ = 0;
  bool closing_ = false;
  std::exception_ptr failure_;
  std::vector<std::thread> threads_;
};

/// Calls work(i) for tensor i of `count`, without recording gradients, on the pool or, where there is none,
/// here.
void for_each_tensor(WorkerPool* pool, size_t count, const std::function<void(size_t i)>& work);

}  // namespace kizu
