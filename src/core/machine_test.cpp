#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <cstring>
#include <vector>

#include "core/memory.h"
#include "core/scratch_folder.h"
#include "core/stop.h"

namespace kizu {
namespace {

TEST(Memory, ThePeakGrowsWithWhatIsHeldAndStays) {
  const auto before = resident_bytes();
  ASSERT_GT(before, 0u);
  {
    std::vector<char> held(64u << 20);
    std::memset(held.data(), 1, held.size());
    EXPECT_GE(resident_bytes(), before + (48u << 20));
  }
  EXPECT_GE(peak_resident_bytes(), before + (48u << 20));
  EXPECT_GT(available_memory(), 0u);
}

TEST(Memory, FreeDiskOfAFolderThatIsYetToBeMade) {
  ScratchFolder folder;
  EXPECT_GT(free_disk(folder.path()), 0u);
  EXPECT_GT(free_disk(folder.path() / "not" / "yet"), 0u);
  EXPECT_GT(free_disk("relative"), 0u);
}

TEST(Stop, ASignalSetsTheFlag) {
  catch_stop_signals();
  EXPECT_FALSE(stop_requested());
  std::raise(SIGTERM);
  EXPECT_TRUE(stop_requested());
  clear_stop_request();
  EXPECT_FALSE(stop_requested());
  std::signal(SIGINT, SIG_DFL);
  std::signal(SIGTERM, SIG_DFL);
}

TEST(Stop, TheSecondSignalEndsTheProcess) {
  const pid_t child = ::fork();
  ASSERT_GE(child, 0);
  if (child == 0) {
    catch_stop_signals();
    std::raise(SIGINT);
    if (!stop_requested()) ::_exit(3);
    std::raise(SIGINT);
    ::_exit(4);
  }
  int status = 0;
  ASSERT_EQ(::waitpid(child, &status, 0), child);
  ASSERT_TRUE(WIFSIGNALED(status));
  EXPECT_EQ(WTERMSIG(status), SIGINT);
}

}  // namespace
}  // namespace kizu
