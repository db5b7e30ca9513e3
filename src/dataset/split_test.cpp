#include "dataset/split.h"

#include <gmock/gmock.h>

#include <map>
#include <set>

#include "core/input_file.h"
#include "core/json.h"
#include "core/sha256.h"
#include "dataset/test_data.h"

namespace kizu::dataset {
namespace fs = std::filesystem;
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

class SplitTest : public DataTest {
 protected:
  Category only() const { return scan(root_, category_names(root_).front()); }
  Split split(const SplitOptions& options = {}) const { return make_split(only(), options); }
  static std::vector<std::string> images(const std::vector<SplitPhoto>& photos) {
    std::vector<std::string> out;
    for (const SplitPhoto& photo : photos) out.push_back(photo.image);
    return out;
  }
  /// The split as JSON with one thing changed, read back.
  template <typename Change>
  std::string error_after(const Change& change) const {
    write_split(root_ / "split.json", split());
    Json json = read_json(root_ / "split.json");
    change(json);
    write_json(root_ / "split.json", json);
    return error_of([&] { read_split(root_ / "split.json"); });
  }
};

TEST_F(SplitTest, DividesAPlainFolder) {
  plain(11, 7, {"pit", "scratch"});
  const Split made = split();
  EXPECT_THAT(made.types(), ElementsAre("pit", "scratch"));
  EXPECT_THAT(images(made.shots("pit")), ElementsAre("pit/1.png", "pit/2.png"));
  EXPECT_EQ(made.test("pit").size(), 5u);
  EXPECT_THAT(images(made.good_test()), ElementsAre("good/5.png", "good/10.png"));
  EXPECT_EQ(made.good_train().size(), 9u);
  EXPECT_TRUE(made.left_out().empty());
  const SplitPhoto first = made.shots("pit")[0];
  EXPECT_EQ(first.mask, "pit/1_mask.png");
  EXPECT_EQ(first.image_sha256, sha256_file(root_ / "pit/1.png"));
  EXPECT_EQ(first.mask_sha256, sha256_file(root_ / "pit/1_mask.png"));
}

TEST_F(SplitTest, ObeysItsOptions) {
  plain(2, 4, {"pit", "scratch"});
  EXPECT_EQ(split({3, {}}).shots("pit").size(), 3u);
  EXPECT_THAT(split({0, {"scratch"}}).types(), ElementsAre("scratch"));
  EXPECT_THAT(error_of([&] { split({4, {}}); }), HasSubstr("--shots 4 is too many for type pit"));
  EXPECT_THAT(error_of([&] { split({-1, {}}); }), HasSubstr("--shots"));
  EXPECT_THAT(error_of([&] { split({0, {"hole"}}); }), HasSubstr("choose --types from: pit, scratch"));
  fs::remove(root_ / "scratch/2_mask.png");
  EXPECT_THAT(error_of([&] { split(); }), HasSubstr("2.png: has no mask"));
}

TEST_F(SplitTest, KeepsGroupsAndEqualFilesTogether) {
  plain(3, 6, {"pit"});
  // 2.png shows the piece of 1.png, 5.png has the bytes of 2.png: all three are one piece.
  text("manifest.csv", "image,group\npit/1.png,A\npit/2.png,A\ngood/2.png,B\npit/6.png,B\n");
  fs::copy_file(root_ / "pit/2.png", root_ / "pit/5.png", fs::copy_options::overwrite_existing);
  const Split made = split();
  EXPECT_THAT(images(made.shots("pit")), ElementsAre("pit/1.png", "pit/2.png", "pit/5.png"));
  EXPECT_THAT(images(made.good_test()), ElementsAre("good/2.png"));
}

TEST_F(SplitTest, ReadsBackWhatItWrote) {
  plain(5, 3, {"Kratzer übel", "pit"});
  text("manifest.csv", "image,group\npit/1.png,\"a \"\"b\"\"\"\n");
  const Split made = split({1, {}});
  write_split(root_ / "a.json", made);
  const Split read = read_split(root_ / "a.json");
  write_split(root_ / "b.json", read);
  EXPECT_EQ(read_file(root_ / "a.json"), read_file(root_ / "b.json"));
  EXPECT_EQ(read.category, made.category);
  EXPECT_EQ(read.options.shots, 1);
  ASSERT_EQ(read.photos.size(), made.photos.size());
  EXPECT_EQ(read.shots("pit")[0].group, "a \"b\"");
  write_split(root_ / "c.json", split({1, {}}));
  EXPECT_EQ(read_file(root_ / "a.json"), read_file(root_ / "c.json")) << "the same photos split differently";
}

TEST_F(SplitTest, RefusesAFileThatIsNotASplit) {
  plain(5, 3, {"pit"});
  EXPECT_THAT(error_after([](Json& j) { j["colour"] = 1; }), HasSubstr("split.json: unknown key \"colour\""));
  EXPECT_THAT(error_after([](Json& j) { j["photos"][0]["x"] = 1; }), HasSubstr("unknown key \"x\""));
  EXPECT_THAT(error_after([](Json& j) { j["options"].erase("shots"); }), HasSubstr("no key \"shots\""));
  EXPECT_THAT(error_after([](Json& j) { j["format"] = "kizu split 9"; }), HasSubstr("kizu split 9"));
  EXPECT_THAT(error_after([](Json& j) { j["photos"][0]["image_sha256"] = "12ab"; }),
              HasSubstr("64 lower-case"));
  EXPECT_THAT(error_after([](Json& j) { j["photos"][0]["image"] = "../x.png"; }), HasSubstr("leaves"));
  EXPECT_THAT(error_after([](Json& j) { j["photos"][0]["image"] = "/x.png"; }), HasSubstr("leaves"));
  EXPECT_THAT(error_after([](Json& j) { j["photos"][0]["side"] = "shot"; }), HasSubstr("side that is not"));
  EXPECT_THAT(error_after([](Json& j) { j["photos"][0]["side"] = "left"; }), HasSubstr("unknown side"));
  EXPECT_THAT(error_after([](Json& j) { j["photos"][1] = j["photos"][0]; }), HasSubstr("listed twice"));
  EXPECT_THAT(error_after([](Json& j) {
                for (Json& photo : j["photos"]) photo["group"] = "A";
              }),
              HasSubstr("both sides"));
  EXPECT_THAT(error_after([](Json& j) { j["photos"] = "none"; }), HasSubstr("photos must be a list"));
  EXPECT_THAT(error_after([](Json& j) { j["photos"][0]["type"] = 3; }), HasSubstr("\"type\" must be text"));
  text("split.json", "{\"format\": ");
  EXPECT_THAT(error_of([&] { read_split(root_ / "split.json"); }), HasSubstr("not valid JSON"));
}

TEST_F(SplitTest, NoticesFilesThatChanged) {
  plain(5, 3, {"pit"});
  const Split made = split();
  verify(made, root_);
  mask("pit/2_mask.png", 8);
  EXPECT_THAT(error_of([&] { verify(made, root_); }), HasSubstr("2_mask.png: has changed"));
  mask("pit/2_mask.png");
  verify(made, root_);
  fs::remove(root_ / "good/3.png");
  EXPECT_THAT(error_of([&] { verify(made, root_); }), HasSubstr("good/3.png"));
}

/// Fills a folder with photos of few distinct contents and a manifest of few groups, in either layout.
void random_data(Dice& dice, const fs::path& root) {
  fs::remove_all(root);
  const bool mvtec = dice.below(2) == 1;
  std::string manifest = "image,group\n";
  const auto add = [&](const std::string& folder, int count) {
    fs::create_directories(root / folder);
    for (int i = 0; i < count; ++i) {
      const std::string image = folder + "/" + std::to_string(i) + ".png";
      std::ofstream(root / image) << "content " << dice.below(60);  // hashing needs no real picture
      if (dice.below(3) > 0) manifest += image + ",g" + std::to_string(dice.below(12)) + "\n";
    }
  };
  add(mvtec ? "train/good" : "good", 3 + dice.below(8));
  if (mvtec) add("test/good", dice.below(4));
  for (int t = 1 + dice.below(3); t > 0; --t) {
    const std::string type = "t" + std::to_string(t), folder = (mvtec ? "test/" : "") + type;
    const int count = 2 + dice.below(9);
    add(folder, count);
    fs::create_directories(root / (mvtec ? "ground_truth" : "masks") / type);
    for (int i = 0; i < count; ++i) {
      std::ofstream(root / (mvtec ? "ground_truth" : "masks") / type / (std::to_string(i) + "_mask.png"))
          << "m";
    }
  }
  std::ofstream(root / "manifest.csv") << manifest;
}

TEST_F(SplitTest, NoFileAndNoGroupStandsOnBothSides) {
  Dice dice(11);
  int divided = 0;
  for (int round = 0; round < 60; ++round) {
    random_data(dice, root_);
    const Category category = only();
    Split made;
    try {
      made = make_split(category, {round % 4 == 0 ? 1 + dice.below(3) : 0, {}});
    } catch (const Error&) {
      continue;  // too few pieces to divide
    }
    ++divided;
    std::map<std::string, std::set<bool>> learned;
    for (const SplitPhoto& photo : made.photos) {
      if (photo.side == Side::left_out) continue;
      const bool learns = photo.side == Side::shot || photo.side == Side::good_train;
      learned["bytes " + photo.image_sha256].insert(learns);
      if (!photo.group.empty()) learned["group " + photo.group].insert(learns);
    }
    for (const auto& [piece, uses] : learned) ASSERT_EQ(uses.size(), 1u) << piece << " in round " << round;
    for (const std::string& type : made.types()) {
      EXPECT_FALSE(made.shots(type).empty() || made.test(type).empty());
    }
  }
  EXPECT_GT(divided, 20);
}

}  // namespace
}  // namespace kizu::dataset
