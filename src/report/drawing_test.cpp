#include <gmock/gmock.h>

#include "report/gallery.h"
#include "report/pictures.h"
#include "report/svg_curves.h"

namespace kizu::report {
namespace {
using testing::ElementsAre;
using testing::HasSubstr;
using testing::Not;

TEST(Chart, IsCutAtTheEndOfItsAxis) {
  const Chart chart{
      "PRO", "", {"x", 0, 0.3}, {"y", 0, 1}, {{"After", "after", {{0, 0}, {0.2, 0.5}, {0.4, 1}, {1, 1}}}}};
  const std::string svg = draw(chart);
  // x runs from 46 to 342, y from 210 (0) to 10 (1); at 0.3 the line stands half-way between 0.5 and 1.
  EXPECT_THAT(svg, HasSubstr("d=\"M46 210L243.33 110L342 60\""));
}

TEST(Chart, EscapesItsTexts) {
  const std::string svg = draw({"a<b", "c\"d", {}, {}, {}});
  EXPECT_THAT(svg, HasSubstr("<figcaption>a&lt;b</figcaption>"));
  EXPECT_THAT(svg, HasSubstr("c&quot;d"));
}

TEST(Axis, FitsTheLines) {
  const std::vector<Series> flat{{"", "", {{0, 2}, {9, 2}}}}, wide{{"", "", {{0, 0.001}, {9, 1}}}};
  EXPECT_FALSE(fitted("loss", flat, false).logarithmic);
  EXPECT_GT(fitted("loss", flat, false).high, 2);
  EXPECT_TRUE(fitted("loss", wide, false).logarithmic);
  EXPECT_EQ(fitted("step", wide, true).high, 9);
  EXPECT_EQ(fitted("loss", {}, false).high, 1);
}

TEST(Axis, AveragesNeighbours) {
  const Line line = averaged({{0, 1}, {1, 3}, {2, 5}, {3, 7}}, 2);
  ASSERT_EQ(line.size(), 2u);
  EXPECT_EQ(line[0].x, 0.5);
  EXPECT_EQ(line[0].y, 2);
  EXPECT_EQ(line[1].y, 6);
}

TEST(Outline, RunsAlongPixelBorders) {
  Mask mask = Mask::blank(4, 4);
  mask.at(1, 1) = mask.at(2, 1) = 1;
  EXPECT_THAT(outline(mask, 8, 8), HasSubstr("d=\"M2 2H6M2 4H6M2 2V4M6 2V4\""));
  EXPECT_EQ(outline(Mask::blank(4, 4), 8, 8), "");
}

TEST(Outline, ClosesAtThePictureBorderAndBetweenTouchingCorners) {
  Mask mask = Mask::blank(2, 2);
  mask.at(0, 0) = mask.at(1, 1) = 1;
  EXPECT_THAT(outline(mask, 2, 2), HasSubstr("M0 0H1M0 1H2M1 2H2M0 0V1M1 0V2M2 1V2"));
}

TEST(Surroundings, StayWithinThePicture) {
  Mask mask = Mask::blank(100, 60);
  mask.at(99, 0) = 1;
  const Box corner = surroundings(mask, 1.7, 40);
  EXPECT_EQ(corner.x0, 60);
  EXPECT_EQ(corner.x1, 100);
  EXPECT_EQ(corner.y0, 0);
  EXPECT_EQ(corner.y1, 40);
  const Box whole = surroundings(Mask::blank(100, 60), 1.7, 40);
  EXPECT_EQ(whole.width(), 100);
  EXPECT_EQ(whole.height(), 60);
  for (int x = 0; x < 100; x++) mask.at(x, 30) = 1;
  EXPECT_EQ(surroundings(mask, 1.7, 40).height(), 60);
}

TEST(Heat, LeavesAPhotoWithoutScoresInGrey) {
  Image photo = Image::blank(2, 1, 1), map = Image::blank(2, 1, 1);
  photo.values = {100, 100};
  map.values = {0, 255};
  const Image out = heat(photo, map);
  EXPECT_THAT(std::vector<int>(out.values.begin(), out.values.begin() + 3), ElementsAre(100, 100, 100));
  EXPECT_GT(out.at(1, 0, 0), 200);
}

TEST(Gallery, PicksEvenlyFromFirstToLast) {
  EXPECT_THAT(evenly(10, 4), ElementsAre(0, 3, 6, 9));
  EXPECT_THAT(evenly(3, 8), ElementsAre(0, 1, 2));
  EXPECT_THAT(evenly(9, 1), ElementsAre(0));
  EXPECT_TRUE(evenly(0, 3).empty());
}

TEST(Gallery, TellsWhereAMaskComesFrom) {
  EXPECT_EQ(origin_text(Json{{"shot", "a/b.png"}, {"flip", "none"}, {"angle", 0}, {"scale", 1}}),
            "from b.png");
  EXPECT_EQ(origin_text(Json{{"shot", 3}, {"flip", "horizontal"}, {"elastic", 2.5}}), "mirrored, bent");
  EXPECT_EQ(origin_text(nullptr), "");
}

}  // namespace
}  // namespace kizu::report
