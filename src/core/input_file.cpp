#include "core/input_file.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

#include "core/error.h"

namespace kizu {
namespace {

[[noreturn]] void refuse(const std::filesystem::path& file, int reason) {
  const std::string name = "cannot read " + file.string() + ": ";
  switch (reason) {
    case ENOENT:
    case ENOTDIR:
      throw Error(name + "there is no such file; check the path");
    case EACCES:
    case EPERM:
      throw Error(name + "no permission; allow reading it (chmod u+r) or run as its owner");
    case EISDIR:
      throw Error(name + "it is a folder; name a file");
    case EIO:
    case ENOMEM:
    case EMFILE:
    case ENFILE:
      throw MachineError(name + std::strerror(reason));
    default:
      throw Error(name + std::strerror(reason));
  }
}

}  // namespace

InputFile::InputFile(const std::filesystem::path& file) : file_(file) {
  // O_NONBLOCK: a named pipe must be refused, not waited for.
  handle_ = ::open(file.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK);
  if (handle_ < 0) refuse(file, errno);
  struct stat status {};
  int reason = ::fstat(handle_, &status) != 0 ? errno : 0;
  if (reason == 0 && S_ISDIR(status.st_mode)) reason = EISDIR;
  const bool regular = S_ISREG(status.st_mode);
  if (reason != 0 || !regular) {
    ::close(handle_);
    if (reason != 0) refuse(file, reason);
    throw Error("cannot read " + file.string() + ": it is not a regular file");
  }
  size_ = static_cast<std::uint64_t>(status.st_size);
}

InputFile::~InputFile() {
  ::close(handle_);
}

void InputFile::read(void* into, std::size_t count) {
  auto* to = static_cast<char*>(into);
  while (count > 0) {
    const ssize_t got = ::read(handle_, to, std::min<std::size_t>(count, 1u << 30));
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) refuse(file_, errno);
    if (got == 0) throw Error(file_.string() + " is cut short; copy it again from its source");
    to += got;
    count -= static_cast<std::size_t>(got);
  }
}

std::string read_file(const std::filesystem::path& file, std::uint64_t limit) {
  InputFile input(file);
  if (input.size() > limit)
    throw Error(file.string() + " has " + std::to_string(input.size()) + " bytes, more than the " +
                std::to_string(limit) + " that are read");
  std::string bytes(input.size(), '\0');
  input.read(bytes.data(), bytes.size());
  return bytes;
}

}  // namespace kizu
