#pragma once
#include <cstdint>
#include <string_view>

namespace kizu {

/// CRC-32 as ZIP has it (IEEE 802.3, reflected 0xEDB88320); `before` continues over an earlier piece.
std::uint32_t checksum_crc32(std::string_view bytes, std::uint32_t before = 0);

}  // namespace kizu
