// Learning and painting on the published base at its full width with random weights: about 16 GB of memory,
// 7 GB of disk and an hour of two cores, therefore only where KIZU_FULL_SIZE is set. Prints time and peak
// memory of every step.
#include <gtest/gtest.h>

#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <fstream>

#include "core/memory.h"
#include "core/scratch_folder.h"
#include "image/codec.h"
#include "pipeline/concept_estimate.h"
#include "pipeline/steps.h"

namespace kizu::pipeline {
namespace {

namespace fs = std::filesystem;

constexpr double kMost = 24e9;  // bytes

void measure(const std::string& what, double estimated_seconds, const std::function<void()>& work) {
  std::ofstream("/proc/self/clear_refs") << "5";  // the peak begins anew
  const auto start = std::chrono::steady_clock::now();
  work();
  const std::chrono::duration<double> took = std::chrono::steady_clock::now() - start;
  const auto peak = static_cast<double>(peak_resident_bytes());
  std::printf("[ measured ] %s | %.0f s, estimated %.0f s | peak %.2f GB\n", what.c_str(), took.count(),
              estimated_seconds, peak / 1e9);
  std::fflush(stdout);
  EXPECT_LE(peak, kMost) << what;
}

void write_photos(const fs::path& folder) {
  Image image = Image::blank(256, 256, 3);
  Mask mask = Mask::blank(256, 256);
  for (int y = 90; y < 150; y++)
    for (int x = 80; x < 180; x++) mask.at(x, y) = 1;
  for (int i = 0; i < 12; i++) {
    NoiseStream grain(mix(1, "photo", i));
    for (auto& value : image.values) value = static_cast<std::uint16_t>(90 + grain.below(60));
    const auto file = folder / (i < 8 ? "good" : "dent") / (number_text(i) + ".png");
    fs::create_directories(file.parent_path());
    write_png(file, image);
    if (i >= 8) write_png(file.parent_path() / (number_text(i) + "_mask.png"), mask);
  }
}

TEST(FullSize, LearnsAndPaintsWithin24Gigabytes) {
  if (!std::getenv("KIZU_FULL_SIZE")) GTEST_SKIP() << "set KIZU_FULL_SIZE=1 for the test at full size";
  const ScratchFolder scratch;
  write_photos(scratch / "photos/nut");
  Workspace place;
  place.data = scratch / "photos/nut";
  place.category = "nut";
  place.model = scratch / "base";
  place.out = scratch / "run";
  measure("create and save the base", 0,
          [&] { ldm::LatentDiffusion::create({}, 1).save(place.model, torch::kFloat32, {}); });
  Observer observer;
  place.save();
  split_step(place, {}, observer);
  for (const char* name : {"reference", "improved"}) {
    ConceptStep step;
    step.preset = anomaly::Preset::named(name);
    step.pairs = 1;
    for (const char* each : {"steps=1", "mask_steps=1", "sampler_steps=10", "mask_sampler_steps=2",
                             "mask_source=learned", "keep_empty_masks=yes"})
      step.preset.set(each);
    const auto expected = estimate({}, step, 1, 0);
    measure(std::string(name) + ": one step at batch 4, one of a mask embedding", expected.learn,
            [&] { learn_concepts_step({place}, step, observer); });
    measure(std::string(name) + ": a batch of 8 masks in 2 steps", 8 * expected.masks,
            [&] { make_masks(place, {}, step, observer); });
    measure(std::string(name) + ": one pair in 10 steps", expected.paint,
            [&] { paint_step(place, step, observer); });
  }
}

}  // namespace
}  // namespace kizu::pipeline
