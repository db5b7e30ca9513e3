#include "tensor/convert.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <limits>

#include "core/error.h"
#include "core/scratch_folder.h"

namespace kizu {
namespace {

using testing::HasSubstr;

/// Every value of the depth once (as far as there are pixels), in one or three channels.
Image every_value(int channels, int depth) {
  const int side = depth == 16 ? 256 : 16;
  Image image = Image::blank(side, side, channels, depth);
  for (std::size_t i = 0; i < image.values.size(); i++) {
    const std::size_t pixel = i / channels, shift = i % channels * 77;
    image.values[i] = static_cast<std::uint16_t>((pixel + shift) % (image.max_value() + 1));
  }
  return image;
}

TEST(Convert, EveryValueOfEveryDepthComesBack) {
  for (const int channels : {1, 3})
    for (const int depth : {8, 16}) {
      const Image image = every_value(channels, depth);
      EXPECT_EQ(from_pm1(to_pm1(image), channels, depth).values, image.values) << channels << " " << depth;
      EXPECT_EQ(from_01(to_01(image), channels, depth).values, image.values) << channels << " " << depth;
    }
}

TEST(Convert, PicturesBecomePlanesInRange) {
  const Image image{2, 1, 3, 8, {0, 51, 255, 255, 102, 0}};
  const auto tensor = to_pm1(image);
  EXPECT_EQ(tensor.sizes(), (torch::IntArrayRef{3, 1, 2}));
  EXPECT_FLOAT_EQ(tensor[0][0][0].item<float>(), -1);
  EXPECT_FLOAT_EQ(tensor[0][0][1].item<float>(), 1);
  EXPECT_FLOAT_EQ(tensor[1][0][0].item<float>(), -0.6f);
  EXPECT_FLOAT_EQ(to_01(image)[1][0][1].item<float>(), 0.4f);
  const auto grey = to_01(Image{1, 1, 1, 16, {65535}});
  EXPECT_TRUE(grey.equal(torch::ones({3, 1, 1})));
}

TEST(Convert, ValuesAreClampedRoundedAndNeverUndefined) {
  const auto values = torch::tensor(
      {-5.0f, 0.5f, 7.0f, std::numeric_limits<float>::quiet_NaN(), std::numeric_limits<float>::infinity()});
  const Image image = from_01(values.view({1, 1, 5}).expand({3, 1, 5}), 1, 8);
  EXPECT_EQ(image.values, (std::vector<std::uint16_t>{0, 128, 255, 0, 255}));
  EXPECT_EQ(from_pm1(torch::zeros({3, 1, 1}, torch::kFloat64), 3, 16).values,
            (std::vector<std::uint16_t>{32768, 32768, 32768}));
  EXPECT_THROW(from_01(torch::zeros({1, 3, 2, 2}), 3, 8), c10::Error);
}

TEST(Convert, GreyIsTheMeanOfTheChannels) {
  const auto rgb = torch::tensor({0.0f, 0.3f, 0.9f}).view({3, 1, 1});
  EXPECT_EQ(from_01(rgb, 1, 8).values[0], 102);
}

TEST(Convert, MasksComeBack) {
  Mask mask = Mask::blank(3, 2);
  mask.at(2, 1) = 1;
  mask.at(0, 0) = 1;
  const auto tensor = to_tensor(mask);
  EXPECT_EQ(tensor.sizes(), (torch::IntArrayRef{1, 2, 3}));
  EXPECT_EQ(tensor.sum().item<float>(), 2);
  EXPECT_EQ(to_mask(tensor).values, mask.values);
  EXPECT_EQ(to_mask(torch::tensor({0.49f, 0.5f}).view({1, 1, 2})).values, (std::vector<std::uint8_t>{0, 1}));
}

TEST(Convert, TensorsOfEveryTypeGoThroughAFile) {
  ScratchFolder folder;
  NamedTensors tensors;
  for (const auto type : {torch::kFloat64, torch::kFloat32, torch::kFloat16, torch::kBFloat16, torch::kInt64,
                          torch::kInt32, torch::kInt16, torch::kInt8, torch::kUInt8, torch::kBool})
    tensors[c10::toString(type)] = torch::tensor({0.0, 1.0, 2.5, 100.0}).view({2, 2}).to(type);
  tensors["scalar"] = torch::tensor(3.25);
  tensors["empty"] = torch::empty({0, 5});
  tensors["strided"] = torch::arange(6).view({2, 3}).t();
  write_tensors(folder / "a.safetensors", tensors, {{"made by", "test"}});
  const NamedTensors back = read_tensors(folder / "a.safetensors");
  ASSERT_EQ(back.size(), tensors.size());
  for (const auto& [name, tensor] : tensors) {
    EXPECT_EQ(back.at(name).scalar_type(), tensor.scalar_type()) << name;
    EXPECT_TRUE(back.at(name).equal(tensor)) << name;
  }
  EXPECT_EQ(Safetensors::read(folder / "a.safetensors").metadata.at("made by"), "test");
}

TEST(Convert, HalfPrecisionIsWidenedOnRequestOnly) {
  // 1.5 is 0x3E00 in half and 0x3FC0 in bfloat16
  const RawTensor half{Dtype::F16, {1}, {0x00, 0x3E}}, brain{Dtype::BF16, {1}, {0xC0, 0x3F}};
  EXPECT_EQ(to_tensor(half).scalar_type(), torch::kFloat16);
  for (const RawTensor& raw : {half, brain}) {
    const auto wide = to_tensor(raw, true);
    EXPECT_EQ(wide.scalar_type(), torch::kFloat32);
    EXPECT_EQ(wide.item<float>(), 1.5f);
  }
  EXPECT_EQ(to_tensor(RawTensor{Dtype::I16, {1}, {1, 0}}, true).scalar_type(), torch::kInt16);
}

TEST(Convert, ABoolThatIsNeitherZeroNorOneBecomesTrue) {
  const auto flags = to_tensor(RawTensor{Dtype::Bool, {3}, {0, 7, 1}});
  EXPECT_TRUE(flags.equal(torch::tensor({false, true, true})));
}

struct Net : torch::nn::Module {
  Net() {
    layer = register_module("layer", torch::nn::Linear(3, 2));
    norm = register_module("norm", torch::nn::BatchNorm1d(2));
  }
  torch::nn::Linear layer{nullptr};
  torch::nn::BatchNorm1d norm{nullptr};
};

TEST(State, GoesFromOneNetworkToAnother) {
  Net a, b;
  a.norm->running_mean.fill_(3);
  ASSERT_FALSE(a.layer->weight.equal(b.layer->weight));
  const NamedTensors state = state_of(a, "net.");
  EXPECT_EQ(state.count("net.layer.weight"), 1u);
  EXPECT_EQ(state.count("net.norm.running_mean"), 1u);
  EXPECT_FALSE(state.at("net.layer.weight").requires_grad());
  NamedTensors file = state;
  file["other.weight"] = torch::zeros({1});  // another prefix is another network's
  load_state(b, file, "net.", "a.safetensors");
  EXPECT_TRUE(a.layer->weight.equal(b.layer->weight));
  EXPECT_TRUE(a.norm->running_mean.equal(b.norm->running_mean));
  EXPECT_TRUE(b.layer->weight.requires_grad());
}

TEST(State, EveryMismatchIsListed) {
  Net net;
  NamedTensors state = state_of(net);
  const auto before = net.layer->bias.clone();
  state["layer.bias"] = torch::full({2}, 9.0f);
  state["layer.weight"] = torch::zeros({3, 2});
  state.erase("norm.weight");
  state["strange"] = torch::zeros({1});
  const std::string message = message_of<Error>([&] { load_state(net, state, "", "a.safetensors"); });
  EXPECT_THAT(message, HasSubstr("a.safetensors"));
  EXPECT_THAT(message, HasSubstr("1 missing: norm.weight"));
  EXPECT_THAT(message, HasSubstr("1 unknown: strange"));
  EXPECT_THAT(message, HasSubstr("layer.weight [3, 2] for [2, 3]"));
  EXPECT_TRUE(net.layer->bias.equal(before));  // nothing was loaded
}

TEST(State, HalfPrecisionFilesLoadIntoFloatNetworks) {
  Net a, b;
  NamedTensors state = state_of(a);
  for (auto& [name, tensor] : state)
    if (tensor.is_floating_point()) tensor = tensor.to(torch::kFloat16);
  load_state(b, state, "", "a");
  EXPECT_EQ(b.layer->weight.scalar_type(), torch::kFloat32);
  EXPECT_TRUE(b.layer->weight.allclose(a.layer->weight, 1e-2, 1e-3));
}

}  // namespace
}  // namespace kizu
