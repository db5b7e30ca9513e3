#pragma once
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "core/atomic_file.h"
#include "core/error.h"
#include "core/input_file.h"
#include "core/scratch_folder.h"
#include "image/codec.h"
#include "ldm/tiny_latent.h"
#include "pipeline/steps.h"

namespace kizu::pipeline {

/// Grey grain; with a bright bar as defect, if `bar`.
inline void write_photo(const std::filesystem::path& file, uint64_t seed, bool bar) {
  Image image = Image::blank(96, 80, 3);
  NoiseStream grain(seed);
  for (auto& value : image.values) value = static_cast<std::uint16_t>(90 + grain.below(40));
  Mask mask = Mask::blank(96, 80);
  const int left = static_cast<int>(10 + grain.below(40)), top = static_cast<int>(10 + grain.below(40));
  for (int y = top; bar && y < top + 14; y++)
    for (int x = left; x < left + 24; x++) {
      mask.at(x, y) = 1;
      for (int c = 0; c < 3; c++) image.at(x, y, c) = 230;
    }
  std::filesystem::create_directories(file.parent_path());
  write_png(file, image);
  if (bar) write_png(file.parent_path() / (file.stem().string() + "_mask.png"), mask);
}

/// A product with good photos and the defect types.
inline void write_product(const std::filesystem::path& folder, const std::vector<std::string>& types,
                          uint64_t seed) {
  for (int i = 0; i < 8; i++)
    write_photo(folder / "good" / (number_text(i) + ".png"), mix(seed, "good", i), false);
  for (const auto& type : types)
    for (int i = 0; i < 4; i++)
      write_photo(folder / type / (number_text(i) + ".png"), mix(seed, type, i), true);
}

/// Two products and a tiny base with a text encoder.
class ConceptStepsTest : public testing::Test {
 protected:
  ConceptStepsTest() {
    write_product(scratch_ / "photos/nut", {"dent", "rust"}, 1);
    write_product(scratch_ / "photos/bolt", {"bend"}, 2);
    auto config = ldm::tiny_latent(ldm::BaseFamily::kLdmBert);
    config.unet.channel_mult = {1};
    config.unet.attention_resolutions = {1};
    ldm::LatentDiffusion::create(config, 3).save(scratch_ / "base", torch::kFloat32, {});
  }

  Workspace workspace(const std::string& category, const std::string& out, int workers = 2) const {
    Workspace workspace;
    workspace.data = scratch_ / "photos" / category;
    workspace.category = category;
    workspace.model = scratch_ / "base";
    workspace.out = scratch_ / out;
    workspace.workers = workers;
    return workspace;
  }

  static ConceptStep quick(anomaly::Preset preset = {}) {
    for (const char* each : {"steps=3", "mask_steps=2", "batch=2", "sampler_steps=2", "mask_sampler_steps=2",
                             "spatial_encoder=small"})
      preset.set(each);
    ConceptStep step;
    step.preset = preset;
    step.pairs = 2;
    return step;
  }

  static RunStep whole_run(const ConceptStep& concepts) {
    RunStep run;
    run.concepts = concepts;
    run.train.steps = 4;
    run.train.batch = 2;
    run.train.samples.crop = 64;
    run.train.work_size = 64;
    return run;
  }

  /// Split, learning, masks and pairs.
  void make_pairs(const Workspace& place, const ConceptStep& step, Observer& observer) const {
    Observer patient;
    place.save();
    split_step(place, {}, patient);
    learn_concepts_step({place}, step, observer);
    make_masks(place, {}, step, observer);
    paint_step(place, step, observer);
  }

  /// Every file but the journals, with its bytes.
  static std::map<std::string, std::string> tree(const std::filesystem::path& folder) {
    std::map<std::string, std::string> files;
    for (const auto& entry : std::filesystem::recursive_directory_iterator(folder)) {
      const auto name = entry.path().filename().string();
      if (!entry.is_regular_file() || name == "events.jsonl" || name.find(".lock") != std::string::npos)
        continue;
      files[entry.path().lexically_relative(folder).generic_string()] = read_file(entry.path());
    }
    return files;
  }

  static std::string error_of(const std::function<void()>& work) {
    try {
      work();
    } catch (const Error& error) {
      return error.what();
    }
    return "no error";
  }

  ScratchFolder scratch_;
  Observer observer_;
};

}  // namespace kizu::pipeline
