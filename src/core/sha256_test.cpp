#include "core/sha256.h"

#include <gtest/gtest.h>

#include "core/atomic_file.h"
#include "core/error.h"
#include "core/scratch_folder.h"

namespace kizu {
namespace {

// Examples of FIPS 180-4 and its test vectors.
TEST(Sha256, GivesTheStandardsDigests) {
  EXPECT_EQ(sha256(""), "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
  EXPECT_EQ(sha256("abc"), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  EXPECT_EQ(sha256("abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq"),
            "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1");
  EXPECT_EQ(sha256(std::string(1'000'000, 'a')),
            "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0");
}

TEST(Sha256, PiecesOfAnyLengthGiveTheSameDigest) {
  std::string text;
  for (int i = 0; i < 300; i++) text += static_cast<char>(i * 7);
  for (std::size_t length = 0; length <= text.size(); length++)
    for (const std::size_t piece : {1, 13, 55, 56, 63, 64, 65}) {
      Sha256 hash;
      for (std::size_t at = 0; at < length; at += piece)
        hash.add(std::string_view(text).substr(at, std::min(piece, length - at)));
      ASSERT_EQ(hash.hex(), sha256(text.substr(0, length))) << length << " in pieces of " << piece;
    }
}

TEST(Sha256, TheProcessorsInstructionsChangeNothing) {
  std::string text;
  for (int i = 0; i < 1000; i++) text += static_cast<char>(i * i + 3 * i);
  for (std::size_t length = 0; length <= text.size(); length += 7) {
    Sha256 ours(false), theirs;
    ours.add(text.data(), length);
    theirs.add(text.data(), length);
    ASSERT_EQ(ours.hex(), theirs.hex()) << length;
  }
}

TEST(Sha256, HashesFiles) {
  ScratchFolder folder;
  const std::string content(200'000, 'x');
  write_file(folder / "a b.bin", content);
  EXPECT_EQ(sha256_file(folder / "a b.bin"), sha256(content));
  EXPECT_THROW(sha256_file(folder / "missing"), Error);
}

}  // namespace
}  // namespace kizu
