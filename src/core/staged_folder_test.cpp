#include "core/staged_folder.h"

#include <gtest/gtest.h>

#include "core/atomic_file.h"
#include "core/error.h"
#include "core/input_file.h"
#include "core/scratch_folder.h"

namespace kizu {
namespace {

TEST(StagedFolder, AppearsWholeOrNotAtAll) {
  const ScratchFolder scratch;
  {
    const StagedFolder staged(scratch / "out", false);
    write_file(staged.path() / "a", "1");
    EXPECT_FALSE(std::filesystem::exists(scratch / "out"));
  }
  EXPECT_EQ(scratch.count(), 0u);
  {
    StagedFolder staged(scratch / "out/", false);
    write_file(staged.path() / "a", "2");
    staged.commit();
  }
  EXPECT_EQ(read_file(scratch / "out/a"), "2");
  EXPECT_EQ(scratch.count(), 2u);
}

TEST(StagedFolder, ReplacesOnlyWhatItMay) {
  const ScratchFolder scratch;
  make_folders(scratch / "out");
  { StagedFolder(scratch / "out", false).commit(); }  // an empty one is no loss
  write_file(scratch / "out/old", "old");
  const auto refusal = message_of<Error>([&] { StagedFolder(scratch / "out", false); });
  EXPECT_NE(refusal.find("is there already"), std::string::npos);
  {
    StagedFolder staged(scratch / "out", true);
    write_file(staged.path() / "new", "new");
    EXPECT_EQ(read_file(scratch / "out/old"), "old");
    staged.commit();
  }
  EXPECT_EQ(read_file(scratch / "out/new"), "new");
  EXPECT_EQ(scratch.count(), 2u);
}

TEST(StagedFolder, OneWriterAtATimeAndLeftoversGo) {
  const ScratchFolder scratch;
  make_folders(scratch / "out.tmp");
  write_file(scratch / "out.tmp/half", "x");
  const StagedFolder first(scratch / "out", false);
  EXPECT_FALSE(std::filesystem::exists(first.path() / "half"));
  const auto refusal = message_of<Error>([&] { StagedFolder(scratch / "out", false); });
  EXPECT_NE(refusal.find("another kizu is writing"), std::string::npos);
}

}  // namespace
}  // namespace kizu
