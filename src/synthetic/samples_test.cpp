#include "synthetic/samples.h"

#include <gtest/gtest.h>

#include "core/error.h"
#include "image/codec.h"
#include "tensor/convert.h"

namespace kizu::synthetic {
namespace {

namespace fs = std::filesystem;

TEST(SamplesTest, EveryTypeHasAnExactMaskAndGoodOnesHaveNone) {
  for (const Product& p : sample_products()) {
    ASSERT_EQ(p.defects.size(), 3u);
    const Sample good = draw_sample(p.name, "good", 0, 7);
    EXPECT_EQ(good.image.sizes(), (std::vector<int64_t>{3, p.height, p.width}));
    EXPECT_EQ(good.mask.sum().item<float>(), 0);
    EXPECT_EQ(torch::equal(good.image[0], good.image[1]), p.grey);
    for (const std::string& type : p.defects) {
      const Sample bad = draw_sample(p.name, type, 0, 7);
      const float share = bad.mask.mean().item<float>();
      EXPECT_GT(share, 0.0001f) << p.name << " " << type;
      EXPECT_LT(share, 0.25f) << p.name << " " << type;
      EXPECT_EQ(torch::equal(bad.image[0], bad.image[1]) && torch::equal(bad.image[1], bad.image[2]), p.grey);
    }
  }
}

TEST(SamplesTest, SeedAndIndexDecide) {
  const Sample a = draw_sample("woven_fabric", "hole", 3, 1), b = draw_sample("woven_fabric", "hole", 3, 1);
  EXPECT_TRUE(torch::equal(a.image, b.image));
  EXPECT_TRUE(torch::equal(a.mask, b.mask));
  EXPECT_FALSE(torch::equal(a.mask, draw_sample("woven_fabric", "hole", 4, 1).mask));
  EXPECT_FALSE(torch::equal(a.mask, draw_sample("woven_fabric", "hole", 3, 2).mask));
}

// One type, one look: what the defect does to the brightness inside its mask has the same sign in every
// photo.
TEST(SamplesTest, PhotosOfOneTypeAreAlike) {
  for (int k = 0; k < 6; k++) {
    const Sample s = draw_sample("woven_fabric", "hole", k, 7);
    const auto grey = s.image.mean(0, true);
    const float inside = (grey * s.mask).sum().item<float>() / s.mask.sum().item<float>();
    const float outside = (grey * (1 - s.mask)).sum().item<float>() / (1 - s.mask).sum().item<float>();
    EXPECT_LT(inside, outside - 0.1f);
  }
}

TEST(SamplesTest, UnknownNamesAreToldWithTheKnownOnes) {
  EXPECT_THROW(draw_sample("teapot", "good", 0, 1), Error);
  try {
    draw_sample("woven_fabric", "gremlin", 0, 1);
    FAIL();
  } catch (const Error& e) {
    EXPECT_NE(std::string(e.what()).find("thread"), std::string::npos);
  }
}

void expect_files_equal_drawn(const fs::path& folder) {
  const auto root = folder / "brushed_plate";
  const Image image = read_image(root / "test/scratch/001.png");
  EXPECT_EQ(image.channels, 1);
  EXPECT_EQ(image.width, 320);
  const Sample drawn = draw_sample("brushed_plate", "scratch", 1, 7);
  EXPECT_TRUE(torch::allclose(to_pm1(image), drawn.image, 0, 1e-5));
  EXPECT_TRUE(torch::equal(to_tensor(read_mask(root / "ground_truth/scratch/001_mask.png")), drawn.mask));
  EXPECT_EQ(read_image(folder / "moulded_part/train/good/000.png").channels, 3);
}

TEST(SamplesTest, FilesAreInMvtecLayoutAndReadBack) {
  const fs::path folder = fs::temp_directory_path() / "kizu samples test";
  fs::remove_all(folder);
  Observer quiet;
  write_samples(folder, 7, {2, 1, 2}, quiet);
  const auto root = folder / "brushed_plate";
  EXPECT_TRUE(fs::exists(root / "train/good/001.png"));
  EXPECT_TRUE(fs::exists(root / "test/good/000.png"));
  try {
    expect_files_equal_drawn(folder);
  } catch (const Error& e) {
    if (std::string(e.what()).find("without OpenCV") == std::string::npos) throw;
    GTEST_SKIP() << e.what();
  }
  fs::remove_all(folder);
}

TEST(SamplesTest, StopsBetweenTwoPhotos) {
  struct Impatient : Observer {
    int64_t seen = 0;
    void progressed(const std::string&, int64_t done, int64_t, const std::string&) override { seen = done; }
    bool wants_stop() override { return seen == 2; }
  } observer;
  const fs::path folder = fs::temp_directory_path() / "kizu samples stop test";
  fs::remove_all(folder);
  EXPECT_THROW(write_samples(folder, 7, {5, 1, 2}, observer), Interrupted);
  EXPECT_EQ(observer.seen, 2);
  EXPECT_FALSE(fs::exists(folder / "brushed_plate/train/good/002.png"));
  fs::remove_all(folder);
}

}  // namespace
}  // namespace kizu::synthetic
