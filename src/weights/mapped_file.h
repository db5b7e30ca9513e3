#pragma once
#include <cstdint>
#include <filesystem>
#include <string_view>

namespace kizu {

/// A regular file mapped into memory, read-only: its bytes come from the disk when they are looked at and
/// cost no memory of our own. Move-only.
class MappedFile {
 public:
  /// Throws Error like InputFile when the file cannot be read.
  explicit MappedFile(const std::filesystem::path& file);
  ~MappedFile();
  MappedFile(MappedFile&& other) noexcept;
  MappedFile& operator=(MappedFile&&) = delete;

  std::string_view bytes() const { return {begin_, size_}; }
  /// The pages wholly within [from, from + count) are not needed for now; looked at again, they come back.
  void release(std::uint64_t from, std::uint64_t count) const;

 private:
  const char* begin_ = nullptr;
  std::size_t size_ = 0;
};

}  // namespace kizu
