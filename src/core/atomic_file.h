#pragma once
#include <filesystem>
#include <string>
#include <string_view>

namespace kizu {

/// A file that appears whole or not at all: written under a temporary name in the same folder, synced,
/// renamed. A full disk is a MachineError, a folder that may not be written an Error; both leave nothing
/// behind.
class AtomicFile {
 public:
  explicit AtomicFile(const std::filesystem::path& file);
  /// Without commit() the temporary file is removed.
  ~AtomicFile();
  AtomicFile(const AtomicFile&) = delete;
  AtomicFile& operator=(const AtomicFile&) = delete;

  void write(const void* bytes, std::size_t count);
  void write(std::string_view bytes) { write(bytes.data(), bytes.size()); }
  void commit();

 private:
  std::filesystem::path file_;
  std::filesystem::path temporary_;
  int handle_ = -1;
};

void write_file(const std::filesystem::path& file, std::string_view bytes);

/// Creates the folder and its parents; throws like AtomicFile.
void make_folders(const std::filesystem::path& folder);

/// True for the temporary name of an AtomicFile.
bool is_leftover(const std::filesystem::path& file);

/// Removes what killed processes left under temporary names below `folder`. Call it only while holding the
/// folder's lock: the temporary file of a living writer would go too.
void remove_leftovers(const std::filesystem::path& folder);

/// Throws the error for a failed write: MachineError for a full disk or a broken device, Error for what the
/// user can mend. `reason` is an errno value.
[[noreturn]] void throw_write_failure(const std::filesystem::path& file, int reason);

}  // namespace kizu
