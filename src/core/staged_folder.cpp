#include "core/staged_folder.h"

#include <fcntl.h>
#include <stdio.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>

#include "core/atomic_file.h"
#include "core/error.h"

namespace kizu {
namespace fs = std::filesystem;
namespace {

void remove_contents(const fs::path& folder) {
  for (const auto& entry : fs::directory_iterator(folder)) fs::remove_all(entry.path());
}

}  // namespace

StagedFolder::StagedFolder(fs::path folder, bool replace) : folder_(std::move(folder)) {
  if (folder_.filename().empty()) folder_ = folder_.parent_path();  // "model/"
  staged_ = folder_;
  staged_ += ".tmp";
  std::error_code failure;
  if (fs::exists(fs::symlink_status(folder_, failure))) {
    if (!fs::is_directory(folder_, failure))
      throw Error(folder_.string() + " is there and is no folder; choose another --out");
    if (!replace && !fs::is_empty(folder_))
      throw Error(folder_.string() + " is there already; choose another --out");
  }
  if (::mkdir(staged_.c_str(), 0777) != 0 && errno != EEXIST) throw_write_failure(folder_, errno);
  lock_ = ::open(staged_.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW);
  if (lock_ < 0) throw_write_failure(staged_, errno);
  if (::flock(lock_, LOCK_EX | LOCK_NB) != 0) {
    ::close(lock_);
    throw Error("another kizu is writing " + folder_.string() + "; wait for it or choose another --out");
  }
  remove_contents(staged_);
}

StagedFolder::~StagedFolder() {
  if (lock_ < 0) return;
  std::error_code ignored;
  fs::remove_all(staged_, ignored);
  ::close(lock_);
}

void StagedFolder::commit() {
  // Onto nothing or an empty folder a rename will do; what is there otherwise changes places with the new.
  if (::rename(staged_.c_str(), folder_.c_str()) == 0) {
    ::close(lock_);
    lock_ = -1;
    return;
  }
  if (errno != ENOTEMPTY && errno != EEXIST) throw_write_failure(folder_, errno);
  if (::renameat2(AT_FDCWD, staged_.c_str(), AT_FDCWD, folder_.c_str(), RENAME_EXCHANGE) != 0)
    throw Error(folder_.string() +
                " cannot be replaced on this file system; remove it or choose another --out");
  // The destructor removes the old content, which now has the temporary name.
}

}  // namespace kizu
