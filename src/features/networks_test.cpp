// The networks under the names of their files; with the real SqueezeNet of ../shared/weights where it is.
#include <gtest/gtest.h>

#include <set>

#include "core/atomic_file.h"
#include "core/error.h"
#include "core/json.h"
#include "core/scratch_folder.h"
#include "features/plain_network.h"
#include "features/resnet.h"
#include "features/squeezenet.h"
#include "image/codec.h"
#include "tensor/convert.h"
#include "tensor/noise.h"
#include "weights/pickle_writer.h"
#include "weights/zip_writer.h"

namespace kizu::features {
namespace {

namespace fs = std::filesystem;

fs::path shared(const std::string& name) {
  return (fs::path(__FILE__).parent_path() / "../../../shared" / name).lexically_normal();
}

int64_t elements(const torch::nn::Module& network) {
  int64_t sum = 0;
  for (const auto& parameter : network.parameters()) sum += parameter.numel();
  return sum;
}

void draw(torch::nn::Module& network) {
  const torch::NoGradGuard no_grad;
  for (auto& item : network.named_parameters()) {
    auto value = item.value();
    value.copy_(NoiseStream(mix(5, item.key())).normal(value.sizes()).mul_(0.1));
  }
}

torch::Tensor picture(uint64_t seed, int64_t side = 64) {
  return NoiseStream(seed).uniform_tensor({1, 3, side, side});
}

TEST(Networks, HaveAsManyWeightsAsPublished) {
  EXPECT_EQ(elements(SqueezeNet(SqueezeNet::Make::kTorchvision)), 1235496);
  EXPECT_EQ(elements(SqueezeNet(SqueezeNet::Make::kCaffe)), 1235496);
  EXPECT_EQ(elements(*PlainNetwork::alexnet()), 2469696);
  EXPECT_EQ(elements(*PlainNetwork::vgg16()), 14714688);
  EXPECT_EQ(elements(ResNet34(1000)), 21797672);
}

TEST(Networks, LayersHaveTheChannelsAndSizesThatLpipsLooksAt) {
  SqueezeNet squeeze(SqueezeNet::Make::kTorchvision);
  std::vector<int64_t> sides;
  for (const auto& layer : squeeze.layers(picture(1, 227))) sides.push_back(layer.size(3));
  EXPECT_EQ(sides, (std::vector<int64_t>{113, 56, 28, 14, 14, 14, 14}));
  sides.clear();
  for (const auto& layer : PlainNetwork::vgg16()->layers(picture(1, 64))) sides.push_back(layer.size(3));
  EXPECT_EQ(sides, (std::vector<int64_t>{64, 32, 16, 8, 4}));
  sides.clear();
  for (const auto& layer : PlainNetwork::alexnet()->layers(picture(1, 224))) sides.push_back(layer.size(3));
  EXPECT_EQ(sides, (std::vector<int64_t>{55, 27, 13, 13, 13}));
}

TEST(Networks, ComeBackFromAFileThatIsToldByItsNames) {
  const ScratchFolder folder;
  const std::vector<std::shared_ptr<FeatureNetwork>> networks{
      std::make_shared<SqueezeNet>(SqueezeNet::Make::kTorchvision, 10),
      std::make_shared<SqueezeNet>(SqueezeNet::Make::kCaffe, 7), PlainNetwork::alexnet(),
      std::make_shared<ResNet34>(5)};
  for (const auto& network : networks) {
    draw(*network);
    auto tensors = state_of(*network);
    if (network->name().rfind("AlexNet", 0) == 0) tensors["classifier.6.weight"] = torch::ones({3, 3});
    write_tensors(folder / "a.safetensors", tensors);
    const auto again = open_network(folder / "a.safetensors");
    EXPECT_EQ(again->name(), network->name());
    const auto x = picture(2);
    EXPECT_TRUE(again->layers(x).back().equal(network->layers(x).back())) << network->name();
    const auto p = network->probabilities(x);
    if (!p.defined()) continue;
    EXPECT_TRUE(again->probabilities(x).equal(p));
    EXPECT_NEAR(p.sum().item<double>(), 1, 1e-5);
  }
}

TEST(Networks, AFileWithSomethingMissingIsRefused) {
  const ScratchFolder folder;
  const auto file = folder / "resnet.safetensors";
  auto tensors = state_of(ResNet34(5));
  for (auto it = tensors.begin(); it != tensors.end();)  // as files of old have it
    it = it->first.find("num_batches") == std::string::npos ? std::next(it) : tensors.erase(it);
  write_tensors(file, tensors);
  EXPECT_NO_THROW(open_network(file));
  tensors.erase("layer2.0.downsample.0.weight");
  write_tensors(file, tensors);
  EXPECT_NE(message_of<Error>([&] { open_network(file); }).find("layer2.0.downsample.0.weight"),
            std::string::npos);
  write_tensors(file, {{"x", torch::ones({2})}});
  EXPECT_NE(message_of<Error>([&] { open_network(file); }).find("none of the networks"), std::string::npos);
}

TEST(Networks, AResNetStartsFromAnothersBodyAndItsOwnClasses) {
  const ScratchFolder folder;
  ResNet34 trained(9), fresh(2);
  trained.draw_weights(1);
  fresh.draw_weights(2);
  const auto classes = state_of(fresh).at("fc.weight").clone();
  write_tensors(folder / "r.safetensors", state_of(trained));
  fresh.load_body(folder / "r.safetensors");
  EXPECT_TRUE(
      state_of(fresh).at("layer4.2.conv2.weight").equal(state_of(trained).at("layer4.2.conv2.weight")));
  EXPECT_TRUE(state_of(fresh).at("fc.weight").equal(classes));
  write_tensors(folder / "s.safetensors", state_of(SqueezeNet(SqueezeNet::Make::kCaffe)));
  EXPECT_THROW(fresh.load_body(folder / "s.safetensors"), Error);
}

/// A state_dict as torch.save writes it today: an OrderedDict of tensors in an archive, as torchvision's .pth
/// are.
void write_pth(const fs::path& file, const NamedTensors& tensors) {
  PickleWriter pickle;
  pickle.raw("ccollections\nOrderedDict\n)R(");
  std::vector<ZipContent> entries(1);
  for (const auto& [name, tensor] : tensors) {
    const auto key = std::to_string(entries.size());
    const RawTensor raw = to_raw(tensor);
    pickle.text(name).tensor({raw.dtype, raw.shape}, key);
    entries.push_back({"resnet34/data/" + key, std::string(raw.bytes.begin(), raw.bytes.end())});
  }
  entries[0] = {"resnet34/data.pkl", pickle.end_dict().bytes()};
  write_file(file, zip_of(entries));
}

TEST(Networks, AResNetStartsFromTorchvisionsOwnFile) {
  const ScratchFolder folder;
  ResNet34 published(1000), ours(3);
  published.draw_weights(1);
  ours.draw_weights(2);
  const auto classes = state_of(ours).at("fc.weight").clone();
  write_pth(folder / "resnet34.pth", state_of(published));
  ours.load_body(folder / "resnet34.pth");
  const auto wanted = state_of(published), found = state_of(ours);
  for (const auto& [name, tensor] : found)
    EXPECT_TRUE(tensor.equal(name.rfind("fc.", 0) == 0 ? tensor : wanted.at(name))) << name;
  EXPECT_TRUE(found.at("fc.weight").equal(classes));
}

TEST(Networks, ResNetHasTheNamesAndShapesOfThePublishedClassifier) {
  const auto file = shared("golden/manifests/classification_resnet34.json");
  if (!fs::exists(file)) GTEST_SKIP() << "no golden data at " << file;
  const auto manifest = read_json(file);
  const auto own = state_of(ResNet34(3));
  std::set<std::string> names;
  for (const auto& [name, entry] : manifest.at("entries").items()) {
    ASSERT_TRUE(own.count(name)) << name;
    EXPECT_EQ(own.at(name).sizes().vec(), entry.at(0).get<std::vector<int64_t>>()) << name;
  }
  EXPECT_EQ(own.size(), manifest.at("entries").size());
}

// Means of layers and the most likely classes of a real photo, from an independent forward pass (the README
// beside the weights).
TEST(Networks, SqueezeNetGivesTheReferenceValuesOnAPhoto) {
  const auto weights = shared("weights/squeezenet1_1/squeezenet1_1.safetensors");
  const auto photo = shared("data/industrial_pack/hazelnut_toy/test/colour/001.png");
  if (!fs::exists(weights) || !fs::exists(photo)) GTEST_SKIP() << "no weights at " << weights;
  const auto network = open_network(weights);
  EXPECT_EQ(network->name(), "SqueezeNet 1.1 (Caffe)");
  const torch::NoGradGuard no_grad;
  const auto x = to_01(read_image(photo)).slice(1, 14, 241).slice(2, 14, 241).unsqueeze(0);
  const double expected[] = {13.4998, 22.6048, 11.6329, 16.6258, 5.9367, 7.3953, 1.7866};
  const auto layers = network->layers(x);
  ASSERT_EQ(layers.size(), 7U);
  for (size_t i = 0; i < 7; i++)
    EXPECT_NEAR(layers[i].mean().item<double>(), expected[i], 1e-4 * expected[i]) << i;
}

}  // namespace
}  // namespace kizu::features
