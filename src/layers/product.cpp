#include "layers/product.h"

#include <ATen/Parallel.h>

#include <algorithm>
#include <cstring>
#include <vector>

#include "layers/in_parallel.h"
#include "layers/kernels.h"

namespace kizu::layers {
namespace {

/// Rows of the left matrix that stay in a core's second cache (512 columns: 0.35 MB).
constexpr int64_t kBlockRows = 168;

/// How the rows and panels of a product are cut into tasks. Nothing in the result depends on it.
struct Cut {
  int64_t threads = at::get_num_threads(), row_parts, panel_parts = 1;

  Cut(int64_t rows, const PackedMatrix& right) {
    row_parts = (rows + kBlockRows - 1) / kBlockRows;
    // Few tasks are shared out badly. Every task of the same rows copies them again: no more than are needed.
    const int64_t wanted = threads > 1 ? 4 * threads : 1;
    if (row_parts < wanted) panel_parts = std::min(right.panels(), (wanted + row_parts - 1) / row_parts);
    const bool shared_evenly = row_parts * panel_parts % threads == 0;
    if (!shared_evenly && row_parts < 8 * threads)
      row_parts = std::min(rows, (row_parts + threads - 1) / threads * threads);
  }
};

int64_t part_begin(int64_t count, int64_t parts, int64_t part) {
  return count * part / parts;
}

float* block_of_this_thread() {
  thread_local const Buffer block(kBlockRows * kRowStride * sizeof(float));
  return block.as<float>();
}

void copy_patch_row(const Patches& p, int64_t row, int64_t k, int64_t depth, float* to) {
  const int64_t x0 = row % p.out_width * p.stride - p.left;
  const int64_t y0 = row / p.out_width % p.out_height * p.stride - p.top;
  const float* image = p.map + row / (p.out_width * p.out_height) * p.height * p.width * p.channels;
  int64_t tap = k / p.channels, channel = k % p.channels;
  while (depth > 0) {
    const int64_t y = y0 + tap / p.kernel_width, x = x0 + tap % p.kernel_width;
    const int64_t count = std::min(depth, p.channels - channel);
    const auto bytes = static_cast<size_t>(count) * sizeof(float);
    if (y < 0 || y >= p.height || x < 0 || x >= p.width)
      std::memset(to, 0, bytes);
    else
      std::memcpy(to, image + (y * p.width + x) * p.channels + channel, bytes);
    to += count;
    depth -= count;
    channel = 0;
    ++tap;
  }
}

/// All rows of a panel, in tiles of about equal height.
void multiply_tiles(const PanelJob& job, const PackedMatrix& right) {
  const auto& all = kernels();
  const int64_t highest = all.most_rows[right.vectors() - 1];
  const int64_t tiles = (job.rows + highest - 1) / highest;
  for (int64_t t = 0; t < tiles; ++t) {
    const int64_t first = part_begin(job.rows, tiles, t), end = part_begin(job.rows, tiles, t + 1);
    all.tiles[right.vectors() - 1][end - first - 1](
        {job.block + first * kRowStride, job.right, job.depth, job.bias,
         job.start.data ? job.start.data + first * job.start.stride : nullptr, job.start.stride,
         job.out.data + first * job.out.stride, job.out.stride});
  }
}

}  // namespace

LeftBlock rows_of(const float* data, int64_t stride) {
  return [=](int64_t row, int64_t rows, int64_t k, int64_t depth, float* block) {
    for (int64_t i = 0; i < rows; ++i)
      std::memcpy(block + i * kRowStride, data + (row + i) * stride + k,
                  static_cast<size_t>(depth) * sizeof(float));
  };
}

LeftBlock patches_of(const Patches& patches) {
  return [patches](int64_t row, int64_t rows, int64_t k, int64_t depth, float* block) {
    for (int64_t i = 0; i < rows; ++i) copy_patch_row(patches, row + i, k, depth, block + i * kRowStride);
  };
}

void multiply_panel(const PanelJob& job, const PackedMatrix& right, int64_t panel) {
  const int64_t width = right.width(), used = right.columns() - panel * width;
  if (used >= width) return multiply_tiles(job, right);
  // The last panel is wider than the matrix: through a tile of its own.
  thread_local std::vector<float> padded;
  padded.assign(static_cast<size_t>(job.rows * width), 0.0F);
  const auto bytes = static_cast<size_t>(used) * sizeof(float);
  if (job.start.data)
    for (int64_t i = 0; i < job.rows; ++i)
      std::memcpy(&padded[i * width], job.start.data + i * job.start.stride, bytes);
  PanelJob inner = job;
  inner.start = inner.out = {padded.data(), width};
  multiply_tiles(inner, right);
  for (int64_t i = 0; i < job.rows; ++i)
    std::memcpy(job.out.data + i * job.out.stride, &padded[i * width], bytes);
}

float* panel_of_this_thread() {
  thread_local const Buffer panel(kBlockDepth * kMostVectors * kernels().lanes * sizeof(float));
  return panel.as<float>();
}

void multiply(int64_t rows, const LeftBlock& left, const PackedMatrix& right, Place start, Place out) {
  if (rows == 0) return;
  const Cut cut(rows, right);
  in_parallel(cut.threads, cut.row_parts * cut.panel_parts, [&](int64_t task) {
    // Neighbouring tasks share columns of the right matrix: it is the larger one.
    const int64_t row = part_begin(rows, cut.row_parts, task % cut.row_parts);
    const int64_t count = part_begin(rows, cut.row_parts, task % cut.row_parts + 1) - row;
    const int64_t panel = part_begin(right.panels(), cut.panel_parts, task / cut.row_parts);
    const int64_t end = part_begin(right.panels(), cut.panel_parts, task / cut.row_parts + 1);
    float* block = block_of_this_thread();
    for (int64_t k = 0; k < right.depth(); k += kBlockDepth) {
      const int64_t depth = std::min(kBlockDepth, right.depth() - k);
      left(row, count, k, depth, block);
      const Place from = k == 0 ? start : out;
      for (int64_t p = panel; p < end; ++p) {
        const auto at = [&](Place place) {
          return place.data ? Place{place.data + row * place.stride + p * right.width(), place.stride}
                            : place;
        };
        multiply_panel({block, count, right.rows(p, k, depth, panel_of_this_thread()), depth,
                        k == 0 ? right.bias(p) : nullptr, at(from), at(out)},
                       right, p);
      }
    }
  });
}

}  // namespace kizu::layers
