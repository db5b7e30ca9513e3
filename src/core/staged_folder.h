#pragma once
#include <filesystem>

namespace kizu {

/// A folder that appears whole or not at all: filled under the name FOLDER.tmp, renamed by commit(). What a
/// killed process left under that name is removed by the next one.
class StagedFolder {
 public:
  /// `replace` allows that `folder` is there and not empty: commit() exchanges the two. Throws Error when it
  /// is there and may not be replaced, or when another process is filling the same folder.
  StagedFolder(std::filesystem::path folder, bool replace);
  /// Without commit() all that was written goes.
  ~StagedFolder();
  StagedFolder(const StagedFolder&) = delete;
  StagedFolder& operator=(const StagedFolder&) = delete;

  /// Where to write.
  const std::filesystem::path& path() const { return staged_; }
  void commit();

 private:
  std::filesystem::path folder_, staged_;
  int lock_ = -1;
};

}  // namespace kizu
