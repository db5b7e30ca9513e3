#include "image/png_chunks.h"

#include <algorithm>
#include <array>
#include <stdexcept>

namespace kizu {
namespace {

constexpr std::array<std::uint32_t, 256> crc_table() {
  std::array<std::uint32_t, 256> table{};
  for (std::uint32_t n = 0; n < 256; n++) {
    std::uint32_t c = n;
    for (int k = 0; k < 8; k++) c = (c & 1) ? 0xEDB88320u ^ (c >> 1) : c >> 1;
    table[n] = c;
  }
  return table;
}
constexpr auto kCrcTable = crc_table();

bool is_ascii(std::string_view text) {
  return std::all_of(text.begin(), text.end(), [](unsigned char c) { return c < 128; });
}

std::string text_chunk(const std::string& key, const std::string& text) {
  if (key.empty() || key.size() > 79 || !is_ascii(key) || (key + text).find('\0') != std::string::npos)
    throw std::logic_error("PNG text: the key \"" + key + "\" or its text cannot be written");
  if (is_ascii(text)) return png_chunk("tEXt", key + '\0' + text);
  return png_chunk("iTXt",
                   key + std::string(5, '\0') + text);  // not compressed, no language, no translated key
}

}  // namespace

std::uint32_t crc32(std::string_view bytes) {
  std::uint32_t c = 0xFFFFFFFFu;
  for (const unsigned char byte : bytes) c = kCrcTable[(c ^ byte) & 255] ^ (c >> 8);
  return ~c;
}

std::uint32_t read_big_endian(std::string_view four) {
  std::uint32_t value = 0;
  for (const unsigned char byte : four.substr(0, 4)) value = value << 8 | byte;
  return value;
}

std::string big_endian(std::uint32_t value) {
  return {static_cast<char>(value >> 24), static_cast<char>(value >> 16), static_cast<char>(value >> 8),
          static_cast<char>(value)};
}

std::string png_chunk(std::string_view type, std::string_view data) {
  std::string body(type);
  body += data;
  return big_endian(static_cast<std::uint32_t>(data.size())) + body + big_endian(crc32(body));
}

std::string with_png_texts(const std::string& png, const std::map<std::string, std::string>& texts) {
  constexpr std::size_t kHeaderEnd = 8 + 25;  // signature, then IHDR with its 13 bytes
  std::string out = png.substr(0, kHeaderEnd);
  for (const auto& [key, text] : texts) out += text_chunk(key, text);
  return out.append(png, kHeaderEnd);
}

std::string walk_png(std::string_view png,
                     const std::function<void(std::string_view, std::string_view)>& visit) {
  if (png.substr(0, 8) != kPngSignature) return "is not a PNG file";
  for (std::size_t at = 8; png.size() - at >= 12;) {
    const std::uint64_t length = read_big_endian(png.substr(at));
    if (length > png.size() - at - 12) break;
    const std::string_view body = png.substr(at + 4, 4 + length);
    if (crc32(body) != read_big_endian(png.substr(at + 8 + length)))
      return "is damaged (a checksum is wrong)";
    visit(body.substr(0, 4), body.substr(4));
    if (body.substr(0, 4) == "IEND") return "";
    at += 12 + length;
  }
  return "is cut short";
}

}  // namespace kizu
