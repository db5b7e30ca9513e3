#include "tensor/worker_pool.h"

#include <torch/torch.h>

#include <algorithm>

namespace kizu {

WorkerPool::WorkerPool(int workers) {
  if (workers <= 0) workers = std::max(1u, std::thread::hardware_concurrency());
  for (int i = 0; i < workers; i++) threads_.emplace_back([this, i] { work(i); });
}

WorkerPool::~WorkerPool() {
  {
    const std::lock_guard lock(mutex_);
    closing_ = true;
  }
  begin_.notify_all();
  for (auto& thread : threads_) thread.join();
}

void WorkerPool::run(int64_t count, const std::function<void(int, int64_t)>& task) {
  std::unique_lock lock(mutex_);
  task_ = &task;
  count_ = count;
  next_ = 0;
  busy_ = size();
  failure_ = nullptr;
  round_++;
  begin_.notify_all();
  end_.wait(lock, [this] { return busy_ == 0; });
  task_ = nullptr;
  if (failure_) std::rethrow_exception(failure_);
}

void WorkerPool::work(int worker) {
  at::set_num_threads(1);  // per thread with OpenMP: every kernel called here stays on this core
  uint64_t seen = 0;
  std::unique_lock lock(mutex_);
  while (true) {
    begin_.wait(lock, [&] { return closing_ || round_ != seen; });
    if (closing_) return;
    seen = round_;
    while (next_ < count_ && !failure_) {
      const int64_t index = next_++;
      lock.unlock();
      std::exception_ptr failure;
      try {
        (*task_)(worker, index);
      } catch (...) {
        failure = std::current_exception();
      }
      lock.lock();
      if (failure && !failure_) failure_ = failure;
    }
    if (--busy_ == 0) end_.notify_all();
  }
}

void for_each_tensor(WorkerPool* pool, size_t count, const std::function<void(size_t)>& work) {
  const auto task = [&](int, int64_t i) {
    const torch::NoGradGuard no_grad;
    work(static_cast<size_t>(i));
  };
  if (pool != nullptr) return pool->run(static_cast<int64_t>(count), task);
  for (size_t i = 0; i < count; i++) task(0, static_cast<int64_t>(i));
}

}  // namespace kizu
