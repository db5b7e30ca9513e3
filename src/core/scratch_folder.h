#pragma once
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <stdexcept>
#include <string>

namespace kizu {

/// For tests: a new empty folder that goes, with all that is in it, when the object goes. Its name holds a
/// space and letters that are not ASCII, because the folders of users do.
class ScratchFolder {
 public:
  ScratchFolder() {
    std::string pattern = (std::filesystem::temp_directory_path() / "kizu Prüfung 傷 XXXXXX").string();
    if (::mkdtemp(pattern.data()) == nullptr) throw std::runtime_error("no temporary folder: " + pattern);
    path_ = pattern;
  }
  ~ScratchFolder() {
    std::error_code failure;
    std::filesystem::remove_all(path_, failure);
  }
  ScratchFolder(const ScratchFolder&) = delete;
  ScratchFolder& operator=(const ScratchFolder&) = delete;

  const std::filesystem::path& path() const { return path_; }
  std::filesystem::path operator/(const std::string& name) const { return path_ / name; }
  /// Entries of any kind, at any depth.
  std::size_t count() const {
    std::size_t n = 0;
    for (const auto& entry : std::filesystem::recursive_directory_iterator(path_)) n += !entry.path().empty();
    return n;
  }

 private:
  std::filesystem::path path_;
};

/// What `action` throws of type Expected, as text; empty when it throws nothing.
template <typename Expected, typename Action>
std::string message_of(Action action) {
  try {
    action();
  } catch (const Expected& failure) {
    return failure.what();
  }
  return "";
}

}  // namespace kizu
