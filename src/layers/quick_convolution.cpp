#include "layers/quick_convolution.h"

#include <ATen/Parallel.h>

#include <algorithm>

#include "layers/in_parallel.h"
#include "layers/kernels.h"

namespace kizu::layers {
namespace {

constexpr int64_t kPoints = kQuickPoints, kTaps = 9;
/// Points are 16/9 as many as taps. So only small weights are kept as points: together they are little in a
/// large model and nearly all in a small one, where there is less work to hide the making of points in.
constexpr int64_t kLargestAsPoints = 256 * 256;
/// Pieces of 2x2 pixels that a task takes: their points of one kind stay in a core's second cache.
constexpr int64_t kPiecesAtOnce = 84;

/// Pieces of the output in reading order, image after image.
class Pieces {
 public:
  Pieces(const QuickConvolution& job, int64_t columns)
      : job_(job), columns_(columns), across_((job.width + 1) / 2), down_((job.height + 1) / 2) {}

  int64_t count() const { return job_.batch * across_ * down_; }

  /// Where piece `index` reads and writes, and what is added there.
  PiecePixels pixels(int64_t index, const float* sums[4]) const {
    const int64_t x = index % across_ * 2, y = index / across_ % down_ * 2, image = index / (across_ * down_);
    PiecePixels at{};
    for (int i = 0; i < 16; ++i) {
      const int64_t py = y - 1 + i / 4, px = x - 1 + i % 4;
      const bool inside = py >= 0 && py < job_.height && px >= 0 && px < job_.width;
      at.in[i] = inside ? job_.map + pixel(image, py, px) * job_.channels : nullptr;
    }
    for (int i = 0; i < 4; ++i) {
      const int64_t py = y + i / 2, px = x + i % 2;
      const bool inside = py < job_.height && px < job_.width;
      const int64_t offset = pixel(image, py, px) * columns_;
      at.out[i] = inside ? job_.out + offset : nullptr;
      sums[i] = inside && job_.sum ? job_.sum + offset : nullptr;
    }
    return at;
  }

 private:
  int64_t pixel(int64_t image, int64_t y, int64_t x) const {
    return (image * job_.height + y) * job_.width + x;
  }

  const QuickConvolution& job_;
  int64_t columns_, across_, down_;
};

/// One task: `count` pieces from `first` on.
class PieceGroup {
 public:
  PieceGroup(const QuickConvolution& job, const PackedMatrix& packed, const Pieces& pieces, int64_t first,
             int64_t count)
      : channels_(job.channels), packed_(packed), pieces_(pieces), first_(first), count_(count) {
    thread_local std::vector<float> points, products;
    points.resize(std::max(points.size(), static_cast<size_t>(kPoints * apart())));
    products.resize(std::max(products.size(), static_cast<size_t>(kPoints * count_ * packed.columns())));
    points_ = points.data();
    products_ = products.data();
  }

  void run() {
    const float* sums[4];
    for (int64_t i = 0; i < count_; ++i) {
      const auto pixels = pieces_.pixels(first_ + i, sums);
      for (int64_t c = 0; c < channels_; c += kBlockDepth)
        kernels().to_points(shifted(pixels, c), std::min(kBlockDepth, channels_ - c),
                            points_ + c / kBlockDepth * count_ * kRowStride + i * kRowStride, apart());
    }
    if (packed_.depth() == kPoints * channels_)
      for (int64_t point = 0; point < kPoints; ++point) multiply_point(point);
    else
      multiply_taps();
    const int64_t columns = packed_.columns();
    for (int64_t i = 0; i < count_; ++i) {
      const auto pixels = pieces_.pixels(first_ + i, sums);
      kernels().from_points(products_ + i * columns, count_ * columns, columns, packed_.bias(0), sums,
                            pixels);
    }
  }

 private:
  /// Floats of all blocks of one point.
  int64_t apart() const { return (channels_ + kBlockDepth - 1) / kBlockDepth * count_ * kRowStride; }

  static PiecePixels shifted(PiecePixels pixels, int64_t channel) {
    for (auto& in : pixels.in)
      if (in) in += channel;
    return pixels;
  }

  void multiply_point(int64_t point) {
    for (int64_t c = 0; c < channels_; c += kBlockDepth) {
      for (int64_t p = 0; p < packed_.panels(); ++p) {
        const int64_t depth = std::min(kBlockDepth, channels_ - c);
        multiply_block(point, c, p, packed_.rows(p, point * channels_ + c, depth, nullptr));
      }
    }
  }

  /// The same products from weights that are kept as taps.
  void multiply_taps() {
    const int64_t apart = kBlockDepth * packed_.width() + 64;  // not in the same sets of a cache
    thread_local std::vector<float> points;
    points.resize(std::max(points.size(), static_cast<size_t>(kPoints * apart)));
    for (int64_t p = 0; p < packed_.panels(); ++p)
      for (int64_t c = 0; c < channels_; c += kBlockDepth) {
        packed_.points(p, c, std::min(kBlockDepth, channels_ - c), points.data(), apart);
        for (int64_t point = 0; point < kPoints; ++point)
          multiply_block(point, c, p, points.data() + point * apart);
      }
  }

  /// Channels from c on of one point by one panel, whose rows are `right`.
  void multiply_block(int64_t point, int64_t c, int64_t panel, const float* right) {
    const int64_t columns = packed_.columns();
    const float* block = points_ + point * apart() + c / kBlockDepth * count_ * kRowStride;
    const Place at{products_ + point * count_ * columns + panel * packed_.width(), columns};
    multiply_panel(
        {block, count_, right, std::min(kBlockDepth, channels_ - c), nullptr, c == 0 ? Place{} : at, at},
        packed_, panel);
  }

  int64_t channels_;
  const PackedMatrix& packed_;
  const Pieces& pieces_;
  int64_t first_, count_;
  float *points_, *products_;
};

}  // namespace

std::shared_ptr<PackedMatrix> pack_quick(const void* weight, Number number, int64_t channels,
                                         int64_t columns) {
  auto taps = std::make_shared<PackedMatrix>(kTaps * channels, columns, kMostVectors, number);
  taps->pack_filters(weight, channels, kTaps);
  return channels * columns <= kLargestAsPoints ? std::make_shared<PackedMatrix>(taps->as_points()) : taps;
}

void convolve_quickly(const QuickConvolution& job, const PackedMatrix& packed) {
  const Pieces pieces(job, packed.columns());
  const int64_t threads = at::get_num_threads();
  int64_t tasks = (pieces.count() + kPiecesAtOnce - 1) / kPiecesAtOnce;
  if (tasks < 8 * threads) tasks = std::min(pieces.count(), (tasks + threads - 1) / threads * threads);
  in_parallel(threads, tasks, [&](int64_t task) {
    const int64_t first = pieces.count() * task / tasks, end = pieces.count() * (task + 1) / tasks;
    PieceGroup(job, packed, pieces, first, end - first).run();
  });
}

}  // namespace kizu::layers
