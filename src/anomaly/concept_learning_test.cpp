#include "anomaly/concept_learning.h"

#include <gtest/gtest.h>

#include "anomaly/concept_generation.h"
#include "anomaly/saved_pair.h"
#include "core/error.h"
#include "core/input_file.h"
#include "core/scratch_folder.h"
#include "image/codec.h"
#include "image/decode.h"
#include "ldm/tiny_latent.h"

namespace kizu::anomaly {
namespace {

// A base of the published kind that costs next to nothing.
ldm::LatentDiffusion tiny_base() {
  auto config = ldm::tiny_latent(ldm::BaseFamily::kLdmBert);
  config.unet.channel_mult = {1};
  config.unet.attention_resolutions = {1};
  return ldm::LatentDiffusion::create(config, 3);
}

ConceptShot shot(const std::string& name, int seed) {
  ConceptShot shot{name, Image::blank(40, 40, 3), Image::blank(40, 40, 1)};
  NoiseStream grain(seed);
  for (auto& value : shot.image.values) value = static_cast<std::uint16_t>(100 + grain.below(60));
  for (int y = 10; y < 22; y++)
    for (int x = 12; x < 30; x++) shot.mask.at(x, y) = 255;
  return shot;
}

ConceptLearningOptions quick(Preset preset = Preset::improved()) {
  ConceptLearningOptions options;
  options.preset = preset;
  options.preset.steps = options.preset.mask_steps = 4;
  options.preset.batch = 2;
  options.preset.sampler_steps = options.preset.mask_sampler_steps = 4;
  options.preset.small_spatial_encoder = true;
  options.side = 64;
  return options;
}

struct StopsAfter : Observer {
  explicit StopsAfter(int steps) : left(steps) {}
  bool wants_stop() override { return --left == 0; }
  int left;
};

bool same(const NamedTensors& a, const NamedTensors& b) {
  if (a.size() != b.size()) return false;
  for (const auto& [name, tensor] : a)
    if (b.count(name) == 0 || !torch::equal(tensor, b.at(name))) return false;
  return true;
}

const std::vector<ConceptShot>& two_concepts() {
  static const std::vector<ConceptShot> shots = {shot("nut+dent", 1), shot("nut+dent", 2),
                                                 shot("bolt+rust", 3)};
  return shots;
}

TEST(LearnAnomalies, learns_each_concept_and_one_encoder_and_leaves_the_base_alone) {
  auto base = tiny_base();
  const auto before = state_of(*base.unet);
  NamedTensors copies;
  for (const auto& [name, tensor] : before) copies[name] = tensor.clone();
  const ScratchFolder folder;
  Observer observer;
  const auto learned = learn_anomalies(base, two_concepts(), {}, quick(), folder.path(), observer);
  ASSERT_EQ(learned.anomalies.size(), 2u);
  const auto& dent = learned.anomalies.at("nut+dent");
  EXPECT_EQ(dent.size(0), 8);
  EXPECT_FALSE(torch::equal(dent, learned.anomalies.at("bolt+rust")));
  EXPECT_FALSE(torch::equal(dent[0], dent[1]));
  EXPECT_FALSE(learned.spatial.empty());
  EXPECT_TRUE(same(copies, state_of(*base.unet)));
}

TEST(LearnAnomalies, goes_on_to_the_same_bytes_when_it_was_stopped) {
  auto base = tiny_base();
  const ScratchFolder once, twice;
  Observer patient;
  StopsAfter impatient(2);
  auto options = quick();
  options.save_every = 3;
  const auto whole = learn_anomalies(base, two_concepts(), {}, options, once.path(), patient);
  EXPECT_THROW(learn_anomalies(base, two_concepts(), {}, options, twice.path(), impatient), Interrupted);
  const auto resumed = learn_anomalies(base, two_concepts(), {}, options, twice.path(), patient);
  EXPECT_TRUE(same(whole.anomalies, resumed.anomalies));
  EXPECT_TRUE(same(whole.spatial, resumed.spatial));
}

Image painted(ldm::LatentDiffusion& base, const LearnedConcepts& learned, const Preset& preset) {
  const auto from = shot("nut+dent", 9);
  const std::vector<PaintRequest> requests = {{"nut+dent", from.image, from.mask, 5}};
  const auto context = paint_context(base, learned, learned.spatial_encoder(), requests, preset);
  return paint_pairs(base, context, requests, 64, preset).at(0).image;
}

TEST(LearnAnomalies, a_concept_added_later_changes_no_byte_of_the_others) {
  for (const auto& preset : {Preset::improved(), Preset::reference()}) {
    auto base = tiny_base();
    const ScratchFolder first, second;
    Observer observer;
    const auto options = quick(preset);
    const auto before = learn_anomalies(base, two_concepts(), {}, options, first.path(), observer);
    const auto after = learn_anomalies(base, {shot("nut+hole", 4)}, before, options, second.path(), observer);
    ASSERT_EQ(after.anomalies.count("nut+hole"), 1u);
    EXPECT_TRUE(same(before.spatial, after.spatial));
    EXPECT_EQ(painted(base, before, options.preset).values, painted(base, after, options.preset).values);
    const auto start = after.anomalies.at("nut+hole");
    EXPECT_FALSE(torch::equal(start[0], start[1])) << "the new embedding has not learned";
  }
}

TEST(LearnAnomalies, refuses_a_concept_that_is_known) {
  auto base = tiny_base();
  const ScratchFolder folder;
  Observer observer;
  LearnedConcepts known;
  known.anomalies["nut+dent"] = torch::zeros({8, 16});
  EXPECT_THROW(learn_anomalies(base, two_concepts(), known, quick(), folder.path(), observer), Error);
  EXPECT_THROW(learn_anomalies(base, {}, {}, quick(), folder.path(), observer), Error);
}

TEST(LearnMasks, learns_one_embedding_for_each_concept) {
  auto base = tiny_base();
  const ScratchFolder folder;
  Observer observer;
  const auto learned = learn_masks(base, two_concepts(), {}, quick(Preset::paper()), folder.path(), observer);
  ASSERT_EQ(learned.masks.size(), 2u);
  EXPECT_EQ(learned.masks.at("bolt+rust").size(0), 4);
}

TEST(SampleMasks, needs_no_text_encoder_once_the_contexts_are_known) {
  auto base = tiny_base();
  const ScratchFolder folder;
  Observer observer;
  WorkerPool pool(2);
  const auto options = quick(Preset::paper());
  const auto learned = learn_masks(base, two_concepts(), {}, options, folder.path(), observer);
  const MaskContexts contexts(base, learned, {"nut+dent"}, options.preset, pool);
  EXPECT_THROW(MaskContexts(base, learned, {"nut+hole"}, options.preset, pool), Error);
  // The caption is drawn and encoded as if it were the only one.
  NoiseStream words(7);
  const auto ids = draw_captions(base.config.text, nullptr, options.preset.caption, 1, words);
  Concepts known;
  known.embeddings = learned.masks;
  EXPECT_TRUE(torch::equal(contexts.draw("nut+dent", NoiseStream(7)).tokens,
                           context_of(base.text, ids, known.inserted({"nut+dent"}, {})).tokens));
  base.release_text();
  EXPECT_EQ(sample_masks(base, contexts, "nut+dent", 64, 1, 0, options.preset, pool).size(),
            static_cast<size_t>(kMaskBatch));
}

TEST(LearnedConcepts, are_learned_and_painted_in_whatever_type_the_base_computes) {
  auto base = tiny_base();
  base.to(torch::kCPU, torch::kFloat64);
  Observer observer;
  WorkerPool pool(1);
  for (const auto& preset : {Preset::paper(), Preset::reference()}) {
    const ScratchFolder own;
    const auto options = quick(preset);
    auto learned = learn_anomalies(base, two_concepts(), {}, options, own.path(), observer);
    learned = learn_masks(base, two_concepts(), learned, options, own.path(), observer);
    EXPECT_EQ(learned.anomalies.at("nut+dent").scalar_type(), torch::kFloat32);
    const MaskContexts contexts(base, learned, {"nut+dent"}, options.preset, pool);
    EXPECT_NO_THROW(sample_masks(base, contexts, "nut+dent", 64, 1, 0, options.preset, pool));
    EXPECT_EQ(painted(base, learned, options.preset).width, 64);
  }
}

TEST(LearnedConcepts, are_learned_and_painted_on_a_gpu_as_on_the_cpu) {
  if (!torch::cuda::is_available()) GTEST_SKIP() << "no CUDA device";
  Observer observer;
  const auto options = quick();
  std::vector<Image> pictures;
  for (const torch::Device device : {torch::kCPU, torch::kCUDA}) {
    const ScratchFolder own;
    auto base = tiny_base();
    base.to(device, torch::kFloat32);
    const auto learned = learn_anomalies(base, two_concepts(), {}, options, own.path(), observer);
    pictures.push_back(painted(base, learned, options.preset));
  }
  double difference = 0;
  for (size_t i = 0; i < pictures[0].values.size(); i++)
    difference += std::abs(int{pictures[0].values[i]} - int{pictures[1].values[i]});
  EXPECT_LT(difference / static_cast<double>(pictures[0].values.size()), 1.0);  // of 255
}

TEST(LearnedConcepts, come_back_from_their_file_and_know_their_base) {
  auto base = tiny_base();
  const ScratchFolder folder;
  Observer observer;
  auto learned = learn_anomalies(base, two_concepts(), {}, quick(), folder.path(), observer);
  learned.metadata["base"] = "abc";
  const auto file = folder.path() / "concepts.safetensors";
  learned.write(file);
  const auto back = LearnedConcepts::read(file);
  EXPECT_TRUE(same(learned.anomalies, back.anomalies));
  EXPECT_TRUE(same(learned.spatial, back.spatial));
  EXPECT_EQ(back.metadata.at("preset"), "improved");
  EXPECT_NO_THROW(back.check_fits(16, "abc"));
  EXPECT_THROW(back.check_fits(16, "abd"), Error);
  EXPECT_THROW(back.check_fits(1280, "abc"), Error);
}

TEST(PaintPairs, composited_photos_keep_what_is_far_from_the_mask) {
  auto base = tiny_base();
  const ScratchFolder folder;
  Observer observer;
  const auto options = quick();
  const auto learned = learn_anomalies(base, two_concepts(), {}, options, folder.path(), observer);
  const auto good = shot("nut+dent", 9).image;
  const auto image = painted(base, learned, options.preset);
  ASSERT_EQ(image.width, good.width);
  EXPECT_EQ(image.at(2, 35, 1), good.at(2, 35, 1));
  EXPECT_NE(image.values, good.values);
}

TEST(WritePicture, says_in_either_format_that_it_is_no_photo) {
  if (!can_decode()) GTEST_SKIP() << "built without OpenCV, which makes JPEG files";
  const ScratchFolder folder;
  const auto image = shot("nut+dent", 1).image;
  for (const auto& preset : {Preset::reference(), Preset::improved()}) {
    const auto file = write_picture(folder / "a", image, preset, {{"Source", "Synthetic"}});
    EXPECT_NE(read_file(file).find("Synthetic"), std::string::npos) << file;
    EXPECT_EQ(read_image(file).width, image.width);
  }
}

TEST(WriteMask, is_jpeg_only_where_the_preset_says_so) {
  if (!can_decode()) GTEST_SKIP() << "built without OpenCV, which makes JPEG files";
  const ScratchFolder folder;
  Mask mask = Mask::blank(32, 32);
  for (int y = 8; y < 24; y++)
    for (int x = 8; x < 24; x++) mask.at(x, y) = 1;
  const auto published = write_mask(folder / "a", mask, Preset::reference());
  const auto lossless = write_mask(folder / "a", mask, Preset::paper());
  EXPECT_EQ(published.extension(), ".jpg");
  EXPECT_EQ(lossless.extension(), ".png");
  EXPECT_EQ(read_mask(lossless).values, mask.values);
  EXPECT_NEAR(static_cast<double>(area(read_mask(published))), static_cast<double>(area(mask)), 20);
}

}  // namespace
}  // namespace kizu::anomaly
