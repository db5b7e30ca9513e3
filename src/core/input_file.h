#pragma once
#include <cstdint>
#include <filesystem>
#include <string>

namespace kizu {

/// A regular file open for reading. Every failure is an Error that names the file and the remedy.
class InputFile {
 public:
  explicit InputFile(const std::filesystem::path& file);
  ~InputFile();
  InputFile(const InputFile&) = delete;
  InputFile& operator=(const InputFile&) = delete;

  /// Bytes of the file when it was opened.
  std::uint64_t size() const { return size_; }
  /// The next `count` bytes; throws Error if the file ends before.
  void read(void* into, std::size_t count);

 private:
  std::filesystem::path file_;
  int handle_ = -1;
  std::uint64_t size_ = 0;
};

/// The whole file; throws Error when it is larger than `limit` bytes.
std::string read_file(const std::filesystem::path& file, std::uint64_t limit = 1ull << 30);

}  // namespace kizu
