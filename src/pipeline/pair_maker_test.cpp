#include "pipeline/pair_maker.h"

#include <gtest/gtest.h>

#include <algorithm>

namespace kizu::pipeline {
namespace {

/// A painter that does not paint: what is painted into a place named in `lost` is lost in the surface.
struct Fake {
  std::vector<std::string> lost;
  std::vector<std::string> tried;
  std::vector<uint64_t> seeds;

  MadePair operator()(const Json& mask, uint64_t seed) {
    const std::string file = mask["file"];
    tried.push_back(file);
    seeds.push_back(seed);
    MadePair painted;
    painted.mask = mask;
    painted.made.attempts = 1;
    painted.made.score.lost = std::find(lost.begin(), lost.end(), file) != lost.end();
    painted.made.dropped = painted.made.score.lost;
    return painted;
  }
};

const Json kMask = {{"file", "1"}, {"spares", {{{"file", "a"}}, {{"file", "b"}}, {{"file", "c"}}}}};

TEST(PaintUntilClear, ThePlaceItselfWhereThatIsClear) {
  Fake fake;
  const auto painted = paint_until_clear(kMask, 5, std::ref(fake));
  EXPECT_EQ(painted.mask["file"], "1");
  EXPECT_EQ(painted.made.attempts, 1);
  EXPECT_EQ(fake.seeds, (std::vector<uint64_t>{5}));
}

TEST(PaintUntilClear, TheFirstSpareThatIsClear) {
  Fake fake{{"1", "a"}, {}, {}};
  const auto painted = paint_until_clear(kMask, 5, std::ref(fake));
  EXPECT_EQ(fake.tried, (std::vector<std::string>{"1", "a", "b"}));
  EXPECT_EQ(painted.mask["file"], "b");
  EXPECT_EQ(painted.made.attempts, 3);
  EXPECT_FALSE(painted.made.dropped);
  EXPECT_NE(fake.seeds[1], fake.seeds[2]);
}

TEST(PaintUntilClear, DroppedWhereNoneIsAndWithoutSpares) {
  Fake fake{{"1", "a", "b", "c"}, {}, {}};
  const auto painted = paint_until_clear(kMask, 5, std::ref(fake));
  EXPECT_TRUE(painted.made.dropped);
  EXPECT_EQ(painted.made.attempts, 4);
  EXPECT_TRUE(paint_until_clear({{"file", "1"}}, 5, std::ref(fake)).made.dropped);
}

}  // namespace
}  // namespace kizu::pipeline
