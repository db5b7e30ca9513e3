#pragma once
#include <array>
#include <cstdint>
#include <memory>
#include <vector>

#include "layers/number.h"

namespace kizu::layers {

struct Widening;

/// Memory whose large whole pages the system is asked to use for it; the contents are not initialised.
class Buffer {
 public:
  explicit Buffer(size_t bytes);
  template <class Type>
  Type* as() const {
    return static_cast<Type*>(data_.get());
  }
  size_t bytes() const { return bytes_; }

 private:
  struct Free {
    void operator()(void* memory) const;
  };
  std::unique_ptr<void, Free> data_;
  size_t bytes_;
};

/// Which of nine taps are added up, (0 + 1) + (2 + 3); -1: none.
using FoldedTap = std::array<int, 4>;

/// The right matrix of a product, [depth, columns], in the order in which tiles read it: panels of `width`
/// columns, each [depth, width], dense; the last one filled up with zeros. Kept as it comes, in float32 or in
/// 16 bits, which are widened when they are read.
class PackedMatrix {
 public:
  /// `most_vectors` bounds the width of a panel.
  PackedMatrix(int64_t depth, int64_t columns, int most_vectors = 3, Number number = Number::kFloat32);
  /// From b[k][j] = rows[j * stride + k]: a matrix by its columns, as the weights of a linear layer lie. Here
  /// and below the numbers are what the matrix keeps.
  void pack_columns(const void* rows, int64_t stride);
  /// From b[k][j] = rows[k * stride + j].
  void pack_rows(const void* rows, int64_t stride);
  /// A weight of a convolution [columns, channels, taps]; depth = taps * channels, taps first.
  void pack_filters(const void* weight, int64_t channels, int64_t taps);
  /// This matrix as order.size() matrices of equal depth, one below the other, each transposed, in this order
  /// one below the other, in float32, without a bias. It is what a pass back to a layer's input multiplies
  /// by.
  PackedMatrix transposed(const std::vector<int64_t>& order) const;
  /// Added to every row of a product; [columns].
  void set_bias(const float* bias);
  /// Of packed 3x3 filters, without a copy: the 2x2 filters, added up from them, that make the
  /// left or right, upper or lower one of the four pixels that come from one when a map is doubled.
  PackedMatrix folded(bool lower, bool right) const;

  int64_t depth() const { return depth_; }
  int64_t columns() const { return columns_; }
  int vectors() const { return vectors_; }
  int64_t width() const { return width_; }
  int64_t panels() const { return (columns_ + width_ - 1) / width_; }
  Number number() const { return number_; }
  /// Of the numbers, panels filled up; without the bias.
  size_t bytes() const { return data_->bytes(); }
  /// Rows [k, k + depth) of a panel: where they lie, or widened into `room` for depth * width() floats.
  const float* rows(int64_t panel, int64_t k, int64_t depth, float* room) const;
  /// Of packed 3x3 filters: the 16 points (quick_convolution.h) of channels [c, c + depth), each
  /// [depth, width()], `apart` floats from one to the next.
  void points(int64_t panel, int64_t c, int64_t depth, float* points, int64_t apart) const;
  /// The same of all panels and channels: the points one below the other, in float32, without a bias.
  PackedMatrix as_points() const;
  /// Of a panel's columns, or null.
  const float* bias(int64_t index) const { return bias_.empty() ? nullptr : bias_.data() + index * width_; }

 private:
  template <class Type, class Row>
  void fill(Row row);
  template <class Work>
  void in_own_type(const void* numbers, Work work);
  const Widening& widening() const;
  const void* kept(int64_t panel, int64_t k) const;

  int64_t depth_, columns_;
  int vectors_;
  int64_t width_;
  Number number_;
  int64_t kept_depth_;  ///< of what data_ holds
  std::shared_ptr<const Buffer> data_;
  std::array<FoldedTap, 4> taps_{};  ///< the taps that each one of folded filters is the sum of
  bool is_folded_ = false;
  std::vector<float> bias_;
};

}  // namespace kizu::layers
