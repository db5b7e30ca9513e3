#include "pipeline/good_photos.h"

#include "core/run_folder.h"
#include "pipeline/concept_fixture.h"

namespace kizu::pipeline {
namespace {

/// Good photos that all have the same bright corner (aligned), or only grain; shots of one type.
class GoodPhotosTest : public testing::Test {
 protected:
  Workspace workspace(bool corner) const {
    const std::string name = corner ? "part" : "surface";
    const auto data = scratch_ / name;
    write_product(data, {"dent"}, 1);
    for (int i = 0; corner && i < 8; i++) {
      const auto file = data / "good" / (number_text(i) + ".png");
      Image photo = read_image(file);
      for (int y = 0; y < 40; y++)
        for (int x = 0; x < 40; x++)
          for (int c = 0; c < 3; c++) photo.at(x, y, c) = 240;
      write_png(file, photo);
    }
    Workspace workspace;
    workspace.data = data;
    workspace.category = name;
    workspace.out = scratch_ / (name + "-run");
    Observer observer;
    split_step(workspace, {}, observer);
    return workspace;
  }

  void record(const Workspace& workspace, const Json& results) const {
    RunFolder(workspace.step("masks"), "masks", Json::object(), Json::object()).finish(results);
  }

 private:
  ScratchFolder scratch_;
};

TEST_F(GoodPhotosTest, AreLookedAtWhereNoStepRecordedHowTheyLie) {
  const auto aligned = workspace(true);
  EXPECT_TRUE(has_aligned_photos(aligned, aligned.split()));
  for (const Json& results : {Json{{"masks", 4}}, Json{{"aligned", "no"}}, Json::array()}) {
    std::filesystem::remove_all(aligned.step("masks"));
    record(aligned, results);
    EXPECT_TRUE(has_aligned_photos(aligned, aligned.split())) << results;
  }
}

TEST_F(GoodPhotosTest, LieAsTheMasksStepSays) {
  const auto aligned = workspace(true);
  record(aligned, {{"aligned", false}});
  EXPECT_FALSE(has_aligned_photos(aligned, aligned.split()));
}

TEST_F(GoodPhotosTest, SayHowManyPixelsATrainingStepHas) {
  inspection::TrainOptions train;
  const auto of = [&](const Workspace& product, int longest) {
    dataset::Examination examination;
    examination.split = product.split();
    examination.max_width = longest;
    return step_pixels(product, examination, train);
  };
  EXPECT_EQ(of(workspace(false), 1000), 8 * 160 * 160);
  const auto aligned = workspace(true);
  EXPECT_EQ(of(aligned, 1000), 4 * 256 * 256);
  EXPECT_EQ(of(aligned, 100), 4 * 128 * 128);
  train.samples.crop = 64, train.batch = 3;
  EXPECT_EQ(of(aligned, 1000), 3 * 64 * 64);
}

TEST_F(GoodPhotosTest, OfASurfaceAreNotAligned) {
  const auto surface = workspace(false);
  EXPECT_FALSE(has_aligned_photos(surface, surface.split()));
}

}  // namespace
}  // namespace kizu::pipeline
