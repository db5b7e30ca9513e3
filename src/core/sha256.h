#pragma once
#include <array>
#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>

#include "core/sha256_x86.h"

namespace kizu {

/// SHA-256 (FIPS 180-4), fed piece by piece.
class Sha256 {
 public:
  /// With the processor's own instructions where there are any, or without.
  explicit Sha256(bool instructions = has_sha_instructions()) : instructions_(instructions) {}
  void add(const void* bytes, std::size_t count);
  void add(std::string_view bytes) { add(bytes.data(), bytes.size()); }
  /// The digest as 64 lower-case hexadecimal digits. Ends the hash: call it once.
  std::string hex();

 private:
  void blocks(const std::uint8_t* bytes, std::size_t count);
  void block(const std::uint8_t* bytes);

  std::array<std::uint32_t, 8> state_{0x6a09e667, 0xbb67ae85, 0x3c6ef372, 0xa54ff53a,
                                      0x510e527f, 0x9b05688c, 0x1f83d9ab, 0x5be0cd19};
  std::array<std::uint8_t, 64> pending_{};
  std::uint64_t length_ = 0;
  bool instructions_;
};

std::string sha256(std::string_view bytes);
/// Throws Error for a file that cannot be read.
std::string sha256_file(const std::filesystem::path& file);

}  // namespace kizu
