#include "weights/zip_archive.h"

#include <algorithm>
#include <cstring>
#include <vector>

#include "core/error.h"
#include "weights/crc32.h"
#include "weights/printable.h"

namespace kizu {
namespace {

constexpr std::uint32_t kLocal = 0x04034b50, kCentral = 0x02014b50, kEnd = 0x06054b50;
constexpr std::uint32_t kEnd64 = 0x06064b50, kLocator64 = 0x07064b50;
constexpr std::size_t kLocalSize = 30, kCentralSize = 46, kEndSize = 22, kEnd64Size = 56, kLocatorSize = 20;
constexpr std::uint64_t kMaxEntries = 1u << 20;
constexpr std::uint32_t kSaturated32 = 0xFFFFFFFFu;
constexpr std::uint16_t kSaturated16 = 0xFFFFu;

/// A piece of the file with numbers at fixed places, all within it.
class Record {
 public:
  explicit Record(std::string_view bytes) : bytes_(bytes) {}
  template <class T>
  T at(std::size_t place) const {
    T value;
    std::memcpy(&value, bytes_.substr(place, sizeof value).data(), sizeof value);
    return value;
  }
  std::uint16_t u16(std::size_t place) const { return at<std::uint16_t>(place); }
  std::uint32_t u32(std::size_t place) const { return at<std::uint32_t>(place); }
  std::uint64_t u64(std::size_t place) const { return at<std::uint64_t>(place); }

 private:
  std::string_view bytes_;
};

/// What the central directory says about an entry.
struct Listed {
  std::string_view name;
  std::uint16_t flags = 0, method = 0;
  std::uint32_t crc = 0;
  std::uint64_t packed = 0, size = 0, header = 0;
};

struct Directory {
  std::uint64_t begin = 0, size = 0, count = 0;
};

class Reader {
 public:
  Reader(std::string_view bytes, const std::string& origin) : bytes_(bytes), origin_(origin) {}

  [[noreturn]] void refuse(const std::string& what) const {
    throw Error(origin_ + " is not a usable checkpoint archive: " + what);
  }

  /// Finds the directory from the end of the file.
  Directory directory() const {
    const std::uint64_t end = end_record();
    const Record r(piece(end, kEndSize));
    if (r.u16(4) != 0 || r.u16(6) != 0) {
      if (r.u16(4) != kSaturated16 || r.u16(6) != kSaturated16) refuse("it is one part of several files");
    }
    Directory found{r.u32(16), r.u32(12), r.u16(10)};
    std::uint64_t limit = end;
    if (end >= kLocatorSize && Record(piece(end - kLocatorSize, kLocatorSize)).u32(0) == kLocator64)
      limit = read_end64(end - kLocatorSize, found);
    if (found.begin > limit || found.size != limit - found.begin)
      refuse("its directory does not end where it should");
    if (found.count > kMaxEntries) refuse("it has too many entries");
    return found;
  }

  /// The entry of the directory at `at`, which moves behind it.
  Listed next(std::uint64_t& at, std::uint64_t limit) const {
    if (limit - at < kCentralSize) refuse("its directory is cut short");
    const Record r(piece(at, kCentralSize));
    if (r.u32(0) != kCentral) refuse("its directory is damaged");
    const std::size_t name = r.u16(28), extra = r.u16(30), comment = r.u16(32);
    if (limit - at - kCentralSize < name + extra + comment) refuse("its directory is cut short");
    Listed entry{
        piece(at + kCentralSize, name), r.u16(8), r.u16(10), r.u32(16), r.u32(20), r.u32(24), r.u32(42)};
    read_extra64(piece(at + kCentralSize + name, extra), entry);
    at += kCentralSize + name + extra + comment;
    return entry;
  }

  /// Where the data of an entry begin: behind its own header, which must agree with the directory.
  std::uint64_t data_begin(const Listed& entry, std::uint64_t limit) const {
    const std::string who = "entry \"" + printable(entry.name) + "\" ";
    if (entry.header > limit || limit - entry.header < kLocalSize) refuse(who + "begins outside the file");
    const Record r(piece(entry.header, kLocalSize));
    if (r.u32(0) != kLocal) refuse(who + "has a damaged header");
    const std::size_t name = r.u16(26), extra = r.u16(28);
    if (limit - entry.header - kLocalSize < name + extra) refuse(who + "has a damaged header");
    const bool sizes_follow = (r.u16(6) & 8) != 0;
    const bool same = piece(entry.header + kLocalSize, name) == entry.name && r.u16(8) == entry.method &&
                      (sizes_follow || (r.u32(14) == entry.crc && agree(r.u32(18), entry.packed) &&
                                        agree(r.u32(22), entry.size)));
    if (!same) refuse(who + "is described twice and differently");
    const std::uint64_t begin = entry.header + kLocalSize + name + extra;
    if (entry.size > limit - begin)
      refuse(who + "would have " + std::to_string(entry.size) + " bytes in a file of " +
             std::to_string(bytes_.size()));
    return begin;
  }

 private:
  std::string_view piece(std::uint64_t at, std::uint64_t count) const {
    if (at > bytes_.size() || count > bytes_.size() - at) refuse("it is cut short");
    return bytes_.substr(at, count);
  }

  static bool agree(std::uint32_t field, std::uint64_t value) {
    return field == kSaturated32 || field == value;
  }

  /// The end record is the last 22 bytes and a comment of the length that it names.
  std::uint64_t end_record() const {
    if (bytes_.size() >= kEndSize) {
      const std::uint64_t last = bytes_.size() - kEndSize;
      for (std::uint64_t back = 0; back <= std::min<std::uint64_t>(last, kSaturated16); back++) {
        const Record r(piece(last - back, kEndSize));
        if (r.u32(0) == kEnd && r.u16(20) == back) return last - back;
      }
    }
    refuse("its directory is missing, the file is cut short; copy it again from its source");
  }

  /// Reads the ZIP64 end record into `found` and returns where it begins. Numbers that the short record
  /// gives too must be the same: two readers must not see two archives.
  std::uint64_t read_end64(std::uint64_t locator, Directory& found) const {
    const std::uint64_t at = Record(piece(locator, kLocatorSize)).u64(8);
    if (at > locator || locator - at < kEnd64Size) refuse("its ZIP64 record is misplaced");
    const Record r(piece(at, kEnd64Size));
    if (r.u32(0) != kEnd64 || r.u32(16) != 0 || r.u32(20) != 0 || r.u64(24) != r.u64(32))
      refuse("its ZIP64 record is damaged");
    const Directory large{r.u64(48), r.u64(40), r.u64(32)};
    if (!agree(static_cast<std::uint32_t>(found.begin), large.begin) ||
        !agree(static_cast<std::uint32_t>(found.size), large.size) ||
        (found.count != kSaturated16 && found.count != large.count))
      refuse("its two directories differ");
    found = large;
    return at;
  }

  void read_extra64(std::string_view extra, Listed& entry) const {
    while (extra.size() >= 4) {
      const Record r(extra);
      const std::size_t size = r.u16(2);
      if (size > extra.size() - 4) refuse("its directory is damaged");
      std::string_view field = extra.substr(4, size);
      extra.remove_prefix(4 + size);
      if (r.u16(0) != 1) continue;
      for (std::uint64_t* value : {&entry.size, &entry.packed, &entry.header}) {
        if (*value != kSaturated32) continue;
        if (field.size() < 8) refuse("its directory is damaged");
        *value = Record(field).u64(0);
        field.remove_prefix(8);
      }
    }
  }

  std::string_view bytes_;
  const std::string& origin_;
};

/// False for names that would lead out of a folder if somebody made paths of them.
bool is_plain(std::string_view name) {
  if (name.empty() || name.front() == '/' || name.find_first_of(std::string_view("\\:\0", 3)) != name.npos)
    return false;
  for (std::size_t from = 0; from <= name.size();) {
    const std::size_t to = std::min(name.find('/', from), name.size());
    if (name.substr(from, to - from) == "..") return false;
    from = to + 1;
  }
  return true;
}

}  // namespace

ZipArchive::ZipArchive(std::string_view bytes, std::string origin)
    : bytes_(bytes), origin_(std::move(origin)) {
  const Reader reader(bytes, origin_);
  const Directory directory = reader.directory();
  struct Span {
    std::uint64_t begin, end;
    std::string_view name;
  };
  std::vector<Span> spans;
  std::uint64_t at = directory.begin;
  for (std::uint64_t i = 0; i < directory.count; i++) {
    const Listed listed = reader.next(at, directory.begin + directory.size);
    const std::string who = "entry \"" + printable(listed.name) + "\" ";
    if (!is_plain(listed.name)) reader.refuse(who + "has a name that leads out of the archive");
    if ((listed.flags & 1) != 0) reader.refuse(who + "is encrypted");
    if (listed.method != 0 || listed.packed != listed.size)
      reader.refuse(who + "is compressed, which torch never does");
    const Entry entry{reader.data_begin(listed, directory.begin), listed.size, listed.crc};
    if (!entries_.emplace(listed.name, entry).second) reader.refuse(who + "is there twice");
    spans.push_back({listed.header, entry.begin + entry.size, listed.name});
  }
  if (at != directory.begin + directory.size) reader.refuse("its directory has more entries than it says");
  std::sort(spans.begin(), spans.end(), [](const Span& a, const Span& b) { return a.begin < b.begin; });
  for (std::size_t i = 1; i < spans.size(); i++)
    if (spans[i].begin < spans[i - 1].end)
      reader.refuse("entry \"" + printable(spans[i].name) + "\" overlaps another");
}

void ZipArchive::check(const std::string& name, const Entry& entry,
                       const std::function<void(std::uint64_t, std::uint64_t)>& seen) const {
  constexpr std::uint64_t kPiece = 8u << 20;
  std::uint32_t crc = 0;
  for (std::uint64_t done = 0; done < entry.size; done += kPiece) {
    const std::uint64_t size = std::min(kPiece, entry.size - done);
    crc = checksum_crc32(bytes_.substr(entry.begin + done, size), crc);
    if (seen) seen(entry.begin + done, size);
  }
  if (crc != entry.crc)
    throw Error(origin_ + " is damaged: the bytes of entry \"" + printable(name) +
                "\" do not have their checksum; copy the file again from its source");
}

}  // namespace kizu
