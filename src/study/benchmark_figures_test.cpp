#include "study/benchmark_figures.h"

#include <gtest/gtest.h>

#include "study/benchmark_table.h"

namespace kizu::study {
namespace {

// The figures of the categories give the averages that the paper prints.
TEST(BenchmarkFigures, PublishedCategoriesGiveThePublishedMeans) {
  const auto& all = published_figures();
  ASSERT_EQ(all.size(), 15U);
  const auto published = mean_of(all, Averaging::kPublished), plain = mean_of(all, Averaging::kAll);
  EXPECT_NEAR(*published[kPixelAuroc], 99.1, 0.05);
  EXPECT_NEAR(*published[kPixelAp], 81.4, 0.05);
  EXPECT_NEAR(*published[kPixelF1], 76.3, 0.05);
  EXPECT_NEAR(*published[kImageAuroc], 99.2, 0.05);
  EXPECT_NEAR(*published[kImageAp], 99.7, 0.05);
  EXPECT_NEAR(*published[kImageF1], 98.7, 0.05);
  EXPECT_NEAR(*published[kAccuracy], 66.09, 0.01);
  EXPECT_NEAR(*published[kInceptionScore], 1.80, 0.006);
  EXPECT_NEAR(*published[kIcLpips], 0.32, 0.002);
  EXPECT_FALSE(published[kAuPro]);
  EXPECT_NEAR(*plain[kPixelAp], 82.2, 0.05);
  EXPECT_NEAR(*plain[kPixelF1], 77.1, 0.05);
}

TEST(BenchmarkFigures, ThePublishedMeanOfAuProStandsInTheTable) {
  EXPECT_DOUBLE_EQ(*published_means()[kAuPro], 94.0);
  EXPECT_NEAR(*published_means()[kPixelAp], 81.4, 0.05);
  CategoryFigures some;
  some["bottle"][kAuPro] = 90;
  const auto part = benchmark_json(some, 15, {}), all = benchmark_json(published_figures(), 15, {});
  EXPECT_TRUE(part["means"][0]["published"]["au_pro"].is_null());
  EXPECT_EQ(part["means"].back()["name"], "all 15 of MVTec AD, as published");
  EXPECT_EQ(part["means"].back()["published"]["au_pro"], 94.0);
  EXPECT_EQ(all["means"].back()["name"], "the same as published averages go");
  EXPECT_EQ(all["means"].back()["published"]["au_pro"], 94.0);
}

TEST(BenchmarkFigures, WhatACategoryLacksIsNoZero) {
  CategoryFigures some;
  some["bottle"][kPixelAp] = 90;
  some["cable"][kPixelAp] = 70;
  some["cable"][kIcLpips] = 0.3;
  some["toothbrush"][kAccuracy] = 100;
  some["cable"][kAccuracy] = 50;
  const auto all = mean_of(some, Averaging::kAll), published = mean_of(some, Averaging::kPublished);
  EXPECT_DOUBLE_EQ(*all[kPixelAp], 80);
  EXPECT_DOUBLE_EQ(*published[kPixelAp], 70);
  EXPECT_DOUBLE_EQ(*all[kAccuracy], 75);
  EXPECT_DOUBLE_EQ(*published[kAccuracy], 50);
  EXPECT_DOUBLE_EQ(*all[kIcLpips], 0.3);
  EXPECT_FALSE(all[kImageAp]);
  EXPECT_TRUE(to_json(all).at("image_ap").is_null());
}

}  // namespace
}  // namespace kizu::study
