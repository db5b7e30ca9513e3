#include <ATen/Parallel.h>

#include <algorithm>

#include "layers/in_parallel.h"
#include "layers/kernels.h"
#include "layers/packed_matrix.h"

namespace kizu::layers {

PackedMatrix PackedMatrix::transposed(const std::vector<int64_t>& order) const {
  TORCH_CHECK(number_ == Number::kFloat32, "layers: only float32 matrices are transposed");
  const auto blocks = static_cast<int64_t>(order.size());
  const int64_t rows = depth_ / blocks;
  PackedMatrix result(blocks * columns_, rows);
  in_parallel(at::get_num_threads(), result.panels(), [&](int64_t q) {
    const int64_t first = q * result.width_, used = std::min(result.width_, rows - first);
    float* to = result.data_->as<float>() + q * result.depth_ * result.width_;
    for (const int64_t block : order) {
      for (int64_t p = 0; p < panels(); ++p) {
        const int64_t count = std::min(width_, columns_ - p * width_);
        kernels().transpose(this->rows(p, block * rows + first, used, nullptr), width_, used, count, to,
                            result.width_);
        for (int64_t j = 0; j < count; ++j, to += result.width_)
          std::fill(to + used, to + result.width_, 0.0F);
      }
    }
  });
  return result;
}

}  // namespace kizu::layers
