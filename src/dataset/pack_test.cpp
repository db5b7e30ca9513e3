// The real photos of ../shared/data/industrial_pack (or KIZU_DATA): counts as in the pack's README.
#include <gmock/gmock.h>

#include <cstdlib>
#include <map>
#include <set>

#include "dataset/examine.h"

namespace kizu::dataset {
namespace fs = std::filesystem;
namespace {

using ::testing::ElementsAre;
using ::testing::Pair;

class PackTest : public ::testing::Test {
 protected:
  void SetUp() override {
    const char* given = std::getenv("KIZU_DATA");
    pack_ =
        given ? fs::path(given) : fs::path(__FILE__).parent_path() / "../../../shared/data/industrial_pack";
    pack_ = pack_.lexically_normal();
    if (!fs::exists(pack_)) GTEST_SKIP() << "no photos at " << pack_ << "; set KIZU_DATA to test with them";
  }
  static std::map<std::string, std::size_t> counts(const Category& category) {
    std::map<std::string, std::size_t> out{{"train", category.good_train.size()},
                                           {"test", category.good_test.size()}};
    for (const DefectType& type : category.types) out[type.name] = type.photos.size();
    return out;
  }
  fs::path pack_;
};

TEST_F(PackTest, FindsEveryPhotoWithItsMask) {
  ASSERT_THAT(category_names(pack_), ElementsAre("hazelnut_toy", "magnetic_tile", "transistor"));
  EXPECT_THAT(counts(scan(pack_, "transistor")),
              ElementsAre(Pair("bent_lead", 10), Pair("cut_lead", 10), Pair("damaged_case", 10),
                          Pair("misplaced", 10), Pair("test", 60), Pair("train", 180)));
  EXPECT_THAT(counts(scan(pack_, "magnetic_tile")),
              ElementsAre(Pair("blowhole", 71), Pair("break", 60), Pair("crack", 44), Pair("fray", 29),
                          Pair("test", 60), Pair("train", 180), Pair("uneven", 57)));
  EXPECT_THAT(counts(scan(pack_, "hazelnut_toy")),
              ElementsAre(Pair("colour", 17), Pair("test", 6), Pair("train", 28)));
}

TEST_F(PackTest, HasNoFaultThatStops) {
  for (const std::string& name : category_names(pack_)) {
    const Examination e = examine(scan(pack_, name));
    EXPECT_FALSE(e.stops()) << describe(e);
  }
}

TEST_F(PackTest, SplitsTransistorAsThePaperDoes) {
  const Split split = make_split(scan(pack_, "transistor"), {});
  for (const std::string& type : split.types()) {
    EXPECT_EQ(split.shots(type).size(), 3u);
    EXPECT_EQ(split.test(type).size(), 7u);
  }
  EXPECT_TRUE(split.left_out().empty());
}

TEST_F(PackTest, LeaksNoMagneticTile) {
  const Category category = scan(pack_, "magnetic_tile");
  const Split split = make_split(category, {});
  std::map<std::string, std::set<bool>> learned;
  for (const SplitPhoto& photo : split.photos) {
    EXPECT_FALSE(photo.group.empty()) << photo.image;
    if (photo.side == Side::left_out) continue;
    learned[photo.group].insert(photo.side == Side::shot || photo.side == Side::good_train);
  }
  for (const auto& [group, uses] : learned) EXPECT_EQ(uses.size(), 1u) << group;
  for (const DefectType& type : category.types) {
    const double third = static_cast<double>(type.photos.size()) / 3;
    EXPECT_NEAR(static_cast<double>(split.shots(type.name).size()), third, 4) << type.name;
  }
  EXPECT_GE(split.good_train().size(), 150u);
  EXPECT_EQ(split.good_test().size(), 60u);
}

}  // namespace
}  // namespace kizu::dataset
