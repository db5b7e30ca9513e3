#include "pretraining/pretrain.h"

#include <gtest/gtest.h>

#include "core/error.h"
#include "core/input_file.h"
#include "core/scratch_folder.h"
#include "ldm/tiny_model.h"

namespace kizu::pretraining {
namespace {

PretrainOptions tiny() {
  PretrainOptions options;
  options.config = ldm::tiny_config();
  options.pictures = 8;
  options.autoencoder_steps = 3;
  options.autoencoder_batch = 4;
  options.unet_steps = 4;  // the last two are of the wide share: one of them sees a whole picture
  options.unet_batch = 8;
  options.wide_share = 0.5;
  options.shards = 2;
  options.workers = 2;
  return options;
}

// Stops the job when it has asked `after` times, and counts how much it did.
struct Impatient : Observer {
  explicit Impatient(int after = -1) : after_(after) {}
  bool wants_stop() override { return ++asked_ == after_; }
  int after_, asked_ = 0;
};

const std::vector<std::string> kFiles{"model.json", "autoencoder.safetensors", "unet.safetensors"};

std::vector<std::string> model_bytes(const ScratchFolder& folder) {
  std::vector<std::string> bytes;
  for (const auto& file : kFiles) bytes.push_back(read_file(folder / "base" / "model" / file));
  return bytes;
}

void run(const ScratchFolder& folder, const PretrainOptions& options, Observer& observer) {
  pretrain(options, folder / "base", observer);
}

TEST(Pretrain, GoesOnAfterInterruptionsToTheSameBytes) {
  const ScratchFolder whole, cut;
  Impatient patient;
  run(whole, tiny(), patient);
  for (const auto* sheet : {"autoencoder.png", "unet.png"})
    EXPECT_GT(std::filesystem::file_size(whole / "base" / sheet), 1000u);

  // Asked once for the pictures, 3 times by the autoencoder, once for the latents, 4 times by the U-Net.
  ASSERT_EQ(patient.asked_, 9);
  for (const int after : {3, 5}) {  // after two steps of the autoencoder; two of the U-Net
    Impatient observer(after);
    EXPECT_THROW(run(cut, tiny(), observer), Interrupted);
    EXPECT_FALSE(std::filesystem::exists(cut / "base" / "model"));
  }
  auto one_worker = tiny();
  one_worker.workers = 1;
  Impatient last;
  run(cut, one_worker, last);
  EXPECT_EQ(last.asked_, 4) << "began again instead of going on";
  const auto expected = model_bytes(whole), got = model_bytes(cut);
  for (size_t i = 0; i < kFiles.size(); i++) EXPECT_EQ(expected[i] == got[i], true) << kFiles[i];

  // What was written is a base of that shape that has learned something; complete, it is left alone.
  const auto model = ldm::CompactModel::load(cut / "base" / "model");
  const auto untrained = ldm::weights_of(ldm::CompactModel::create(tiny().config, tiny().seed));
  for (const auto& [name, tensor] : ldm::weights_of(model)) {
    EXPECT_TRUE(tensor.isfinite().all().item<bool>()) << name;
  }
  for (const auto* name : {"unet.out.weight", "autoencoder.encoder.1.weight"})
    EXPECT_FALSE(ldm::weights_of(model).at(name).allclose(untrained.at(name), 1e-3, 1e-6)) << name;
  Impatient again;
  run(cut, tiny(), again);
  EXPECT_EQ(again.asked_, 0);
}

TEST(Pretrain, DrawnPicturesDependOnTheSeedAlone) {
  Observer silent;
  const auto a = draw_triples(8, 3, 1, silent), b = draw_triples(8, 3, 2, silent),
             c = draw_triples(8, 4, 2, silent);
  EXPECT_TRUE(a.normal.equal(b.normal) && a.flawed.equal(b.flawed) && a.mask.equal(b.mask));
  EXPECT_FALSE(a.normal.equal(c.normal));
  for (int i = 0; i < 8; i++) EXPECT_GT(a.mask[i].count_nonzero().item<int64_t>(), 0) << i;
}

TEST(Pretrain, OptionsOutOfRangeAreNamed) {
  const auto complaint = [](const std::function<void(PretrainOptions&)>& change) {
    auto options = tiny();
    change(options);
    return message_of<Error>([&] { options.check(); });
  };
  EXPECT_EQ(complaint([](PretrainOptions&) {}), "");
  const std::vector<std::pair<std::string, std::function<void(PretrainOptions&)>>> cases{
      {"--pictures", [](PretrainOptions& o) { o.pictures = 7; }},
      {"--autoencoder-batch", [](PretrainOptions& o) { o.autoencoder_batch = 5; }},
      {"--autoencoder-batch", [](PretrainOptions& o) { o.autoencoder_batch = 0; }},
      {"--unet-batch", [](PretrainOptions& o) { o.unet_batch = 6; }},
      {"--unet-steps", [](PretrainOptions& o) { o.unet_steps = 0; }},
      {"--autoencoder-steps", [](PretrainOptions& o) { o.autoencoder_steps = 0; }},
      {"--wide-share", [](PretrainOptions& o) { o.wide_share = 1.5; }},
      {"--bf16", [](PretrainOptions& o) { o.bf16 = true; }},
      {"--checkpoint-every", [](PretrainOptions& o) { o.checkpoint_every = 0; }}};
  for (const auto& [option, change] : cases) {
    const auto said = complaint(change);
    EXPECT_EQ(said.rfind(option + ":", 0), 0u) << option << " / " << said;
  }
}

}  // namespace
}  // namespace kizu::pretraining
