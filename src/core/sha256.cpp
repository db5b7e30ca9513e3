#include "core/sha256.h"

#include <algorithm>
#include <cstring>
#include <vector>

#include "core/input_file.h"
#include "core/sha256_rounds.h"
#include "core/sha256_x86.h"

namespace kizu {
namespace {

std::uint32_t rotate(std::uint32_t x, int by) {
  return (x >> by) | (x << (32 - by));
}

}  // namespace

void Sha256::block(const std::uint8_t* bytes) {
  std::uint32_t w[64];
  for (std::size_t i = 0; i < 16; i++)
    w[i] = static_cast<std::uint32_t>(bytes[4 * i]) << 24 | bytes[4 * i + 1] << 16 | bytes[4 * i + 2] << 8 |
           bytes[4 * i + 3];
  for (int i = 16; i < 64; i++) {
    const std::uint32_t s0 = rotate(w[i - 15], 7) ^ rotate(w[i - 15], 18) ^ (w[i - 15] >> 3);
    const std::uint32_t s1 = rotate(w[i - 2], 17) ^ rotate(w[i - 2], 19) ^ (w[i - 2] >> 10);
    w[i] = w[i - 16] + s0 + w[i - 7] + s1;
  }
  auto [a, b, c, d, e, f, g, h] = state_;
  for (int i = 0; i < 64; i++) {
    const std::uint32_t t1 =
        h + (rotate(e, 6) ^ rotate(e, 11) ^ rotate(e, 25)) + ((e & f) ^ (~e & g)) + kSha256Round[i] + w[i];
    const std::uint32_t t2 = (rotate(a, 2) ^ rotate(a, 13) ^ rotate(a, 22)) + ((a & b) ^ (a & c) ^ (b & c));
    h = g, g = f, f = e, e = d + t1, d = c, c = b, b = a, a = t1 + t2;
  }
  const std::uint32_t out[8] = {a, b, c, d, e, f, g, h};
  for (int i = 0; i < 8; i++) state_[i] += out[i];
}

void Sha256::blocks(const std::uint8_t* bytes, std::size_t count) {
  if (instructions_) return add_blocks_x86(state_.data(), bytes, count);
  for (std::size_t i = 0; i < count; i++) block(bytes + 64 * i);
}

void Sha256::add(const void* bytes, std::size_t count) {
  const auto* from = static_cast<const std::uint8_t*>(bytes);
  std::size_t held = length_ % 64;
  length_ += count;
  while (count > 0) {
    if (held == 0 && count >= 64) {
      blocks(from, count / 64);
      from += count / 64 * 64, count %= 64;
      continue;
    }
    const std::size_t take = std::min<std::size_t>(64 - held, count);
    std::memcpy(pending_.data() + held, from, take);
    from += take, count -= take, held += take;
    if (held == 64) {
      blocks(pending_.data(), 1);
      held = 0;
    }
  }
}

std::string Sha256::hex() {
  const std::uint64_t bits = length_ * 8;
  static constexpr std::uint8_t kPadding[64] = {0x80};
  add(kPadding, (length_ % 64 < 56 ? 56 : 120) - length_ % 64);
  std::uint8_t tail[8];
  for (int i = 0; i < 8; i++) tail[i] = static_cast<std::uint8_t>(bits >> (56 - 8 * i));
  add(tail, 8);
  static constexpr char kDigits[] = "0123456789abcdef";
  std::string text;
  for (const std::uint32_t word : state_)
    for (int shift = 28; shift >= 0; shift -= 4) text += kDigits[word >> shift & 15];
  return text;
}

std::string sha256(std::string_view bytes) {
  Sha256 hash;
  hash.add(bytes);
  return hash.hex();
}

std::string sha256_file(const std::filesystem::path& file) {
  InputFile input(file);
  std::vector<char> piece(1 << 16);
  Sha256 hash;
  for (std::uint64_t left = input.size(); left > 0;) {
    const auto take = static_cast<std::size_t>(std::min<std::uint64_t>(left, piece.size()));
    input.read(piece.data(), take);
    hash.add(piece.data(), take);
    left -= take;
  }
  return hash.hex();
}

}  // namespace kizu
