#include "quality/instruments.h"

#include <gtest/gtest.h>

#include "core/error.h"
#include "core/scratch_folder.h"
#include "features/plain_network.h"
#include "features/squeezenet.h"
#include "tensor/convert.h"

namespace kizu::quality {
namespace {

class InstrumentsTest : public testing::Test {
 protected:
  void SetUp() override {
    write_tensors(folder_ / "squeeze.safetensors",
                  state_of(features::SqueezeNet(features::SqueezeNet::Make::kTorchvision, 4)));
    const auto alexnet = features::PlainNetwork::alexnet();
    write_tensors(folder_ / "alex.safetensors", state_of(*alexnet));
    NamedTensors heads;
    int i = 0;
    for (const auto count : alexnet->channels())
      heads["lin" + std::to_string(i++) + ".model.1.weight"] = torch::ones({1, count, 1, 1});
    write_tensors(heads_ / "alex_heads.safetensors", heads);
  }
  ScratchFolder folder_, heads_;
};

TEST_F(InstrumentsTest, AFolderGivesAllNetworksAndHeadsJoinTheirs) {
  const auto all = Instruments::open({folder_.path()}, {heads_ / "alex_heads.safetensors"});
  ASSERT_EQ(all.networks.size(), 2U);
  EXPECT_EQ(all.networks[0].network->name(), "AlexNet (torchvision)");
  ASSERT_EQ(all.distances.size(), 2U);
  EXPECT_EQ(all.distances[0].name, "LPIPS v0.1 on AlexNet (torchvision)");
  EXPECT_EQ(all.classifier()->network->name(), "SqueezeNet 1.1 (torchvision)");
  EXPECT_TRUE(all.missing.empty());
  EXPECT_EQ(all.describe()["networks"][1]["file"], "squeeze.safetensors");
}

TEST_F(InstrumentsTest, WithoutFilesItSaysWhatIsMissingAndTheOption) {
  const auto none = Instruments::open({}, {});
  EXPECT_EQ(none.distances.size(), 1U);
  ASSERT_EQ(none.missing.size(), 2U);
  EXPECT_NE(none.missing[0].find("--features"), std::string::npos);
  EXPECT_NE(none.missing[1].find("--lpips"), std::string::npos);
}

TEST_F(InstrumentsTest, AWrongFileIsNamed) {
  const auto wrong = [&](std::vector<std::filesystem::path> features,
                         std::vector<std::filesystem::path> lpips) {
    return message_of<Error>([&] { Instruments::open(features, lpips); });
  };
  EXPECT_NE(wrong({folder_ / "none"}, {}).find("none"), std::string::npos);
  EXPECT_NE(wrong({heads_ / "alex_heads.safetensors"}, {}).find("alex_heads"), std::string::npos);
  EXPECT_NE(wrong({folder_ / "squeeze.safetensors"}, {heads_ / "alex_heads.safetensors"}).find("alex_heads"),
            std::string::npos);
  EXPECT_NE(wrong({}, {folder_ / "alex.safetensors"}).find("--lpips"), std::string::npos);
}

}  // namespace
}  // namespace kizu::quality
