#include "dataset/examine.h"

#include <gmock/gmock.h>

#include "core/input_file.h"
#include "dataset/estimate.h"
#include "dataset/test_data.h"

namespace kizu::dataset {
namespace fs = std::filesystem;
namespace {

using ::testing::HasSubstr;

class ExamineTest : public DataTest {
 protected:
  Examination look(const SplitOptions& options = {}) const {
    return examine(scan(root_, category_names(root_).front()), options);
  }
  /// "stops"/"note" and the reason of the first fault of the file ("." = the category); "" when it has none.
  std::string fault_of(const Examination& e, const std::string& relative) const {
    const fs::path file = relative == "." ? root_ : root_ / relative;
    for (const Fault& fault : e.faults) {
      EXPECT_FALSE(fault.reason.empty());
      EXPECT_FALSE(fault.remedy.empty()) << fault.reason;
      if (fault.file == file) return (fault.stops ? "stops: " : "note: ") + fault.reason;
    }
    return "";
  }
};

TEST_F(ExamineTest, FindsNothingWrongWithSoundData) {
  plain(10, 6, {"pit", "scratch"});
  const Examination e = look();
  EXPECT_TRUE(e.faults.empty()) << describe(e);
  EXPECT_FALSE(e.stops());
  EXPECT_EQ(e.good_train, 8);
  EXPECT_EQ(e.good_test, 2);
  ASSERT_EQ(e.types.size(), 2u);
  EXPECT_EQ(e.types[0].shots, 2);
  EXPECT_EQ(e.types[0].test, 4);
  EXPECT_EQ(e.max_pixels, 360);
  EXPECT_EQ(e.mean_bytes, 360);
  EXPECT_THAT(describe(e), HasSubstr("ready to run"));
  EXPECT_EQ(to_json(e)["stops"], false);
}

TEST_F(ExamineTest, ListsEveryFaultAtOnce) {
  plain(3, 12, {"pit"});
  text("pit/1.png", "not a picture");
  text("pit/2.png", read_file(root_ / "pit/3.png").substr(0, 200));
  fs::remove(root_ / "pit/4_mask.png");
  mask("pit/5_mask.png", 0);
  mask("pit/6_mask.png", 360);
  mask("pit/7_mask.png", 7, 18, 20);
  Image soft = Image::blank(20, 18, 1);
  soft.at(3, 3) = 128, soft.at(4, 3) = 255;
  write_png(root_ / "pit/8_mask.png", soft);
  photo("pit/9.png", 9, 1, 1);
  mask("pit/9_mask.png", 1, 1, 1);
  mask("pit/99_mask.png");
  text("pit/10_mask.png", "");
  fs::copy_file(root_ / "good/2.png", root_ / "pit/11.png", fs::copy_options::overwrite_existing);
  photo("lone/1.png", 50);
  mask("lone/1_mask.png");
  fs::create_directories(root_ / "none");
  text("good/notes.docx", "x");
  photo("good/4.png", 60, 20, 18, 3);
  photo("good/5.png", 61, 20, 18, 1, 16);
  const Examination e = look();
  EXPECT_TRUE(e.stops());
  EXPECT_THAT(fault_of(e, "pit/1.png"), HasSubstr("stops: is not a PNG"));
  EXPECT_THAT(fault_of(e, "pit/2.png"), HasSubstr("stops: "));
  EXPECT_EQ(fault_of(e, "pit/4.png"), "stops: has no mask");
  EXPECT_THAT(fault_of(e, "pit/5_mask.png"), HasSubstr("stops: is empty"));
  EXPECT_THAT(fault_of(e, "pit/6_mask.png"), HasSubstr("stops: covers the whole photo"));
  EXPECT_EQ(fault_of(e, "pit/7_mask.png"), "stops: is 18x20 and its photo pit/7.png is 20x18");
  EXPECT_THAT(fault_of(e, "pit/8_mask.png"), HasSubstr("note: has more than two values"));
  EXPECT_THAT(fault_of(e, "pit/9.png"), HasSubstr("stops: is only 1x1 pixels"));
  EXPECT_THAT(fault_of(e, "pit/99_mask.png"), HasSubstr("note: is a mask without a photo"));
  EXPECT_THAT(fault_of(e, "pit/10_mask.png"), HasSubstr("stops: is empty"));
  EXPECT_THAT(fault_of(e, "pit/11.png"), HasSubstr("stops: is the same picture as good/2.png"));
  EXPECT_THAT(fault_of(e, "lone"), HasSubstr("stops: type with 1 photo(s)"));
  EXPECT_THAT(fault_of(e, "none"), HasSubstr("stops: type with 0 photo(s)"));
  EXPECT_THAT(fault_of(e, "good/notes.docx"), HasSubstr("note: is of no kind that is read"));
  EXPECT_THAT(describe(e), HasSubstr(" grey and 1 colour photos"));
  EXPECT_THAT(describe(e), HasSubstr("photos have 16 bits"));
  EXPECT_THAT(describe(e), HasSubstr("not ready"));
  for (const Fault& fault : e.faults) {
    EXPECT_THAT(describe(e), HasSubstr(fault.file.string() + "\n    " + fault.reason)) << "not in the list";
  }
  EXPECT_EQ(to_json(e)["faults"].size(), e.faults.size());
}

TEST_F(ExamineTest, StopsWithoutGoodPhotosOrDefects) {
  photo("test/pit/1.png", 1);
  photo("test/pit/2.png", 2);
  mask("ground_truth/pit/1_mask.png");
  mask("ground_truth/pit/2_mask.png");
  EXPECT_THAT(fault_of(look(), "."), HasSubstr("stops: no good photos"));
  fs::remove_all(root_ / "test/pit");
  photo("train/good/1.png", 3);
  EXPECT_THAT(describe(look()), HasSubstr("no defect type"));
  EXPECT_THAT(describe(look()), HasSubstr("only 1 good photo(s)"));
}

TEST_F(ExamineTest, JudgesDuplicatesByWhereTheyLie) {
  for (int i = 1; i <= 5; ++i) photo("train/good/" + std::to_string(i) + ".png", i);
  photo("test/good/1.png", 4);
  for (int i = 1; i <= 6; ++i) {
    photo("test/pit/" + std::to_string(i) + ".png", 10 + i);
    mask("ground_truth/pit/" + std::to_string(i) + ".png");
  }
  photo("train/good/6.png", 1);
  // The same picture in other bytes: only decoding shows it, and the split cannot know.
  write_png(at("test/pit/6.png"), read_image(root_ / "test/pit/1.png"), {{"Comment", "saved again"}});
  Examination e = look();
  EXPECT_THAT(fault_of(e, "test/good/1.png"), HasSubstr("stops: is the same picture as train/good/4.png"));
  EXPECT_EQ(fault_of(e, "train/good/6.png"), "note: is the same picture as train/good/1.png");
  EXPECT_THAT(fault_of(e, "test/pit/6.png"), HasSubstr("other side of the split"));
  text("manifest.csv", "image,group\ntest/pit/1.png,A\ntest/pit/6.png,A\n");
  e = look();
  EXPECT_EQ(fault_of(e, "test/pit/6.png"), "note: is the same picture as test/pit/1.png");
}

TEST_F(ExamineTest, TriesTheDivision) {
  plain(5, 3, {"pit", "scratch"});
  EXPECT_THAT(fault_of(look({3, {}}), "."), HasSubstr("stops: --shots 3 is too many for type pit"));
  text("manifest.csv", "image,group\nscratch/1.png,A\nscratch/2.png,A\nscratch/3.png,A\n");
  EXPECT_THAT(describe(look()), HasSubstr("type scratch: its 3 photos show 1 piece(s)"));
  EXPECT_FALSE(look({0, {"pit"}}).stops()) << "a fault of a type that was not asked for stopped the run";
}

TEST_F(ExamineTest, TellsTheObserverAndListensToIt) {
  plain(5, 2, {"pit"});
  struct Stopper : Observer {
    void progressed(const std::string&, int64_t done, int64_t total, const std::string&) override {
      last = done;
      EXPECT_EQ(total, 7);
    }
    bool wants_stop() override { return last >= limit; }
    int64_t last = 0, limit = 100;
  } observer;
  const Category category = scan(root_, category_names(root_).front());
  examine(category, {}, &observer);
  EXPECT_EQ(observer.last, 7);
  observer.limit = 3;
  EXPECT_THROW(examine(category, {}, &observer), Interrupted);
}

TEST_F(ExamineTest, EstimatesFromSizesAndOptions) {
  Examination e;
  e.good_train = 35, e.good_test = 10;
  e.types = {{"pit", 30, 10, 20}, {"crack", 15, 5, 10}};
  e.mean_pixels = 1e6;
  e.max_pixels = 2e6, e.max_width = 2000, e.max_height = 1000;
  e.mean_bytes = 3e6;
  RunSize size;
  size.learn_steps = 100, size.pairs = 50, size.train_steps = 600, size.train_steps_per_type = 200;
  size.trainings = 2;
  UnitCosts costs;
  costs.start_seconds = 1, costs.learn_step_seconds = 2, costs.pair_seconds = 3,
  costs.train_step_seconds = 0.5;
  costs.test_megapixel_seconds = 0.25, costs.base_bytes = 1e9, costs.bytes_per_pixel = 100;
  costs.disk_base_bytes = 1e6, costs.compressed = 0.5;
  const Estimate out = estimate(e, size, costs);
  EXPECT_DOUBLE_EQ(out.seconds, 1 + 2 * (200 + 150) + 2 * (500 + 40 * 0.25));
  EXPECT_DOUBLE_EQ(out.bytes_memory, 1.2e9 + (35 + 15 + 100) * 4 * 256 * 512.0) << "and what is trained on";
  EXPECT_DOUBLE_EQ(out.bytes_disk, 151e6);
  size.step_pixels *= 3;
  EXPECT_DOUBLE_EQ(estimate(e, size, costs).seconds, out.seconds + 2 * 1000);
  EXPECT_EQ(describe(out), "about 29 minutes, 1.3 GB of memory, 151 MB of disk");
}

}  // namespace
}  // namespace kizu::dataset
