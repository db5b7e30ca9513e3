#include <algorithm>
#include <cstdint>
#include <optional>
#include <vector>

#include "image/container.h"

namespace kizu {
namespace {

constexpr int kWidth = 256, kHeight = 257, kBits = 258, kPhotometric = 262, kChannels = 277,
              kStripOffsets = 273, kOrientation = 274, kStripCounts = 279, kTileOffsets = 324,
              kTileCounts = 325;

/// The first directory of a TIFF file, classic or big, either byte order. Nothing outside `bytes` is touched.
class TiffDirectory {
 public:
  explicit TiffDirectory(std::string_view bytes) : bytes_(bytes) {
    if (bytes_.size() < 8) return;
    little_ = bytes_[0] == 'I';
    const std::uint64_t magic = *number(2, 2);
    if (magic != 42 && magic != 43) return;
    big_ = magic == 43;
    const auto at = big_ ? number(8, 8) : number(4, 4);
    if (!at) return;
    const auto count = number(*at, big_ ? 8 : 2);
    const std::uint64_t entry_size = big_ ? 20 : 12;
    if (!count || *count > bytes_.size() / entry_size) return;
    entries_at_ = *at + (big_ ? 8 : 2);
    if (entries_at_ + *count * entry_size > bytes_.size()) return;
    count_ = *count;
    valid_ = true;
  }

  bool valid() const { return valid_; }

  /// The values of a tag of whole numbers; empty when absent or of another type; nothing when they lie
  /// outside the file.
  std::optional<std::vector<std::uint64_t>> values(int tag) const {
    for (std::uint64_t i = 0; i < count_; i++) {
      const std::uint64_t at = entries_at_ + i * (big_ ? 20 : 12);
      if (*number(at, 2) != static_cast<std::uint64_t>(tag)) continue;
      const int size = size_of_type(*number(at + 2, 2));
      if (size == 0) return std::vector<std::uint64_t>{};
      const std::uint64_t count = *number(at + 4, big_ ? 8 : 4);
      if (count > bytes_.size() / size) return std::nullopt;
      std::uint64_t from = at + (big_ ? 12 : 8);
      if (count * size > (big_ ? 8u : 4u)) from = *number(from, big_ ? 8 : 4);
      if (from > bytes_.size() || count * size > bytes_.size() - from) return std::nullopt;
      std::vector<std::uint64_t> found;
      for (std::uint64_t k = 0; k < count; k++) found.push_back(*number(from + k * size, size));
      return found;
    }
    return std::vector<std::uint64_t>{};
  }

  std::uint64_t single(int tag, std::uint64_t otherwise) const {
    const auto found = values(tag);
    return found && found->size() == 1 ? found->front() : otherwise;
  }

 private:
  static int size_of_type(std::uint64_t type) {
    return type == 1 ? 1 : type == 3 ? 2 : type == 4 || type == 13 ? 4 : type == 16 || type == 18 ? 8 : 0;
  }

  std::optional<std::uint64_t> number(std::uint64_t at, int size) const {
    if (at > bytes_.size() || bytes_.size() - at < static_cast<std::uint64_t>(size)) return std::nullopt;
    std::uint64_t value = 0;
    for (int i = 0; i < size; i++)
      value = value << 8 | static_cast<unsigned char>(bytes_[at + (little_ ? size - 1 - i : i)]);
    return value;
  }

  std::string_view bytes_;
  bool little_ = true, big_ = false, valid_ = false;
  std::uint64_t entries_at_ = 0, count_ = 0;
};

/// True when every strip or tile lies inside the file.
bool pieces_inside(const TiffDirectory& directory, std::uint64_t size, int offsets_tag, int counts_tag) {
  const auto offsets = directory.values(offsets_tag), counts = directory.values(counts_tag);
  if (!offsets || !counts || offsets->empty()) return false;
  if (!counts->empty() && counts->size() != offsets->size()) return false;
  for (std::size_t i = 0; i < offsets->size(); i++) {
    if ((*offsets)[i] >= size) return false;
    if (!counts->empty() && (*counts)[i] > size - (*offsets)[i]) return false;
  }
  return true;
}

}  // namespace

int exif_orientation(std::string_view tiff) {
  const TiffDirectory directory(tiff);
  const std::uint64_t value = directory.valid() ? directory.single(kOrientation, 1) : 1;
  return value >= 1 && value <= 8 ? static_cast<int>(value) : 1;
}

Container check_tiff(std::string_view bytes, const std::string& name) {
  const TiffDirectory directory(bytes);
  if (!directory.valid()) refuse_damaged(name, "is cut short or is not a TIFF file");
  const std::uint64_t width = directory.single(kWidth, 0), height = directory.single(kHeight, 0);
  if (width < 1 || height < 1 || width > 0x7FFFFFFF || height > 0x7FFFFFFF)
    refuse_damaged(name, "has an impossible size");
  if (!pieces_inside(directory, bytes.size(), kStripOffsets, kStripCounts) &&
      !pieces_inside(directory, bytes.size(), kTileOffsets, kTileCounts))
    refuse_damaged(name, "is cut short");
  const std::uint64_t photometric = directory.single(kPhotometric, ~0ull),
                      channels = directory.single(kChannels, 1);
  const auto bits = directory.values(kBits);
  const bool known_depth =
      bits && std::all_of(bits->begin(), bits->end(), [](std::uint64_t b) {
        return b == 1 || b == 8 || b == 10 || b == 12 || b == 14 || b == 16 || b == 32 || b == 64;
      });
  if (photometric == ~0ull || channels < 1 || channels > 4 || !known_depth || bits->size() > channels)
    refuse_damaged(name,
                   "is damaged or of a kind that is not read (channels, bits or meaning of its values)");
  return {ImageFormat::Tiff,
          {static_cast<int>(width), static_cast<int>(height)},
          exif_orientation(bytes),
          photometric <= 1};
}

}  // namespace kizu
