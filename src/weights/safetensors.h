#pragma once
#include <cstdint>
#include <filesystem>
#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace kizu {

enum class Dtype { F64, F32, F16, BF16, I64, I32, I16, I8, U8, Bool };

/// A tensor as a file holds it: row-major, little-endian.
struct RawTensor {
  Dtype dtype = Dtype::F32;
  std::vector<int64_t> shape;
  std::vector<std::uint8_t> bytes;
};

/// Bytes of one element.
std::size_t size_of(Dtype dtype);

/// A safetensors file: tensors by name and the text metadata.
struct Safetensors {
  std::map<std::string, RawTensor> tensors;
  std::map<std::string, std::string> metadata;

  /// Checks every length, offset and overlap; throws Error that names the file and what is wrong with it.
  static Safetensors read(const std::filesystem::path& file);
  /// The same from memory; `origin` names the bytes in errors.
  static Safetensors parse(std::string_view bytes, const std::string& origin);
  /// Written under a temporary name, synced, renamed. Same content, same bytes.
  void write(const std::filesystem::path& file) const;
};

}  // namespace kizu
