#pragma once
#include <cstdint>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "weights/tensor_source.h"

namespace kizu {

/// The header of a safetensors file: what tensors there are and where, counted from the end of the header.
struct SafetensorsHeader {
  struct Span {
    std::string name;
    std::uint64_t begin, end;
  };

  TensorInfos tensors;
  std::map<std::string, std::string> metadata;
  std::vector<Span> spans;  ///< in the order of the data

  /// Checks the first 8 bytes of a file of `file_size` bytes: the length of the header.
  static std::uint64_t size(std::uint64_t first_bytes, std::uint64_t file_size, const std::string& origin);
  /// Checks every length, offset and overlap against the `data_size` bytes that follow the header. Throws
  /// Error that begins with `origin`.
  static SafetensorsHeader parse(const std::string& text, std::uint64_t data_size, const std::string& origin);

  /// The header of a file with these tensors: wide types first, then by name, as the reference writer has
  /// them, so that every tensor is aligned to its element size. Names and shapes must be usable.
  static SafetensorsHeader plan(const TensorInfos& tensors, std::map<std::string, std::string> metadata);
  /// Its bytes, the length in front included; a multiple of 8.
  std::string text() const;
};

}  // namespace kizu
