#include "image/codec.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/atomic_file.h"
#include "core/error.h"
#include "core/input_file.h"
#include "core/scratch_folder.h"
#include "image/decode.h"
#include "image/orientation.h"
#include "image/sample_files.h"

namespace kizu {
namespace {

using testing::HasSubstr;

class Codec : public testing::Test {
 protected:
  void SetUp() override {
    if (!can_decode()) GTEST_SKIP() << "built without OpenCV";
  }
  /// Writes the bytes under a name with a space and reads them as a picture.
  Image read(const std::string& bytes, const std::string& suffix) {
    write_file(folder_ / ("a picture ü." + suffix), bytes);
    return read_image(folder_ / ("a picture ü." + suffix));
  }
  std::string refusal(const std::string& bytes, const std::string& suffix) {
    return message_of<Error>([&] { read(bytes, suffix); });
  }
  ScratchFolder folder_;
};

void expect_equal(const Image& a, const Image& b) {
  EXPECT_EQ(a.width, b.width);
  EXPECT_EQ(a.height, b.height);
  EXPECT_EQ(a.channels, b.channels);
  EXPECT_EQ(a.depth, b.depth);
  EXPECT_EQ(a.values, b.values);
}

TEST_F(Codec, KnowsItsSuffixes) {
  for (const char* name : {"a.png", "b.JPG", "c.JpEg", "d.bmp", "e.TIF", "f.x.tiff"})
    EXPECT_TRUE(is_image_file(name)) << name;
  for (const char* name : {"png", ".png", "a.gif", "a.png.txt", "a"})
    EXPECT_FALSE(is_image_file(name)) << name;
}

TEST_F(Codec, PngKeepsEveryBitOfEveryKind) {
  for (const int channels : {1, 3})
    for (const int depth : {8, 16})
      for (const int size : {1, 2, 37}) {
        const Image image = sample::pattern(size, size + 3, channels, depth);
        write_png(folder_ / "a.png", image);
        expect_equal(read_image(folder_ / "a.png"), image);
      }
}

TEST_F(Codec, OnePixel) {
  const Image image = sample::pattern(1, 1, 3);
  expect_equal(read(encode_png(image), "png"), image);
  expect_equal(read(sample::bmp(image), "bmp"), image);
  expect_equal(read(sample::tiff(image), "tif"), image);
  EXPECT_EQ(read(encode_jpeg(image, 90), "jpg").values.size(), 3u);
}

TEST_F(Codec, AlphaIsDroppedAndGreyStaysGrey) {
  // two pixels each: grey + alpha at 8 and 16 bits, RGB + alpha
  const Image grey = read(sample::png(2, 1, 8, 4, {std::string("\x10\xff\x20\x00", 4)}), "png");
  expect_equal(grey, Image{2, 1, 1, 8, {0x10, 0x20}});
  const Image grey16 =
      read(sample::png(2, 1, 16, 4, {std::string("\x12\x34\xff\xff\x56\x78\x00\x00", 8)}), "png");
  expect_equal(grey16, Image{2, 1, 1, 16, {0x1234, 0x5678}});
  const Image rgb =
      read(sample::png(2, 1, 8, 6, {std::string("\x01\x02\x03\x80\x04\x05\x06\x00", 8)}), "png");
  expect_equal(rgb, Image{2, 1, 3, 8, {1, 2, 3, 4, 5, 6}});
}

TEST_F(Codec, APaletteIsResolved) {
  const std::string palette = png_chunk("PLTE", std::string("\x00\x00\x00\xff\x80\x01", 6));
  // eight pixels of one bit: 01100000
  const Image image = read(sample::png(8, 1, 1, 3, {"\x60"}, palette), "png");
  ASSERT_EQ(image.channels, 3);
  EXPECT_EQ(image.at(0, 0, 0), 0);
  EXPECT_EQ(image.at(1, 0, 0), 0xff);
  EXPECT_EQ(image.at(2, 0, 1), 0x80);
  EXPECT_EQ(image.at(2, 0, 2), 1);
  EXPECT_EQ(image.at(3, 0, 0), 0);
}

TEST_F(Codec, OneBitGreyIsStretched) {
  const Image image = read(sample::png(8, 1, 1, 0, {"\x60"}), "png");
  expect_equal(image, Image{8, 1, 1, 8, {0, 255, 255, 0, 0, 0, 0, 0}});
}

TEST_F(Codec, ReadsBmpAndTiff) {
  const Image colour = sample::pattern(7, 5, 3), grey = sample::pattern(7, 5, 1);
  expect_equal(read(sample::bmp(colour), "bmp"), colour);
  expect_equal(read(sample::tiff(colour), "tiff"), colour);
  expect_equal(read(sample::tiff(grey), "tif"), grey);
  expect_equal(read(sample::tiff(sample::pattern(7, 5, 3, 16)), "tif"), sample::pattern(7, 5, 3, 16));
  expect_equal(read(sample::tiff(sample::pattern(7, 5, 1, 16)), "tif"), sample::pattern(7, 5, 1, 16));
  expect_equal(read(sample::bmp(grey), "bmp"), grey);
}

TEST_F(Codec, ReadsJpegByItsContentWhateverItsName) {
  Image image = Image::blank(40, 24, 3);
  for (int i = 0; i < 40 * 24; i++)
    image.values[3 * i] = 200, image.values[3 * i + 1] = 100, image.values[3 * i + 2] = 50;
  for (const char* suffix : {"jpg", "png"}) {
    const Image back = read(encode_jpeg(image, 95), suffix);
    ASSERT_EQ(back.values.size(), image.values.size());
    for (int c = 0; c < 3; c++) EXPECT_NEAR(back.at(20, 12, c), image.at(20, 12, c), 4);
  }
  EXPECT_EQ(read(encode_jpeg(sample::pattern(8, 8, 1), 90), "jpg").channels, 1);
}

TEST_F(Codec, ExifOrientationIsApplied) {
  Image image = Image::blank(32, 16, 1);
  for (int y = 0; y < 16; y++)
    for (int x = 16; x < 32; x++) image.at(x, y) = 255;  // the right half is white
  const std::string jpeg =
      sample::with_exif_orientation(encode_jpeg(image, 95), 6);  // to be turned clockwise
  const std::string exif = sample::exif_block(6);
  std::string png = encode_png(image);
  png.insert(33, png_chunk("eXIf", exif));
  const std::map<std::string, std::string> files = {
      {"jpg", jpeg}, {"png", png}, {"tif", sample::tiff(image, 6)}};
  for (const auto& [suffix, bytes] : files) {
    const Image back = read(bytes, suffix);
    ASSERT_EQ(back.width, 16) << suffix;
    ASSERT_EQ(back.height, 32) << suffix;
    EXPECT_LT(back.at(8, 4), 40) << suffix;
    EXPECT_GT(back.at(8, 28), 215) << suffix;
    const ImageInfo info = read_image_info(folder_ / ("a picture ü." + suffix));
    EXPECT_EQ(info.width, 16) << suffix;
    EXPECT_EQ(info.height, 32) << suffix;
  }
}

TEST(Orientation, EachOfTheEightPlacesTheTwoFirstPixels) {
  // Stored "ab/cd/ef"; TIFF 6.0: where the stored row 0 and column 0 are shown.
  const Image stored{2, 3, 1, 8, {'a', 'b', 'c', 'd', 'e', 'f'}};
  const char* shown[] = {"abcdef", "badcfe", "fedcba", "efcdab", "acebdf", "ecafdb", "fdbeca", "bdface"};
  for (int orientation = 1; orientation <= 8; orientation++) {
    const Image image = oriented(stored, orientation);
    EXPECT_EQ(image.width, orientation < 5 ? 2 : 3);
    EXPECT_EQ(std::string(image.values.begin(), image.values.end()), shown[orientation - 1]) << orientation;
  }
}

TEST_F(Codec, FloatingPointIsRefusedWithTheRemedy) {
  Image image = Image::blank(2, 2, 1, 16);
  image.values.resize(8);  // four values of 32 bits
  EXPECT_THAT(refusal(sample::tiff(image, 1, 32, 3), "tif"), HasSubstr("convert it to 8 or 16 bit"));
}

TEST_F(Codec, MasksKeepEverythingThatIsNotBlack) {
  bool non_binary = true;
  write_png(folder_ / "m.png", Image{3, 1, 1, 8, {0, 1, 1}});
  EXPECT_EQ(read_mask(folder_ / "m.png", &non_binary).values, (std::vector<std::uint8_t>{0, 1, 1}));
  EXPECT_FALSE(non_binary);
  write_png(folder_ / "m.png", Image{3, 1, 1, 8, {0, 1, 255}});
  EXPECT_EQ(read_mask(folder_ / "m.png", &non_binary).values, (std::vector<std::uint8_t>{0, 1, 1}));
  EXPECT_TRUE(non_binary);
  write_png(folder_ / "m.png", Image{3, 1, 3, 8, {0, 0, 0, 0, 9, 0, 0, 9, 0}});
  EXPECT_EQ(read_mask(folder_ / "m.png", &non_binary).values, (std::vector<std::uint8_t>{0, 1, 1}));
  EXPECT_FALSE(non_binary);
  write_png(folder_ / "m.png", Image{2, 1, 1, 8, {0, 0}});
  EXPECT_EQ(read_mask(folder_ / "m.png", &non_binary).values, (std::vector<std::uint8_t>{0, 0}));
  EXPECT_FALSE(non_binary);
}

TEST_F(Codec, TheNoiseOfAJpegMaskIsNoDefect) {
  Image image = Image::blank(64, 64, 1);
  for (int y = 20; y < 40; y++)
    for (int x = 21; x < 43; x++) image.at(x, y) = 255;
  write_file(folder_ / "m.jpg", encode_jpeg(image, 60));
  const Mask mask = read_mask(folder_ / "m.jpg");
  for (int y = 0; y < 64; y++)
    for (int x = 0; x < 64; x++) ASSERT_EQ(mask.at(x, y), image.at(x, y) > 0) << x << ", " << y;
}

TEST_F(Codec, MasksAreWrittenAsBlackAndWhite) {
  Mask mask = Mask::blank(5, 2);
  mask.at(3, 1) = 1;
  write_png(folder_ / "m.png", mask);
  const Image image = read_image(folder_ / "m.png");
  EXPECT_EQ(image.channels, 1);
  EXPECT_EQ(image.at(3, 1), 255);
  EXPECT_EQ(read_mask(folder_ / "m.png").values, mask.values);
}

TEST_F(Codec, TextsTravelInThePng) {
  const std::map<std::string, std::string> texts = {
      {"Software", "kizu"}, {"kizu:synthetic", "yes"}, {"source", "Prüfling 傷.png"}, {"empty", ""}};
  const Image image = sample::pattern(9, 4, 3);
  write_png(folder_ / "t.png", image, texts);
  EXPECT_EQ(read_png_texts(folder_ / "t.png"), texts);
  expect_equal(read_image(folder_ / "t.png"), image);
  EXPECT_THAT(read_file(folder_ / "t.png"), HasSubstr(std::string("tEXtSoftware\0kizu", 17)));
  write_png(folder_ / "u.png", image);
  EXPECT_TRUE(read_png_texts(folder_ / "u.png").empty());
}

TEST_F(Codec, TheStoredPngIsAProperPng) {
  for (const int channels : {1, 3})
    for (const int depth : {8, 16}) {
      const Image image = sample::pattern(181, 130, channels, depth);  // more than one stored block
      expect_equal(read(encode_stored_png(image), "png"), image);
    }
}

TEST_F(Codec, NothingIsLeftWhenAPictureCannotBeWritten) {
  EXPECT_THAT(
      message_of<Error>([&] { write_png(folder_.path() / "no" / "a.png", sample::pattern(2, 2, 1)); }),
      HasSubstr("no/a.png"));
  EXPECT_EQ(folder_.count(), 0u);
}

TEST_F(Codec, MissingFoldersAndUnreadableFilesAreNamed) {
  EXPECT_THAT(message_of<Error>([&] { read_image(folder_ / "none.png"); }), HasSubstr("none.png"));
  EXPECT_THROW(read_image(folder_.path()), Error);
  if (::geteuid() == 0) GTEST_SKIP() << "root may read everything";
  write_png(folder_ / "locked.png", sample::pattern(2, 2, 1));
  ::chmod((folder_ / "locked.png").c_str(), 0);
  EXPECT_THAT(message_of<Error>([&] { read_image(folder_ / "locked.png"); }), HasSubstr("locked.png"));
}

}  // namespace
}  // namespace kizu
