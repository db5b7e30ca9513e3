#include "dataset/names.h"

#include <gmock/gmock.h>

#include <algorithm>
#include <vector>

namespace kizu::dataset {
namespace {

using ::testing::ElementsAre;

TEST(NaturalOrder, ComparesRunsOfDigitsAsNumbers) {
  std::vector<std::string> names{"img10.png", "img2.png",  "img1.png", "a",
                                 "img2b.png", "img02.png", "9",        "10"};
  std::sort(names.begin(), names.end(), natural_less);
  EXPECT_THAT(names,
              ElementsAre("9", "10", "a", "img1.png", "img02.png", "img2.png", "img2b.png", "img10.png"));
}

TEST(NaturalOrder, TakesNumbersThatFitNoInteger) {
  EXPECT_TRUE(natural_less("x99999999999999999999998", "x99999999999999999999999"));
  EXPECT_TRUE(natural_less("x9", "x10000000000000000000000000"));
}

TEST(NaturalOrder, IsAStrictOrderOfAllStrings) {
  const std::vector<std::string> names{"",    "0",  "00",  "000a", "0a", "a",  "a0",
                                       "a00", "a1", "a01", "a01b", "é",  "1.2"};
  for (const auto& a : names) {
    EXPECT_FALSE(natural_less(a, a)) << a;
    for (const auto& b : names) {
      EXPECT_EQ(a != b, natural_less(a, b) != natural_less(b, a)) << a << " " << b;
      for (const auto& c : names) {
        EXPECT_TRUE(!natural_less(a, b) || !natural_less(b, c) || natural_less(a, c))
            << a << " " << b << " " << c;
      }
    }
  }
}

TEST(Utf8, KnowsWellFormedText) {
  for (const char* good : {"", "plain", "Kratzer übel", "傷", "\xF0\x9F\x94\xA7"})
    EXPECT_TRUE(is_utf8(good)) << good;
  for (const char* bad : {"\xE4", "\x80", "\xC0\xAF", "\xED\xA0\x80", "\xF5\x80\x80\x80", "\xE5\x82"}) {
    EXPECT_FALSE(is_utf8(bad)) << bad;
  }
}

}  // namespace
}  // namespace kizu::dataset
