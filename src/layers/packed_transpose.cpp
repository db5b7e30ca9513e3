#include <ATen/Parallel.h>
#include <c10/util/Exception.h>

#include <algorithm>
#include <vector>

#include "layers/in_parallel.h"
#include "layers/kernels.h"
#include "layers/packed_matrix.h"

namespace kizu::layers {

PackedMatrix PackedMatrix::transposed(const std::vector<int64_t>& order) const {
  const auto blocks = static_cast<int64_t>(order.size());
  const int64_t rows = depth_ / blocks;
  PackedMatrix result(blocks * columns_, rows);
  in_parallel(at::get_num_threads(), result.panels(), [&](int64_t q) {
    const int64_t first = q * result.width_, used = std::min(result.width_, rows - first);
    std::vector<float> room(static_cast<size_t>(used * width_));
    float* to = result.data_->as<float>() + q * result.depth_ * result.width_;
    for (const int64_t block : order) {
      for (int64_t p = 0; p < panels(); ++p) {
        const int64_t count = std::min(width_, columns_ - p * width_);
        const float* from = this->rows(p, block * rows + first, used, room.data());
        kernels().transpose(from, width_, used, count, to, result.width_);
        for (int64_t j = 0; j < count; ++j, to += result.width_)
          std::fill(to + used, to + result.width_, 0.0F);
      }
    }
  });
  return result;
}

PackedMatrix PackedMatrix::as_points() const {
  constexpr int64_t kTaps = 9, kPoints = 16;
  const int64_t channels = depth_ / kTaps;
  PackedMatrix result(kPoints * channels, columns_);
  TORCH_CHECK(result.width_ == width_, "layers: points of another width");
  in_parallel(at::get_num_threads(), panels(), [&](int64_t p) {
    float* to = result.data_->as<float>() + p * result.depth_ * width_;
    points(p, 0, channels, to, channels * width_);
  });
  return result;
}

}  // namespace kizu::layers
