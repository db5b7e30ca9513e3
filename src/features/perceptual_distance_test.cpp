#include "features/perceptual_distance.h"

#include <gtest/gtest.h>

#include "core/error.h"
#include "core/scratch_folder.h"
#include "features/plain_network.h"
#include "features/squeezenet.h"
#include "tensor/convert.h"
#include "tensor/noise.h"

namespace kizu::features {
namespace {

namespace fs = std::filesystem;

/// Its one layer is the picture's first two channels.
class TwoChannels : public FeatureNetwork {
 public:
  std::string name() const override { return "two channels"; }
  std::vector<torch::Tensor> layers(const torch::Tensor& image_01) override {
    return {image_01.slice(1, 0, 2)};
  }
  std::vector<int64_t> channels() const override { return {2}; }
};

torch::Tensor pixels(std::vector<float> values) {  // three channels of 1 x 2
  return torch::tensor(values).view({3, 1, 2});
}

TEST(PerceptualDistance, IsWhatOneComputesByHand) {
  const PerceptualDistance distance(std::make_shared<TwoChannels>(), {torch::tensor({1.0F, 2.0F})});
  // The first position turns from (.6, .8) to (.8, .6), the second stays what it is but for its length.
  const auto a = pixels({0.3F, 0.5F, 0.4F, 0.0F, 0, 0}), b = pixels({0.4F, 0.9F, 0.3F, 0.0F, 1, 1});
  EXPECT_NEAR(distance.between(a, b), (1 * 0.04 + 2 * 0.04) / 2, 1e-6);
  EXPECT_EQ(distance.between(a, a), 0);
  EXPECT_NEAR(distance.between(a, b), distance.between(b, a), 1e-9);
}

TEST(PerceptualDistance, GrowsWithTheDifference) {
  const auto network = PlainNetwork::alexnet();
  Heads heads;
  for (const auto count : network->channels()) heads.push_back(torch::ones({count}));
  const PerceptualDistance distance(network, heads);
  const auto a = NoiseStream(1).uniform_tensor({3, 64, 64}), b = NoiseStream(2).uniform_tensor({3, 64, 64});
  EXPECT_EQ(distance.between(a, a), 0);
  const double near = distance.between(a, 0.9 * a + 0.1 * b), far = distance.between(a, b);
  EXPECT_GT(near, 0);
  EXPECT_GT(far, 2 * near);
}

TEST(PerceptualDistance, HeadsOfAnotherNetworkAreNotTaken) {
  const ScratchFolder folder;
  NamedTensors heads;
  int i = 0;
  for (const auto count : PlainNetwork::alexnet()->channels())
    heads["lin" + std::to_string(i++) + ".model.1.weight"] = torch::ones({1, count, 1, 1});
  write_tensors(folder / "alex", heads);
  EXPECT_EQ(read_heads(folder / "alex", *PlainNetwork::alexnet()).size(), 5U);
  EXPECT_TRUE(read_heads(folder / "alex", SqueezeNet(SqueezeNet::Make::kTorchvision)).empty());
  heads["lin3.model.1.weight"][0][7] = -1;
  write_tensors(folder / "alex", heads);
  EXPECT_THROW(read_heads(folder / "alex", *PlainNetwork::alexnet()), Error);
  write_tensors(folder / "alex", {{"x", torch::ones({2})}});
  EXPECT_THROW(read_heads(folder / "alex", *PlainNetwork::alexnet()), Error);
}

TEST(PerceptualDistance, PublishedHeadsAreReadFromBothKindsOfFile) {
  const auto folder =
      (fs::path(__FILE__).parent_path() / "../../../shared/weights/lpips_linear").lexically_normal();
  if (!fs::exists(folder)) GTEST_SKIP() << "no weights at " << folder;
  const auto squeeze = std::make_shared<SqueezeNet>(SqueezeNet::Make::kTorchvision);
  const std::vector<std::pair<std::string, std::shared_ptr<FeatureNetwork>>> all{
      {"alex", PlainNetwork::alexnet()}, {"vgg", PlainNetwork::vgg16()}, {"squeeze", squeeze}};
  for (const auto& [name, network] : all) {
    const auto published = read_heads(folder / ("lpips_v0.1_" + name + ".pth"), *network);
    const auto together = read_heads(folder / "lpips_v0.1_linear.safetensors", *network);
    ASSERT_EQ(published.size(), network->channels().size()) << name;
    for (size_t i = 0; i < published.size(); i++) EXPECT_TRUE(published[i].equal(together[i])) << name << i;
  }
}

}  // namespace
}  // namespace kizu::features
