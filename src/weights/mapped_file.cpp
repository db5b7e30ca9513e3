#include "weights/mapped_file.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <utility>

#include "core/error.h"
#include "core/input_file.h"

namespace kizu {

MappedFile::MappedFile(const std::filesystem::path& file) {
  const std::uint64_t size = InputFile(file).size();  // says what is wrong with a file that cannot be read
  if (size == 0) return;
  const int handle = ::open(file.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK);
  if (handle < 0) throw MachineError("cannot read " + file.string() + ": " + std::strerror(errno));
  void* at = ::mmap(nullptr, size, PROT_READ, MAP_PRIVATE, handle, 0);
  const int reason = errno;
  ::close(handle);
  if (at == MAP_FAILED) throw MachineError("cannot map " + file.string() + ": " + std::strerror(reason));
  begin_ = static_cast<const char*>(at);
  size_ = size;
}

MappedFile::~MappedFile() {
  if (begin_ != nullptr) ::munmap(const_cast<char*>(begin_), size_);
}

MappedFile::MappedFile(MappedFile&& other) noexcept
    : begin_(std::exchange(other.begin_, nullptr)), size_(std::exchange(other.size_, 0)) {}

void MappedFile::release(std::uint64_t from, std::uint64_t count) const {
  const auto page = static_cast<std::uint64_t>(::sysconf(_SC_PAGESIZE));
  const std::uint64_t first = (from + page - 1) / page * page;
  const std::uint64_t end = std::min<std::uint64_t>(from + count, size_) / page * page;
  if (first < end) ::madvise(const_cast<char*>(begin_) + first, end - first, MADV_DONTNEED);
}

}  // namespace kizu
