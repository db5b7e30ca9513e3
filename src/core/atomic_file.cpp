#include "core/atomic_file.h"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <cstring>
#include <vector>

#include "core/error.h"

namespace kizu {
namespace fs = std::filesystem;
namespace {

constexpr std::string_view kTemporaryStart = ".kizu-";
constexpr std::string_view kTemporaryEnd = ".tmp";

// Independent of the final name, which may already have the longest length a file system allows.
fs::path temporary_beside(const fs::path& file) {
  static std::atomic<unsigned> count{0};
  const std::string name = std::string(kTemporaryStart) + std::to_string(::getpid()) + "-" +
                           std::to_string(count++) + std::string(kTemporaryEnd);
  return file.parent_path() / name;
}

void sync_folder(const fs::path& folder) {
  const int handle = ::open(folder.empty() ? "." : folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (handle < 0) return;  // a folder that may be written but not listed: the rename itself has succeeded
  ::fsync(handle);
  ::close(handle);
}

}  // namespace

void throw_write_failure(const fs::path& file, int reason) {
  const std::string name = "cannot write " + file.string() + ": ";
  switch (reason) {
    case ENOSPC:
    case EDQUOT:
      throw MachineError(
          name + "the disk is full; free space or choose another --out, then run the same command again");
    case EFBIG:
      throw MachineError(name + "the file would exceed the size limit of this system (ulimit -f)");
    case EACCES:
    case EPERM:
      throw Error(name + "no permission; allow writing in its folder or choose another --out");
    case EROFS:
      throw Error(name + "the file system is read-only; choose another --out");
    case ENOENT:
    case ENOTDIR:
      throw Error(name + "its folder does not exist; create it or choose another --out");
    case EISDIR:
    case EEXIST:
    case ENOTEMPTY:
      throw Error(name + "something else of this name is there; remove it or choose another --out");
    case ENAMETOOLONG:
      throw Error(name + "the name is too long; choose a shorter one");
    default:
      throw MachineError(name + std::strerror(reason));
  }
}

AtomicFile::AtomicFile(const fs::path& file) : file_(file), temporary_(temporary_beside(file)) {
  const int flags = O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC;
  handle_ = ::open(temporary_.c_str(), flags, 0666);
  if (handle_ < 0 && errno == EEXIST) {  // left by a killed process that had our number
    ::unlink(temporary_.c_str());
    handle_ = ::open(temporary_.c_str(), flags, 0666);
  }
  if (handle_ < 0) throw_write_failure(file_, errno);
}

AtomicFile::~AtomicFile() {
  if (handle_ >= 0) ::close(handle_);
  if (!temporary_.empty()) ::unlink(temporary_.c_str());
}

void AtomicFile::write(const void* bytes, std::size_t count) {
  const auto* from = static_cast<const char*>(bytes);
  while (count > 0) {
    const ssize_t put = ::write(handle_, from, std::min<std::size_t>(count, 1u << 30));
    if (put < 0 && errno == EINTR) continue;
    if (put < 0) throw_write_failure(file_, errno);
    from += put;
    count -= static_cast<std::size_t>(put);
  }
}

void AtomicFile::commit() {
  if (::fsync(handle_) != 0 && errno != EINVAL && errno != ENOTSUP) throw_write_failure(file_, errno);
  const int handle = handle_;
  handle_ = -1;
  if (::close(handle) != 0 && errno != EINTR) throw_write_failure(file_, errno);
  if (::rename(temporary_.c_str(), file_.c_str()) != 0) throw_write_failure(file_, errno);
  temporary_.clear();
  sync_folder(file_.parent_path());
}

void write_file(const fs::path& file, std::string_view bytes) {
  AtomicFile output(file);
  output.write(bytes);
  output.commit();
}

void make_folders(const fs::path& folder) {
  std::error_code failure;
  fs::create_directories(folder, failure);
  if (failure) throw_write_failure(folder, failure.value());
  if (!fs::is_directory(folder, failure)) throw_write_failure(folder, ENOTDIR);
}

bool is_leftover(const fs::path& file) {
  const std::string name = file.filename().string();
  return name.size() > kTemporaryStart.size() + kTemporaryEnd.size() &&
         name.compare(0, kTemporaryStart.size(), kTemporaryStart) == 0 &&
         name.compare(name.size() - kTemporaryEnd.size(), std::string::npos, kTemporaryEnd) == 0;
}

void remove_leftovers(const fs::path& folder) {
  std::vector<fs::path> leftovers;
  std::error_code failure;
  for (fs::recursive_directory_iterator it(folder, fs::directory_options::skip_permission_denied, failure),
       end;
       !failure && it != end; it.increment(failure)) {
    std::error_code unknown;
    if (is_leftover(it->path()) && it->is_regular_file(unknown)) leftovers.push_back(it->path());
  }
  for (const fs::path& leftover : leftovers) fs::remove(leftover, failure);
}

}  // namespace kizu
