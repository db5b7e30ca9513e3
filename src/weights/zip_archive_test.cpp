#include "weights/zip_archive.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "core/error.h"
#include "weights/zip_writer.h"

namespace kizu {
namespace {

using testing::HasSubstr;
using testing::ThrowsMessage;

std::string little(std::uint64_t value, int count) {
  std::string bytes;
  for (int i = 0; i < count; i++) bytes += static_cast<char>(value >> 8 * i & 0xFF);
  return bytes;
}

std::string with(std::string bytes, std::size_t at, const std::string& changed) {
  return bytes.replace(at, changed.size(), changed);
}

void expect_refused(const std::string& bytes, const std::string& why) {
  EXPECT_THAT([&] { ZipArchive(bytes, "f.ckpt"); },
              ThrowsMessage<Error>(testing::AllOf(HasSubstr("f.ckpt"), HasSubstr(why))))
      << why;
}

/// One entry "a/b" with the bytes "hello", its local header at 0, data at 33, directory at 38.
const std::string kOne = zip_of({{"a/b", "hello"}});
constexpr std::size_t kDirectory = 38, kEnd = kDirectory + 46 + 3;

/// The same with every number that ZIP64 can move moved there, as torch writes files above 4 GiB.
std::string with_zip64(std::uint64_t size) {
  const std::string extra = little(1, 2) + little(24, 2) + little(size, 8) + little(5, 8) + little(0, 8);
  std::string directory = kOne.substr(kDirectory, 49);
  directory = with(directory, 20, little(0xFFFFFFFF, 4) + little(0xFFFFFFFF, 4));
  directory = with(directory, 30, little(extra.size(), 2));
  directory = with(directory, 42, little(0xFFFFFFFF, 4)) + extra;
  std::string bytes = with(kOne.substr(0, kDirectory), 18, little(0xFFFFFFFF, 4) + little(0xFFFFFFFF, 4));
  const std::uint64_t end64 = bytes.size() + directory.size();
  bytes += directory + "PK\x06\x06" + little(44, 8) + little(45, 2) + little(45, 2) + little(0, 8);
  bytes += little(1, 8) + little(1, 8) + little(directory.size(), 8) + little(kDirectory, 8);
  bytes += "PK\x06\x07" + little(0, 4) + little(end64, 8) + little(1, 4);
  return bytes + "PK\x05\x06" + little(0, 4) + little(0xFFFF, 2) + little(0xFFFF, 2) + little(0xFFFFFFFF, 4) +
         little(0xFFFFFFFF, 4) + little(0, 2);
}

TEST(ZipArchive, GivesTheEntriesOfWhatTheWriterWrote) {
  const std::string bytes =
      zip_of({{"x/data.pkl", "pickle"}, {"x/data/0", std::string(100, 'v')}, {"x/e", ""}});
  const ZipArchive archive(bytes, "f.ckpt");
  ASSERT_EQ(archive.entries().size(), 3u);
  for (const auto& [name, entry] : archive.entries()) EXPECT_NO_THROW(archive.check(name, entry)) << name;
  EXPECT_EQ(archive.data(archive.entries().at("x/data.pkl")), "pickle");
  EXPECT_EQ(archive.data(archive.entries().at("x/data/0")), std::string(100, 'v'));
  EXPECT_EQ(archive.data(archive.entries().at("x/e")), "");
}

TEST(ZipArchive, ReadsZip64) {
  const std::string bytes = with_zip64(5);
  const ZipArchive archive(bytes, "f.ckpt");
  EXPECT_EQ(archive.data(archive.entries().at("a/b")), "hello");
  expect_refused(with_zip64(6), "is compressed");
  expect_refused(with(bytes, bytes.size() - 22 - 20 + 8, little(7, 8)), "ZIP64 record is damaged");
  expect_refused(with(bytes, bytes.size() - 22 + 10, little(9, 2)), "two directories differ");
}

TEST(ZipArchive, AChangedByteIsFoundByItsChecksum) {
  const std::string bytes = with(kOne, 35, "L");
  const ZipArchive archive(bytes, "f.ckpt");
  EXPECT_THAT([&] { archive.check("a/b", archive.entries().at("a/b")); },
              ThrowsMessage<Error>(HasSubstr("f.ckpt is damaged: the bytes of entry \"a/b\"")));
}

TEST(ZipArchive, NamesThatLeadOutOfAFolderAreRefused) {
  for (const char* name : {"../x", "a/../x", "a/..", "/x", "a\\x", "C:x", ""})
    expect_refused(zip_of({{name, "v"}}), "has a name that leads out");
  expect_refused(zip_of({{std::string("a\0b", 3), "v"}}), "has a name that leads out");
  const std::string harmless = zip_of({{"a/..b", "v"}, {"a/b..", "v"}, {"a/傷", "v"}});
  EXPECT_EQ(ZipArchive(harmless, "f.ckpt").entries().size(), 3u);
}

TEST(ZipArchive, DuplicatesOverlapsAndTwoFacesAreRefused) {
  expect_refused(zip_of({{"a", "1"}, {"a", "2"}}), "is there twice");
  expect_refused(with(kOne, 30, "x"), "is described twice and differently");
  expect_refused(with(kOne, 14, little(1, 4)), "is described twice and differently");
  // The second entry's directory points at the first one's header, whose name is the same length.
  std::string two = zip_of({{"a", "11"}, {"b", "22"}});
  const std::size_t second = two.rfind("PK\x01\x02");
  two = with(with(two, second + 42, little(0, 4)), second + 46, "a");
  expect_refused(two, "is described twice and differently");
}

TEST(ZipArchive, WhatTorchNeverWritesIsRefused) {
  expect_refused(with(with(kOne, 8, little(8, 2)), kDirectory + 10, little(8, 2)), "is compressed");
  expect_refused(with(kOne, kDirectory + 8, little(0x801, 2)), "is encrypted");
  expect_refused(with(kOne, kEnd + 4, little(1, 2)), "one part of several files");
}

TEST(ZipArchive, DamageIsRefused) {
  expect_refused("", "its directory is missing");
  for (std::size_t size = 0; size < kOne.size(); size++)
    EXPECT_THROW(ZipArchive(std::string_view(kOne).substr(0, size), "f"), Error) << size;
  const std::string long_name = with(kOne, kDirectory + 28, little(60000, 2));
  expect_refused(long_name, "directory is cut short");
  expect_refused(with(kOne, kDirectory + 20, little(1u << 30, 4) + little(1u << 30, 4)),
                 "is described twice and differently");
  expect_refused(with(kOne, kDirectory + 42, little(0xFFFFFFF0, 4)), "begins outside the file");
  expect_refused(with(kOne, kEnd + 16, little(0xFFFFFFF0, 4)), "does not end where it should");
  expect_refused(with(kOne, kEnd + 8, little(2, 2) + little(2, 2)), "directory is cut short");
  expect_refused(with(kOne, kEnd + 8, little(0, 2) + little(0, 2)), "more entries than it says");
}

TEST(ZipArchive, EveryChangedByteIsRefusedOrHarmless) {
  for (std::size_t at = 0; at < kOne.size(); at++)
    for (const char changed : {'\x00', '\x01', '\x7F', '\xFF'}) {
      const std::string bytes = with(kOne, at, std::string(1, changed));
      try {
        const ZipArchive archive(bytes, "f");
        for (const auto& [name, entry] : archive.entries()) {
          ASSERT_LE(entry.begin + entry.size, bytes.size());
          archive.check(name, entry);
        }
      } catch (const Error&) {
      }
    }
}

}  // namespace
}  // namespace kizu
