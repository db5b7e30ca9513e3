#include "layers/prepared.h"

#include <sys/mman.h>
#include <unistd.h>

#include "layers/packed_matrix.h"

namespace kizu::layers {
namespace {

/// Tells the system that these weights will not be read again soon. It drops pages of a mapped file, which it
/// can read again at any time, and leaves others alone.
void give_back(const torch::Tensor& weight) {
#ifdef MADV_PAGEOUT
  const auto page = static_cast<uintptr_t>(sysconf(_SC_PAGESIZE));
  const auto begin = (reinterpret_cast<uintptr_t>(weight.data_ptr()) + page - 1) / page * page;
  const auto end = (reinterpret_cast<uintptr_t>(weight.data_ptr()) + weight.nbytes()) / page * page;
  if (end > begin) (void)madvise(reinterpret_cast<void*>(begin), end - begin, MADV_PAGEOUT);
#endif
}

}  // namespace

std::shared_ptr<const PackedMatrix> Prepared::of(const torch::Tensor& weight, const torch::Tensor& bias,
                                                 const Make& make) {
  const std::lock_guard lock(mutex_);
  const TensorState weight_now(weight), bias_now(bias);
  if (packed_ && weight_now == weight_ && bias_now == bias_) return packed_;
  packed_.reset();  // before the new one is made: both at once would be too much
  const auto packed = make();
  if (bias.defined()) packed->set_bias(bias.to(torch::kFloat32).contiguous().data_ptr<float>());
  give_back(weight);
  weight_ = weight_now;
  bias_ = bias_now;
  return packed_ = packed;
}

}  // namespace kizu::layers
