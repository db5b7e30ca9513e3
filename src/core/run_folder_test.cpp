#include "core/run_folder.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <fstream>

#include "core/atomic_file.h"
#include "core/error.h"
#include "core/file_size_limit.h"
#include "core/input_file.h"
#include "core/scratch_folder.h"

namespace kizu {
namespace {

using testing::HasSubstr;
namespace fs = std::filesystem;

const Json kOptions = {{"seed", 7}, {"rate", 0.1}};
const Json kInputs = {{"split", "abc123"}};

void complete(const fs::path& folder, const Json& options = kOptions) {
  RunFolder run(folder, "learn", options, kInputs);
  write_file(folder / "product.txt", "made");
  run.finish({{"loss", 0.5}});
}

TEST(RunFolder, GoesFromRunningToComplete) {
  ScratchFolder scratch;
  const fs::path folder = scratch.path() / "deep" / "learn";
  {
    RunFolder run(folder, "learn", kOptions, kInputs);
    EXPECT_FALSE(run.is_complete());
    EXPECT_FALSE(run.is_resumed());
    EXPECT_EQ(read_run(folder)["state"], "running");
    run.finish({{"loss", 0.5}});
  }
  const Json record = read_run(folder);
  EXPECT_EQ(record["state"], "complete");
  EXPECT_EQ(record["verb"], "learn");
  EXPECT_EQ(record["options"], kOptions);
  EXPECT_EQ(record["inputs"], kInputs);
  EXPECT_EQ(record["results"]["loss"], 0.5);
  EXPECT_TRUE(RunFolder(folder, "learn", kOptions, kInputs).is_complete());
}

TEST(RunFolder, EqualRunsGiveEqualRecords) {
  ScratchFolder scratch;
  complete(scratch / "a");
  complete(scratch / "b");
  EXPECT_EQ(read_file(scratch.path() / "a" / "run.json"), read_file(scratch.path() / "b" / "run.json"));
}

TEST(RunFolder, TheFingerprintTellsEveryDifference) {
  ScratchFolder scratch;
  const auto print = [&](const char* name, const char* verb, const Json& options, const Json& inputs) {
    return RunFolder(scratch / name, verb, options, inputs).fingerprint();
  };
  const std::string first = print("a", "learn", kOptions, kInputs);
  EXPECT_EQ(print("b", "learn", kOptions, kInputs), first);
  EXPECT_NE(print("c", "train", kOptions, kInputs), first);
  EXPECT_NE(print("d", "learn", {{"seed", 8}, {"rate", 0.1}}, kInputs), first);
  EXPECT_NE(print("e", "learn", kOptions, {{"split", "abc124"}}), first);
}

TEST(RunFolder, OptionsOfTheProcessCount) {
  ScratchFolder scratch;
  const auto print = [&](const char* name) {
    return RunFolder(scratch / name, "learn", {{"steps", 3}}, kInputs).fingerprint();
  };
  const std::string plain = print("plain");
  RunFolder::every_run_has({{"exact", true}});
  const std::string exact = print("exact");
  RunFolder::every_run_has(Json::object());
  EXPECT_NE(plain, exact);
  EXPECT_EQ(read_run(scratch / "exact")["options"], Json({{"steps", 3}, {"exact", true}}));
  EXPECT_EQ(print("again"), plain);
}

TEST(RunFolder, AnInterruptedRunKeepsItsFiles) {
  ScratchFolder scratch;
  {
    RunFolder run(scratch / "r", "learn", kOptions, kInputs);
    write_file(run.path() / "checkpoint", "half way");
    std::ofstream(run.path() / ".kizu-1-1.tmp") << "torn";
  }
  RunFolder again(scratch / "r", "learn", kOptions, kInputs);
  EXPECT_TRUE(again.is_resumed());
  EXPECT_EQ(read_file(again.path() / "checkpoint"), "half way");
  EXPECT_FALSE(fs::exists(again.path() / ".kizu-1-1.tmp"));
}

TEST(RunFolder, OtherOptionsStartAfresh) {
  ScratchFolder scratch;
  complete(scratch / "r");
  make_folders(scratch.path() / "r" / "maps");
  RunFolder run(scratch / "r", "learn", {{"seed", 8}}, kInputs);
  EXPECT_FALSE(run.is_complete());
  EXPECT_FALSE(run.is_resumed());
  EXPECT_FALSE(fs::exists(run.path() / "product.txt"));
  EXPECT_FALSE(fs::exists(run.path() / "maps"));
  EXPECT_EQ(read_run(run.path())["options"], Json({{"seed", 8}}));
}

TEST(RunFolder, WhatALinkPointsToIsNeverRemoved) {
  ScratchFolder scratch;
  complete(scratch / "r");
  make_folders(scratch / "photos");
  write_file(scratch.path() / "photos" / "dear.png", "dear");
  fs::create_directory_symlink(scratch / "photos", scratch.path() / "r" / "link");
  RunFolder run(scratch / "r", "learn", {{"seed", 8}}, kInputs);
  EXPECT_FALSE(fs::exists(run.path() / "link"));
  EXPECT_EQ(read_file(scratch.path() / "photos" / "dear.png"), "dear");
}

TEST(RunFolder, AClearingCutShortIsNotTakenForARun) {
  ScratchFolder scratch;
  complete(scratch / "r");
  Json record = read_run(scratch / "r");
  record["state"] = "clearing";
  write_json(scratch.path() / "r" / "run.json", record);
  RunFolder run(scratch / "r", "learn", kOptions, kInputs);
  EXPECT_FALSE(run.is_resumed());
  EXPECT_FALSE(fs::exists(run.path() / "product.txt"));
}

TEST(RunFolder, ForeignFoldersAndOtherVerbsAreNotTouched) {
  ScratchFolder scratch;
  make_folders(scratch / "photos");
  write_file(scratch.path() / "photos" / "a.png", "dear");
  EXPECT_THAT(message_of<Error>([&] { RunFolder(scratch / "photos", "learn", kOptions, kInputs); }),
              HasSubstr("choose another --out"));
  write_file(scratch.path() / "photos" / "run.json", R"({"program": "other"})");
  EXPECT_THAT(message_of<Error>([&] { RunFolder(scratch / "photos", "learn", kOptions, kInputs); }),
              HasSubstr("not written by kizu"));
  EXPECT_EQ(scratch.count(), 3u);

  complete(scratch / "learned");
  EXPECT_THAT(message_of<Error>([&] { RunFolder(scratch / "learned", "train", kOptions, kInputs); }),
              HasSubstr("kizu learn"));
  EXPECT_TRUE(RunFolder(scratch / "learned", "learn", kOptions, kInputs).is_complete());

  write_file(scratch / "file", "x");
  EXPECT_THROW(RunFolder(scratch / "file", "learn", kOptions, kInputs), Error);
}

TEST(RunFolder, WhatMayNotBeginLeavesTheFolderAsItWas) {
  ScratchFolder scratch;
  const auto refuse = [] { throw Error("too little memory"); };
  EXPECT_THROW(RunFolder(scratch / "new", "learn", kOptions, kInputs, refuse), Error);
  EXPECT_EQ(scratch.count(), 0u);
  complete(scratch / "r");
  EXPECT_TRUE(RunFolder(scratch / "r", "learn", kOptions, kInputs, refuse).is_complete());
  const auto record = read_file(scratch / "r" / "run.json");
  EXPECT_THROW(RunFolder(scratch / "r", "learn", {{"seed", 8}}, kInputs, refuse), Error);
  EXPECT_EQ(read_file(scratch / "r" / "run.json"), record);
  EXPECT_EQ(read_file(scratch / "r" / "product.txt"), "made");
}

TEST(RunFolder, AnEmptyFolderAndOneKilledBeforeItsRecordAreTaken) {
  ScratchFolder scratch;
  make_folders(scratch / "r");
  write_file(scratch.path() / "r" / ".lock", "");
  std::ofstream(scratch.path() / "r" / ".kizu-1-1.tmp") << "{";
  RunFolder run(scratch / "r", "learn", kOptions, kInputs);
  EXPECT_FALSE(fs::exists(scratch.path() / "r" / ".kizu-1-1.tmp"));
}

TEST(RunFolder, AFullDiskLeavesNoFolderBehind) {
  ScratchFolder scratch;
  const FileSizeLimit limit(64);
  EXPECT_THROW(RunFolder(scratch / "r", "learn", kOptions, kInputs), MachineError);
  EXPECT_EQ(scratch.count(), 0u);
}

TEST(RunFolder, TwoCannotWriteTheSameFolder) {
  ScratchFolder scratch;
  RunFolder first(scratch / "r", "learn", kOptions, kInputs);
  const std::string message =
      message_of<Error>([&] { RunFolder(scratch / "r", "learn", kOptions, kInputs); });
  EXPECT_THAT(message, HasSubstr((scratch / "r").string()));
  EXPECT_THAT(message, HasSubstr("in use"));
}

TEST(RunFolder, TheLockEndsWithAKilledProcess) {
  ScratchFolder scratch;
  int ready[2];
  ASSERT_EQ(::pipe(ready), 0);
  const pid_t child = ::fork();
  if (child == 0) {
    RunFolder run(scratch / "r", "learn", kOptions, kInputs);
    if (::write(ready[1], "x", 1) == 1) ::pause();
    ::_exit(1);
  }
  char byte;
  ASSERT_EQ(::read(ready[0], &byte, 1), 1);
  EXPECT_THROW(RunFolder(scratch / "r", "learn", kOptions, kInputs), Error);
  ::kill(child, SIGKILL);
  ::waitpid(child, nullptr, 0);
  EXPECT_TRUE(RunFolder(scratch / "r", "learn", kOptions, kInputs).is_resumed());
  ::close(ready[0]);
  ::close(ready[1]);
}

class Counting : public Observer {
 public:
  void progressed(const std::string&, int64_t, int64_t, const std::string&) override { progress++; }
  void said(const std::string& sentence) override { last = sentence; }
  bool wants_stop() override { return true; }
  int progress = 0;
  std::string last;
};

TEST(Journal, PassesOnEverythingAndWritesSeldom) {
  ScratchFolder scratch;
  Counting counting;
  {
    RunFolder run(scratch / "r", "learn", kOptions, kInputs);
    JournalObserver journal(run, counting);
    for (int i = 1; i <= 1000; i++) journal.progressed("steps", i, 1000, "");
    journal.said("ü done");
    EXPECT_TRUE(journal.wants_stop());
    run.finish({});
  }
  EXPECT_EQ(counting.progress, 1000);
  EXPECT_EQ(counting.last, "ü done");
  std::ifstream lines(scratch.path() / "r" / "events.jsonl");
  std::vector<Json> events;
  for (std::string line; std::getline(lines, line);) events.push_back(Json::parse(line));
  ASSERT_GE(events.size(), 5u);  // start, the first and the last step, the sentence, end
  EXPECT_LE(events.size(), 10u);
  EXPECT_EQ(events.front()["event"], "start");
  EXPECT_EQ(events[events.size() - 3]["done"], 1000);
  EXPECT_EQ(events[events.size() - 2]["sentence"], "ü done");
  EXPECT_EQ(events.back()["event"], "end");
  EXPECT_GT(peak_bytes_of(scratch / "r"), 1'000'000u);
}

TEST(Journal, AddsTheSessionsAndBearsATornLine) {
  ScratchFolder scratch;
  write_file(scratch / "events.jsonl",
             "{\"event\":\"start\",\"seconds\":0,\"peak_bytes\":5}\n"
             "{\"event\":\"progress\",\"seconds\":12.5,\"peak_bytes\":50}\n"
             "{\"event\":\"progress\",\"seco\n"
             "{\"event\":\"start\",\"seconds\":0,\"peak_bytes\":7}\n"
             "{\"event\":\"end\",\"seconds\":2.25,\"peak_bytes\":9}\n");
  EXPECT_DOUBLE_EQ(seconds_of(scratch.path()), 14.75);
  EXPECT_EQ(peak_bytes_of(scratch.path()), 50u);
  EXPECT_EQ(seconds_of(scratch / "absent"), 0);
}

TEST(Journal, BeginsANewLineAfterATornOne) {
  ScratchFolder scratch;
  std::ofstream(scratch / "events.jsonl") << "{\"event\":\"start\",\"seconds\":3}\n{\"ev";
  { Journal journal(scratch / "events.jsonl"); }
  std::ifstream lines(scratch / "events.jsonl");
  std::string line;
  for (int i = 0; i < 3; i++) ASSERT_TRUE(std::getline(lines, line));
  EXPECT_EQ(Json::parse(line)["event"], "start");
}

}  // namespace
}  // namespace kizu
