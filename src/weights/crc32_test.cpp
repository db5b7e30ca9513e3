#include "weights/crc32.h"

#include <gtest/gtest.h>

#include <string>

namespace kizu {
namespace {

/// The definition, a bit at a time.
std::uint32_t slowly(std::string_view bytes) {
  std::uint32_t crc = 0xFFFFFFFFu;
  for (const unsigned char byte : bytes) {
    crc ^= byte;
    for (int bit = 0; bit < 8; bit++) crc = (crc >> 1) ^ ((crc & 1) != 0 ? 0xEDB88320u : 0u);
  }
  return ~crc;
}

TEST(Crc32, HasThePublishedCheckValue) {
  EXPECT_EQ(checksum_crc32("123456789"), 0xCBF43926u);
  EXPECT_EQ(checksum_crc32(""), 0u);
}

TEST(Crc32, IsTheDefinitionAtEveryLengthAndCut) {
  std::string bytes;
  for (int i = 0; i < 40; i++) {
    EXPECT_EQ(checksum_crc32(bytes), slowly(bytes)) << i;
    const std::string_view all = bytes;
    const auto cut = static_cast<std::size_t>(i / 3);
    EXPECT_EQ(checksum_crc32(all.substr(cut), checksum_crc32(all.substr(0, cut))), slowly(bytes)) << i;
    bytes += static_cast<char>(i * 37 + 200);
  }
}

}  // namespace
}  // namespace kizu
