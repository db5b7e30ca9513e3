#pragma once
#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <string_view>

namespace kizu {

/// The entries of a ZIP file as torch writes it: stored, not compressed; ZIP64 for large ones. Names are
/// only ever compared, never made into paths. Nothing is copied: entries are views into the file.
class ZipArchive {
 public:
  struct Entry {
    std::uint64_t begin = 0;  ///< of its data, from the start of the file
    std::uint64_t size = 0;
    std::uint32_t crc = 0;
  };

  /// Reads the central directory and checks every header and span. Throws Error, beginning with `origin`,
  /// for a damaged file, compressed or encrypted entries, names twice, names that climb out of the
  /// archive and entries that overlap. `bytes` must outlive the archive.
  ZipArchive(std::string_view bytes, std::string origin);

  const std::map<std::string, Entry, std::less<>>& entries() const { return entries_; }
  std::string_view data(const Entry& entry) const { return bytes_.substr(entry.begin, entry.size); }
  /// Throws Error when the entry's bytes do not have the CRC-32 that the directory gives. `seen` is called
  /// for each piece that has been looked at, so that the caller may release it.
  void check(const std::string& name, const Entry& entry,
             const std::function<void(std::uint64_t begin, std::uint64_t size)>& seen = {}) const;

 private:
  std::string_view bytes_;
  std::string origin_;
  std::map<std::string, Entry, std::less<>> entries_;
};

}  // namespace kizu
