#include "dataset/estimate.h"

#include <gtest/gtest.h>

namespace kizu::dataset {
namespace {

TEST(Estimate, TimesAreSaidInWords) {
  EXPECT_EQ(time_in_words(44.2), "45 seconds");
  EXPECT_EQ(time_in_words(12 * 60), "12 minutes");
  EXPECT_EQ(time_in_words(3 * 3600 + 5 * 60), "3 hours 5 minutes");
  EXPECT_EQ(time_in_words(35 * 3600), "35 hours 0 minutes");
  EXPECT_EQ(time_in_words(36 * 3600), "2 days");
  EXPECT_EQ(time_in_words(100 * 3600), "4 days");
}

}  // namespace
}  // namespace kizu::dataset
