#pragma once
#include <cstdint>
#include <memory>
#include <vector>

namespace kizu::layers {

/// Memory whose large whole pages the system is asked to use for it; the contents are not initialised.
class FloatBuffer {
 public:
  explicit FloatBuffer(int64_t count);
  float* data() { return data_.get(); }
  const float* data() const { return data_.get(); }

 private:
  struct Free {
    void operator()(float* memory) const;
  };
  std::unique_ptr<float, Free> data_;
};

/// The right matrix of a product, [depth, columns], in the order in which tiles read it: panels of `width`
/// columns, each [depth, width], dense; the last one filled up with zeros.
class PackedMatrix {
 public:
  /// `most_vectors` bounds the width of a panel.
  PackedMatrix(int64_t depth, int64_t columns, int most_vectors = 3);
  /// From b[k][j] = rows[j * stride + k]: a matrix by its columns, as the weights of a linear layer lie.
  void pack_columns(const float* rows, int64_t stride);
  /// From b[k][j] = rows[k * stride + j].
  void pack_rows(const float* rows, int64_t stride);
  /// A weight of a convolution [columns, channels, taps]; depth = taps * channels, taps first.
  void pack_filters(const float* weight, int64_t channels, int64_t taps);
  /// This matrix as order.size() matrices of equal depth, one below the other: each transposed, in this order
  /// one below the other, without a bias. It is what a pass back to a layer's input multiplies by.
  PackedMatrix transposed(const std::vector<int64_t>& order) const;
  /// Added to every row of a product; [columns].
  void set_bias(const float* bias);

  int64_t depth() const { return depth_; }
  int64_t columns() const { return columns_; }
  int vectors() const { return vectors_; }
  int64_t width() const { return width_; }
  int64_t panels() const { return (columns_ + width_ - 1) / width_; }
  /// Rows k, k + 1 ... of a panel.
  const float* panel(int64_t index, int64_t k) const { return data_.data() + (index * depth_ + k) * width_; }
  /// Of a panel's columns, or null.
  const float* bias(int64_t index) const { return bias_.empty() ? nullptr : bias_.data() + index * width_; }

 private:
  template <class Row>
  void fill(Row row);

  int64_t depth_, columns_;
  int vectors_;
  int64_t width_;
  FloatBuffer data_;
  std::vector<float> bias_;
};

}  // namespace kizu::layers
