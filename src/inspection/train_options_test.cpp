#include "inspection/train_options.h"

#include <gtest/gtest.h>

namespace kizu::inspection {
namespace {

TEST(TrainOptions, ShowTheWholePictureWherePhotosAreAligned) {
  TrainOptions options;
  options.work_size = 200;
  EXPECT_EQ(options.for_photos(true).samples.crop, 200);
  EXPECT_EQ(options.for_photos(true).batch, 4);
  EXPECT_EQ(options.for_photos(false).samples.crop, 160);
  options.work_size = 1024;
  EXPECT_EQ(options.for_photos(true).samples.crop, 512);
  EXPECT_EQ(options.for_photos(false).batch, 8);
}

TEST(TrainOptions, KeepTheWindowsThatWereAskedFor) {
  TrainOptions options;
  options.samples.crop = 96, options.batch = 3;
  for (const bool aligned : {true, false}) {
    EXPECT_EQ(options.for_photos(aligned).samples.crop, 96);
    EXPECT_EQ(options.for_photos(aligned).batch, 3);
    EXPECT_EQ(TrainOptions::reference().for_photos(aligned).samples.crop, 256);
    EXPECT_EQ(TrainOptions::reference().for_photos(aligned).batch, 8);
  }
}

TEST(TrainOptions, TurnPairsInPlaceWhereThereAreSomeAndPhotosAreNotAligned) {
  TrainOptions options;
  EXPECT_EQ(options.for_photos(false).samples.turned, 0.5);
  EXPECT_EQ(options.for_photos(true).samples.turned, 0);
  EXPECT_EQ(TrainOptions::reference().for_photos(false).samples.turned, 0);
  options.samples.turned = 0.2;
  for (const bool aligned : {true, false}) EXPECT_EQ(options.for_photos(aligned).samples.turned, 0.2);
  options.mix = Mix::parse("good:0.4,shots:0.6");
  EXPECT_EQ(options.for_photos(false).samples.turned, 0);
}

}  // namespace
}  // namespace kizu::inspection
