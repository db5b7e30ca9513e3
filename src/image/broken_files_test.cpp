#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "core/atomic_file.h"
#include "core/error.h"
#include "core/memory.h"
#include "core/scratch_folder.h"
#include "image/codec.h"
#include "image/container.h"
#include "image/decode.h"
#include "image/sample_files.h"

namespace kizu {
namespace {

using testing::HasSubstr;
using testing::StartsWith;

struct Whole {
  std::string suffix, bytes;
};

class BrokenFiles : public testing::Test {
 protected:
  void SetUp() override {
    if (!can_decode()) GTEST_SKIP() << "built without OpenCV";
  }
};

std::vector<Whole> whole_files() {
  const Image colour = sample::pattern(23, 17, 3), grey16 = sample::pattern(23, 17, 1, 16);
  return {{"png", encode_png(colour)},
          {"png", encode_png(grey16)},
          {"png", encode_stored_png(colour)},
          {"jpg", encode_jpeg(colour, 90)},
          {"jpg", encode_jpeg(sample::pattern(23, 17, 1), 50)},
          {"bmp", sample::bmp(colour)},
          {"bmp", sample::bmp(sample::pattern(23, 17, 1))},
          {"tif", sample::tiff(colour)},
          {"tif", sample::tiff(grey16)}};
}

std::string refusal(const std::string& bytes) {
  return message_of<Error>([&] { decode(bytes, check_container(bytes, "some.file"), "some.file"); });
}

TEST_F(BrokenFiles, WholeOnesAreAccepted) {
  for (const Whole& file : whole_files()) EXPECT_EQ(refusal(file.bytes), "") << file.suffix;
}

TEST_F(BrokenFiles, ACutAnywhereIsNoticed) {
  for (const Whole& file : whole_files())
    for (std::size_t length = 0; length < file.bytes.size(); length++) {
      const std::string message = refusal(file.bytes.substr(0, length));
      // the last four bytes of a TIFF only say that no second picture follows
      if (file.suffix == "tif" && length + 4 >= file.bytes.size()) continue;
      ASSERT_THAT(message, StartsWith("some.file")) << file.suffix << " cut after " << length;
    }
}

TEST_F(BrokenFiles, AnyDamagedByteOfAPngIsNoticed) {
  const std::string bytes = encode_png(sample::pattern(9, 7, 3));
  for (std::size_t i = 0; i < bytes.size(); i++) {
    std::string damaged = bytes;
    damaged[i] = static_cast<char>(damaged[i] ^ 0x40);
    ASSERT_NE(refusal(damaged), "") << "byte " << i;
  }
}

TEST_F(BrokenFiles, AJpegWithAHoleInItsPixelsIsNoticed) {
  std::string bytes = encode_jpeg(sample::pattern(64, 64, 3), 90);
  bytes.erase(bytes.size() / 2, 500);
  EXPECT_THAT(refusal(bytes), HasSubstr("damaged"));
}

TEST_F(BrokenFiles, AJpegPaddedByItsCameraIsAccepted) {
  const std::string bytes = encode_jpeg(sample::pattern(64, 64, 3), 90);
  EXPECT_EQ(refusal(bytes + std::string(100, '\0')), "");
  EXPECT_EQ(
      refusal(bytes.substr(0, bytes.size() - 2) + std::string(10, '\0') + bytes.substr(bytes.size() - 2)),
      "");
}

TEST_F(BrokenFiles, DamageNeverCrashes) {
  std::uint32_t state = 1;
  for (const Whole& file : whole_files())
    for (int round = 0; round < 300; round++) {
      std::string damaged = file.bytes;
      for (int k = 0; k < 3; k++) {
        state = state * 1664525u + 1013904223u;
        damaged[(state >> 8) % damaged.size()] = static_cast<char>(state);
      }
      try {
        decode(damaged, check_container(damaged, "x"), "x");
      } catch (const Error&) {
      }
    }
}

TEST_F(BrokenFiles, APngWhosePixelsEndEarlyIsNoticed) {
  // every checksum is right, but two of five rows are missing
  const std::string row(10, 'x');
  EXPECT_EQ(refusal(sample::png(10, 5, 8, 0, {row, row, row, row, row})), "");
  EXPECT_THAT(refusal(sample::png(10, 5, 8, 0, {row, row, row})), StartsWith("some.file"));
}

TEST_F(BrokenFiles, AnEmptyOrForeignFileIsNamed) {
  EXPECT_THAT(refusal(""), HasSubstr("empty"));
  EXPECT_THAT(refusal("GIF89a......."), HasSubstr("not a PNG, JPEG, BMP or TIFF"));
  EXPECT_THAT(refusal("not a picture at all"), HasSubstr("convert it"));
}

/// A PNG header that promises much and holds one byte.
std::string png_bomb(int width, int height) {
  return sample::png(width, height, 8, 0, {"x"});
}

TEST_F(BrokenFiles, GiantsAreRefusedBeforeAnyPixelIsMade) {
  const auto before = peak_resident_bytes();
  EXPECT_THAT(refusal(png_bomb(20'000, 20'000)), HasSubstr("20000 x 20000"));
  EXPECT_THAT(refusal(png_bomb(20'001, 1)), HasSubstr("20001 x 1"));
  EXPECT_THAT(refusal(png_bomb(8001, 8000)), HasSubstr("64 million"));
  EXPECT_THAT(refusal(png_bomb(0, 5)), HasSubstr("no pixels"));
  EXPECT_THAT(refusal(png_bomb(-1, -1)), HasSubstr("impossible"));

  std::string jpeg = encode_jpeg(sample::pattern(16, 16, 3), 90);
  const std::size_t frame = jpeg.find("\xFF\xC0");
  ASSERT_NE(frame, std::string::npos);
  jpeg.replace(frame + 5, 4, "\xFF\xFF\xFF\xFF");
  EXPECT_THAT(refusal(jpeg), HasSubstr("65535 x 65535"));

  std::string bmp = sample::bmp(sample::pattern(4, 4, 3));
  bmp.replace(18, 8, sample::little(50'000, 4) + sample::little(50'000, 4));
  EXPECT_THAT(refusal(bmp), HasSubstr("50000 x 50000"));
  bmp.replace(18, 8, sample::little(0x80000000u, 4) + sample::little(0x80000000u, 4));
  EXPECT_THAT(refusal(bmp), HasSubstr("impossible"));

  std::string tiff = sample::tiff(sample::pattern(4, 4, 1));
  const std::size_t width = tiff.find(sample::little(256, 2) + sample::little(4, 2) + sample::little(1, 4));
  ASSERT_NE(width, std::string::npos);
  tiff.replace(width + 8, 4, sample::little(1u << 30, 4));
  EXPECT_THAT(refusal(tiff), HasSubstr("1073741824 x 4"));
  EXPECT_LT(peak_resident_bytes(), before + (32u << 20));
}

TEST_F(BrokenFiles, ATiffThatPointsOutsideItselfIsRefused) {
  const std::string whole = sample::tiff(sample::pattern(4, 4, 1));
  const auto with = [&](int tag, std::uint64_t value) {
    std::string bytes = whole;
    const std::size_t at = bytes.find(sample::little(tag, 2) + sample::little(4, 2) + sample::little(1, 4));
    return bytes.replace(at + 8, 4, sample::little(value, 4));
  };
  EXPECT_EQ(refusal(with(273, 8)), "");
  EXPECT_THAT(refusal(with(273, 0xFFFFFFF0u)), HasSubstr("cut short"));
  EXPECT_THAT(refusal(with(279, 0xFFFFFFFFu)), HasSubstr("cut short"));
  std::string nowhere = whole;
  nowhere.replace(4, 4, sample::little(0xFFFFFFFFu, 4));
  EXPECT_THAT(refusal(nowhere), HasSubstr("cut short"));
}

}  // namespace
}  // namespace kizu
