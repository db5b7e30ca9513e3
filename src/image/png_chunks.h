#pragma once
#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <string_view>

namespace kizu {

/// The eight bytes every PNG begins with.
inline constexpr std::string_view kPngSignature{"\x89PNG\r\n\x1a\n", 8};

/// CRC-32 as PNG and zlib define it.
std::uint32_t crc32(std::string_view bytes);
std::uint32_t read_big_endian(std::string_view four);
std::string big_endian(std::uint32_t value);

/// length, type, data, CRC
std::string png_chunk(std::string_view type, std::string_view data);
/// Text after the header chunk of `png`: tEXt for ASCII, iTXt (UTF-8) for the rest. Keys have 1 to 79
/// characters.
std::string with_png_texts(const std::string& png, const std::map<std::string, std::string>& texts);
/// Calls `visit(type, data)` for each chunk up to IEND. Returns what is wrong with the file, empty when
/// nothing is: every length and CRC is checked.
std::string walk_png(std::string_view png,
                     const std::function<void(std::string_view, std::string_view)>& visit);

}  // namespace kizu
