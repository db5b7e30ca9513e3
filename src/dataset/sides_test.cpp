#include "dataset/sides.h"

#include <gmock/gmock.h>

#include <map>
#include <set>

#include "core/error.h"
#include "dataset/scan.h"
#include "dataset/test_data.h"

namespace kizu::dataset {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

/// Photos of one type, one per listed piece.
void add(std::vector<Item>& items, const std::string& type, const std::vector<int>& pieces,
         bool given_test = false) {
  for (const int piece : pieces) items.push_back({type, piece, given_test});
}

std::string sides(const std::vector<Placement>& placements) {
  std::string out;
  for (const Placement& placement : placements) out += "StgT-"[static_cast<int>(placement.side)];
  return out;
}

TEST(Sides, TakesTheFirstThirdAndEveryFifthGoodPhoto) {
  std::vector<Item> items;
  add(items, kGood, {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12});
  add(items, "pit", {21, 22, 23, 24, 25, 26, 27, 28});
  add(items, "scratch", {31, 32});
  EXPECT_EQ(sides(place(items, 0)),
            "ggggTggggTgg"
            "SStttttt"
            "St");
  EXPECT_EQ(sides(place(items, 1)),
            "ggggTggggTgg"
            "Sttttttt"
            "St");
}

TEST(Sides, TestsTwoOfEightGoodPhotosAndNoneOfFour) {
  std::vector<Item> items;
  add(items, "pit", {21, 22});
  add(items, kGood, {1, 2, 3, 4});
  EXPECT_EQ(sides(place(items, 0)), "Stgggg");
  add(items, kGood, {5, 6, 7, 8});
  EXPECT_EQ(sides(place(items, 0)), "StgggTgggT");
}

TEST(Sides, LeavesGivenTestPhotosAlone) {
  std::vector<Item> items;
  add(items, kGood, {1, 2, 3, 4, 5, 6, 7, 8, 9, 10});
  add(items, kGood, {11, 12, 3}, true);
  add(items, "pit", {21, 22, 23});
  EXPECT_EQ(sides(place(items, 0)),
            "gg-ggggggg"
            "TTT"
            "Stt");
}

TEST(Sides, TakesWholePiecesWhileThatBringsTheCountNearer) {
  std::vector<Item> items;
  add(items, kGood, {90});
  add(items, "pit", {1, 1, 2, 2, 2, 3, 3, 4, 4});  // 3 wanted: 2 and 5 are 1 and 2 away
  EXPECT_EQ(sides(place(items, 0)),
            "g"
            "SSttttttt");
  items.clear();
  add(items, kGood, {90});
  add(items, "pit", {1, 1, 2, 2, 3, 3, 3, 3, 3, 3, 3, 3});  // 4 wanted: 2, then 4
  EXPECT_EQ(sides(place(items, 0)),
            "g"
            "SSSStttttttt");
  EXPECT_EQ(sides(place(items, 3)),
            "g"
            "SSS-tttttttt");
}

TEST(Sides, LetsGoodPhotosFollowTheDefectsOfTheirPiece) {
  std::vector<Item> items;
  add(items, kGood, {1, 2, 90});
  add(items, kGood, {1, 2, 91}, true);
  add(items, "pit", {1, 2, 3});
  const auto placements = place(items, 0);
  EXPECT_EQ(sides(placements),
            "g-g"
            "-TT"
            "Stt");
  EXPECT_EQ(placements[1].reason, "shows the same piece as a test photo");
  EXPECT_EQ(placements[3].reason, "shows the same piece as a shot");
}

TEST(Sides, GivesATypeWhatOthersTookFromIt) {
  std::vector<Item> items;
  add(items, kGood, {90});
  add(items, "a", {1, 2, 3});
  add(items, "b", {2, 3, 2, 3, 3});  // fewest pieces: chooses first and takes piece 2
  add(items, "c", {1, 4, 5, 6});
  EXPECT_EQ(sides(place(items, 0)),
            "g"
            "tSt"
            "StStt"
            "tStt");
  items.clear();
  add(items, kGood, {90});
  add(items, "a", {1, 2});
  add(items, "b", {2, 3, 4, 5});
  add(items, "c", {2, 6});  // piece 2 is tested for a; c takes it back only if a can spare it
  EXPECT_EQ(sides(place(items, 0)),
            "g"
            "St"
            "tStt"
            "tS");
}

TEST(Sides, NamesTheTypeThatCannotBeDivided) {
  std::vector<Item> items;
  add(items, kGood, {90});
  add(items, "pit", {1, 2, 3});
  add(items, "crack", {7, 7, 7});
  EXPECT_THAT(error_of([&] { place(items, 0); }), HasSubstr("type crack"));
  items.resize(4);
  EXPECT_THAT(error_of([&] { place(items, 3); }), HasSubstr("--shots 3 is too many for type pit"));
  items[0].piece = 2;
  EXPECT_THAT(error_of([&] { place(items, 0); }), HasSubstr("no good photo is left"));
}

/// Random data sets: how many photos, types and pieces, and which photo shows which piece.
std::vector<Item> random_items(Dice& dice) {
  std::vector<Item> items;
  const int pieces = 2 + dice.below(40);
  const int types = 1 + dice.below(5);
  for (int i = 5 + dice.below(30); i > 0; --i) items.push_back({kGood, dice.below(pieces + 10), false});
  if (dice.below(2)) {
    for (int i = 1 + dice.below(9); i > 0; --i) items.push_back({kGood, dice.below(pieces + 10), true});
  }
  for (int t = 0; t < types; ++t) {
    for (int i = 2 + dice.below(30); i > 0; --i)
      items.push_back({std::to_string(t), dice.below(pieces), false});
  }
  return items;
}

TEST(Sides, NeverPutAPieceOnBothSides) {
  Dice dice(7);
  int divided = 0;
  for (int round = 0; round < 2000; ++round) {
    const std::vector<Item> items = random_items(dice);
    const int shots = round % 3 == 0 ? 1 + dice.below(4) : 0;
    std::vector<Placement> placements;
    try {
      placements = place(items, shots);
    } catch (const Error&) {
      continue;  // some of these cannot be divided
    }
    ++divided;
    std::map<int, std::set<bool>> learned;
    std::map<std::string, int> shot_count, test_count;
    for (std::size_t i = 0; i < items.size(); ++i) {
      const Side side = placements[i].side;
      EXPECT_EQ(side == Side::left_out, !placements[i].reason.empty());
      if (side == Side::left_out) continue;
      ASSERT_EQ(items[i].type == kGood, side == Side::good_train || side == Side::good_test);
      const bool learns = side == Side::shot || side == Side::good_train;
      EXPECT_FALSE(items[i].given_test && learns);
      learned[items[i].piece].insert(learns);
      shot_count[items[i].type] += side == Side::shot;
      test_count[items[i].type] += side == Side::test;
    }
    for (const auto& [piece, uses] : learned)
      ASSERT_EQ(uses.size(), 1u) << "piece " << piece << " round " << round;
    for (const auto& [type, count] : shot_count) {
      if (type == kGood) continue;
      EXPECT_TRUE(shots > 0 ? count == shots : count >= 1) << count;
      EXPECT_GE(test_count[type], 1);
    }
  }
  EXPECT_GT(divided, 1000);
}

}  // namespace
}  // namespace kizu::dataset
