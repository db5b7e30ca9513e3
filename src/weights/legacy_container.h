#pragma once
#include <cstdint>
#include <map>
#include <string>
#include <string_view>

#include "weights/pickle.h"

namespace kizu {

/// A span of the file.
struct StorageSpan {
  std::uint64_t begin = 0, size = 0;
};

/// The container of torch before 1.6: four pickles (a magic number, the protocol, facts about the machine,
/// the object), a pickled list of storage keys, then for each key its number of elements (8 bytes) and the
/// elements.
class LegacyContainer {
 public:
  /// Throws Error beginning with `origin`.
  LegacyContainer(std::string_view bytes, const std::string& origin);

  const Pickle& object() const { return object_; }
  /// Where the storages lie, by key.
  const std::map<std::string, StorageSpan>& storages() const { return storages_; }

 private:
  Pickle header(std::string_view bytes, const std::string& origin);
  void find_storages(std::string_view bytes, const std::string& origin);

  std::size_t at_ = 0;
  Pickle object_;
  std::map<std::string, StorageSpan> storages_;
};

}  // namespace kizu
