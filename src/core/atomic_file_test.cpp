#include "core/atomic_file.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <fstream>
#include <limits>

#include "core/error.h"
#include "core/file_size_limit.h"
#include "core/input_file.h"
#include "core/scratch_folder.h"

namespace kizu {
namespace {

using testing::HasSubstr;

TEST(AtomicFile, WritesWholeAndReplaces) {
  ScratchFolder folder;
  const auto file = folder / "name with space ü.txt";
  write_file(file, "first");
  write_file(file, std::string("second\0with zero", 16));
  EXPECT_EQ(read_file(file), std::string("second\0with zero", 16));
  EXPECT_EQ(folder.count(), 1u);
}

TEST(AtomicFile, HasTheRightsThatTheUserChose) {
  ScratchFolder folder;
  const mode_t before = ::umask(027);
  write_file(folder / "a", "a");
  ::umask(before);
  struct stat status {};
  ASSERT_EQ(::stat((folder / "a").c_str(), &status), 0);
  EXPECT_EQ(status.st_mode & 0777u, 0640u);
}

TEST(AtomicFile, WithoutCommitTheOldContentStays) {
  ScratchFolder folder;
  write_file(folder / "a", "old");
  {
    AtomicFile output(folder / "a");
    output.write("half a new con");
    EXPECT_EQ(folder.count(), 2u);
  }
  EXPECT_EQ(read_file(folder / "a"), "old");
  EXPECT_EQ(folder.count(), 1u);
}

TEST(AtomicFile, TakesTheLongestNameAFileSystemAllows) {
  ScratchFolder folder;
  write_file(folder / std::string(255, 'n'), "x");
  EXPECT_EQ(read_file(folder / std::string(255, 'n')), "x");
  EXPECT_THAT(message_of<Error>([&] { write_file(folder / std::string(256, 'n'), "x"); }),
              HasSubstr("too long"));
  EXPECT_EQ(folder.count(), 1u);
}

TEST(AtomicFile, NamesTheFileWhenItsFolderIsMissing) {
  ScratchFolder folder;
  const auto file = folder.path() / "missing" / "a.txt";
  EXPECT_THAT(message_of<Error>([&] { write_file(file, "x"); }), HasSubstr(file.string()));
}

TEST(AtomicFile, RefusesToReplaceAFolder) {
  ScratchFolder folder;
  make_folders(folder.path() / "a" / "b");
  EXPECT_THROW(write_file(folder / "a", "x"), Error);
  EXPECT_EQ(folder.count(), 2u);
}

TEST(AtomicFile, AFolderWithoutWritePermissionIsTheUsersToMend) {
  if (::geteuid() == 0) GTEST_SKIP() << "root may write everywhere";
  ScratchFolder folder;
  ::chmod(folder.path().c_str(), 0500);
  EXPECT_THAT(message_of<Error>([&] { write_file(folder / "a", "x"); }), HasSubstr("no permission"));
  ::chmod(folder.path().c_str(), 0700);
}

TEST(AtomicFile, AFailedWriteIsTheMachinesAndLeavesNothing) {
  ScratchFolder folder;
  write_file(folder / "a", "old");
  std::string message;
  {
    const FileSizeLimit limit(4096);
    message = message_of<MachineError>([&] { write_file(folder / "a", std::string(10'000, 'x')); });
  }
  EXPECT_THAT(message, HasSubstr((folder / "a").string()));
  EXPECT_EQ(read_file(folder / "a"), "old");
  EXPECT_EQ(folder.count(), 1u);
}

TEST(AtomicFile, AFullDiskIsNamedWithTheRemedy) {
  const std::string message = message_of<MachineError>([] { throw_write_failure("/out/a.png", ENOSPC); });
  EXPECT_THAT(message, HasSubstr("/out/a.png"));
  EXPECT_THAT(message, HasSubstr("disk is full"));
  EXPECT_THAT(message, HasSubstr("--out"));
}

TEST(AtomicFile, LeftoversOfKilledWritersAreFoundAndRemoved) {
  ScratchFolder folder;
  make_folders(folder.path() / "deep" / "er");
  write_file(folder.path() / "deep" / "keep.tmp", "x");
  std::ofstream(folder.path() / "deep" / "er" / ".kizu-123-4.tmp") << "half";
  std::ofstream(folder / ".kizu-9-0.tmp") << "half";
  remove_leftovers(folder.path());
  EXPECT_EQ(folder.count(), 3u);
  EXPECT_TRUE(std::filesystem::exists(folder.path() / "deep" / "keep.tmp"));
}

TEST(MakeFolders, RefusesAFileInTheWay) {
  ScratchFolder folder;
  write_file(folder / "file", "x");
  EXPECT_THROW(make_folders(folder / "file"), Error);
  EXPECT_THROW(make_folders(folder.path() / "file" / "below"), Error);
}

TEST(InputFile, SaysWhatIsWrong) {
  ScratchFolder folder;
  EXPECT_THAT(message_of<Error>([&] { read_file(folder / "no"); }), HasSubstr("no such file"));
  EXPECT_THAT(message_of<Error>([&] { read_file(folder.path()); }), HasSubstr("folder"));
  write_file(folder / "ten", "0123456789");
  EXPECT_THAT(message_of<Error>([&] { read_file(folder / "ten", 9); }), HasSubstr("more than"));
  InputFile input(folder / "ten");
  char into[11];
  EXPECT_THAT(message_of<Error>([&] { input.read(into, 11); }), HasSubstr("cut short"));
}

TEST(InputFile, DoesNotWaitForANamedPipe) {
  ScratchFolder folder;
  ASSERT_EQ(::mkfifo((folder / "pipe").c_str(), 0600), 0);
  EXPECT_THAT(message_of<Error>([&] { read_file(folder / "pipe"); }), HasSubstr("regular file"));
}

TEST(InputFile, WithoutPermissionItNamesTheRemedy) {
  if (::geteuid() == 0) GTEST_SKIP() << "root may read everything";
  ScratchFolder folder;
  write_file(folder / "secret", "x");
  ::chmod((folder / "secret").c_str(), 0);
  EXPECT_THAT(message_of<Error>([&] { read_file(folder / "secret"); }), HasSubstr("chmod"));
}

}  // namespace
}  // namespace kizu
