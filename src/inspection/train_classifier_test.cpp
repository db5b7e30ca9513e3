#include "inspection/train_classifier.h"

#include <gtest/gtest.h>

#include "core/error.h"
#include "core/scratch_folder.h"
#include "core/sha256.h"
#include "tensor/convert.h"
#include "tensor/noise.h"

namespace kizu::inspection {
namespace {

/// Red and green noise.
LabelledSet two_colours(int64_t each, uint64_t seed) {
  LabelledSet set;
  set.classes = 2;
  for (int64_t i = 0; i < 2 * each; i++) {
    auto image = NoiseStream(mix(seed, "picture", i)).uniform_tensor({3, 32, 32}) * 0.5;
    image[i % 2] += 0.5;
    set.images.push_back((image * 255).to(torch::kUInt8));
    set.labels.push_back(i % 2);
  }
  return set;
}

ClassifyOptions quick() {
  ClassifyOptions options;
  options.side = 32;
  options.steps = 8;
  options.batch = 4;
  options.rate = 1e-3;
  options.checkpoint_every = 3;
  return options;
}

class StopsAfter : public Observer {
 public:
  explicit StopsAfter(int steps) : left_(steps) {}
  bool wants_stop() override { return --left_ == 0; }

 private:
  int left_;
};

TEST(Classifier, TellsUnseenPicturesApart) {
  const ScratchFolder folder;
  Observer silent;
  auto options = quick();
  options.steps = 30;
  const auto outcome = train_classifier(two_colours(8, 1), options, folder.path(), silent);
  EXPECT_LT(outcome.loss.back().second, 0.3 * outcome.loss.front().second);
  features::ResNet34 network(2);
  load_state(network, read_tensors(outcome.file), "", "test");
  const auto unseen = two_colours(6, 2);
  EXPECT_EQ(classify(network, unseen.images), unseen.labels);
}

TEST(Classifier, StoppedAndResumedEqualsUndisturbed) {
  const ScratchFolder folder, other;
  Observer silent;
  const auto set = two_colours(4, 1);
  const auto undisturbed = sha256_file(train_classifier(set, quick(), folder.path(), silent).file);
  StopsAfter stop(4);
  EXPECT_THROW(train_classifier(set, quick(), other.path(), stop), Interrupted);
  EXPECT_EQ(sha256_file(train_classifier(set, quick(), other.path(), silent).file), undisturbed);
  EXPECT_FALSE(std::filesystem::exists(other / "classifier.checkpoint.safetensors"));
}

TEST(Classifier, BeginsWithGivenWeights) {
  const ScratchFolder folder, other;
  Observer silent;
  features::ResNet34 trained(10);
  trained.draw_weights(77);
  write_tensors(folder / "resnet34.safetensors", state_of(trained));
  auto options = quick();
  options.steps = 1;
  options.rate = 1e-8;
  options.resnet = folder / "resnet34.safetensors";
  const auto outcome = train_classifier(two_colours(2, 1), options, other.path(), silent);
  const auto weights = read_tensors(outcome.file).at("layer3.1.conv1.weight");
  EXPECT_TRUE(weights.allclose(state_of(trained).at("layer3.1.conv1.weight"), 0, 1e-6));
}

TEST(Classifier, WrongUseIsNamed) {
  const ScratchFolder folder;
  Observer silent;
  auto options = quick();
  options.side = 8;
  EXPECT_NE(message_of<Error>([&] { options.check(); }).find("--classify-side"), std::string::npos);
  LabelledSet one = two_colours(2, 1);
  one.classes = 1;
  EXPECT_THROW(train_classifier(one, quick(), folder.path(), silent), Error);
  EXPECT_EQ(ClassifyOptions::published_steps(500 * 4, 8), 37500);
}

}  // namespace
}  // namespace kizu::inspection
