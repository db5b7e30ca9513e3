#include "weights/zip_writer.h"

#include <cstdint>
#include <stdexcept>

#include "weights/crc32.h"

namespace kizu {
namespace {

void put16(std::string& to, std::uint64_t value) {
  to += static_cast<char>(value & 0xFF);
  to += static_cast<char>(value >> 8 & 0xFF);
}

void put32(std::string& to, std::uint64_t value) {
  put16(to, value & 0xFFFF);
  put16(to, value >> 16);
}

/// What the local header and the directory say alike: version, flags (names are UTF-8), method, time, date
/// (1 January 1980), checksum, sizes, length of the name, no extra field.
std::string description(const ZipContent& entry) {
  std::string text;
  for (const unsigned field : {20u, 0x800u, 0u, 0u, 0x21u}) put16(text, field);
  put32(text, checksum_crc32(entry.bytes));
  put32(text, entry.bytes.size());
  put32(text, entry.bytes.size());
  put16(text, entry.name.size());
  put16(text, 0);
  return text;
}

}  // namespace

std::string zip_of(const std::vector<ZipContent>& entries) {
  std::string zip, directory;
  for (const ZipContent& entry : entries) {
    const std::string described = description(entry);
    directory += "PK\x01\x02";
    put16(directory, 20);
    directory += described + std::string(10, '\0');
    put32(directory, zip.size());
    directory += entry.name;
    zip += "PK\x03\x04" + described + entry.name + entry.bytes;
    if (zip.size() > 1u << 30 || entry.name.size() > 1000 || entries.size() > 1000)
      throw std::logic_error("zip_of: too large");
  }
  const std::size_t begin = zip.size();
  zip += directory + std::string("PK\x05\x06\0\0\0\0", 8);
  put16(zip, entries.size());
  put16(zip, entries.size());
  put32(zip, directory.size());
  put32(zip, begin);
  put16(zip, 0);
  return zip;
}

}  // namespace kizu
