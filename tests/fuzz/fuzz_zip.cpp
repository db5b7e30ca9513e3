// Any bytes either are an archive whose entries lie in the file, do not overlap and have harmless names, or
// are refused with an Error.
#include <cstdint>
#include <cstdlib>
#include <map>

#include "core/error.h"
#include "weights/zip_archive.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  try {
    const kizu::ZipArchive archive(bytes, "fuzz");
    std::map<std::uint64_t, std::uint64_t> spans;
    for (const auto& [name, entry] : archive.entries()) {
      if (entry.begin > size || entry.size > size - entry.begin || name.front() == '/') std::abort();
      if (archive.data(entry).size() != entry.size) std::abort();
      if (entry.size > 0 && !spans.emplace(entry.begin, entry.begin + entry.size).second) std::abort();
      try {
        archive.check(name, entry);
      } catch (const kizu::Error&) {
      }
    }
    std::uint64_t at = 0;
    for (const auto& [begin, end] : spans) {
      if (begin < at) std::abort();
      at = end;
    }
  } catch (const kizu::Error&) {
  }
  return 0;
}
