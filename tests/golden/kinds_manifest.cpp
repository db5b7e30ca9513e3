#include <gtest/gtest.h>

#include <fstream>

#include "anomaly/preset.h"
#include "anomaly/spatial_encoder.h"
#include "core/memory.h"
#include "golden_case.h"
#include "inspection/localizer_net.h"
#include "ldm/latent_config.h"
#include "ldm/tokenizer.h"
#include "ldm/without_weights.h"
#include "pipeline/concept_steps.h"

namespace kizu::golden {
namespace {

namespace fs = std::filesystem;
using nlohmann::json;

/// The manifests of whole latent diffusion models: those that count the parameters of a U-Net.
std::vector<std::pair<fs::path, json>> model_manifests() {
  const auto folder = golden_folder() / "manifests";
  std::vector<std::pair<fs::path, json>> found;
  if (!fs::is_directory(folder)) return found;
  for (const auto& entry : fs::directory_iterator(folder)) {
    if (entry.path().extension() != ".json") continue;
    std::ifstream in(entry.path());
    auto manifest = json::parse(in);
    if (manifest.contains("parameters") && manifest.at("parameters").is_object() &&
        manifest.at("parameters").contains("unet"))
      found.emplace_back(entry.path(), std::move(manifest));
  }
  return found;
}

ldm::LatentDiffusionConfig published_config(const json& entries) {
  for (const auto& [name, entry] : entries.items())
    if (name.find(".text_model.") != std::string::npos) return ldm::LatentDiffusionConfig::sd1();
  return {};
}

struct Count {
  int64_t tensors = 0, elements = 0;
};

Count count(const TensorInfos& tensors, const std::string& prefix) {
  Count total;
  for (const auto& [name, tensor] : tensors) {
    if (name.rfind(prefix, 0) != 0) continue;
    ++total.tensors;
    total.elements += elements_of(tensor);
  }
  return total;
}

void compare_with_manifest(const std::string& file, const json& manifest) {
  const auto& entries = manifest.at("entries");
  const auto config = published_config(entries);
  auto ours = ldm::needed_tensors(config);
  ours.merge(ldm::known_extras(config));
  for (const auto& [name, entry] : entries.items()) {
    const auto found = ours.find(name);
    if (found == ours.end()) {
      ADD_FAILURE() << file << ": no network of ours has " << name;
      continue;
    }
    EXPECT_EQ(found->second.shape, entry.at(0).get<std::vector<int64_t>>()) << name;
    EXPECT_EQ(name_of(found->second.dtype), entry.at(1).get<std::string>()) << name;
  }
  for (const auto& [name, tensor] : ours) EXPECT_TRUE(entries.contains(name)) << file << " has no " << name;
  for (const auto& [part, expected] : manifest.at("parameters").items()) {
    if (!expected.contains("prefix")) continue;
    const auto counted = count(ours, expected.at("prefix"));
    EXPECT_EQ(counted.tensors, expected.at("tensors").get<int64_t>()) << file << " " << part;
    EXPECT_EQ(counted.elements, expected.at("elements").get<int64_t>()) << file << " " << part;
    std::printf("[ measured ] manifests/%s | %s | %ld tensors, %ld elements\n", file.c_str(), part.c_str(),
                long(counted.tensors), long(counted.elements));
  }
}

TEST(Manifests, FullModelsHaveTheNamesShapesAndCountsOfTheReferenceWithoutBeingAllocated) {
  const auto manifests = model_manifests();
  if (manifests.empty()) GTEST_SKIP() << "no golden data: set KIZU_GOLDEN to the folder of the cases";
  const auto before = resident_bytes();
  for (const auto& [file, manifest] : manifests) compare_with_manifest(file.filename().string(), manifest);
  EXPECT_LT(resident_bytes(), before + (200u << 20)) << "the full models were allocated";
}

/// The manifest of a part that is saved by itself, against the network's parameters and counters.
void compare_part(const std::string& file, const torch::nn::Module& module) {
  std::ifstream in(golden_folder() / "manifests" / file);
  if (!in) GTEST_SKIP() << "no golden data: set KIZU_GOLDEN to the folder of the cases";
  const auto manifest = json::parse(in);
  const auto& entries = manifest.at("entries");
  int64_t elements = 0;
  for (const auto& [name, tensor] : state_of(module)) {
    elements += tensor.numel();
    ASSERT_TRUE(entries.contains(name)) << file << " has no " << name;
    EXPECT_EQ(entries.at(name).at(0).get<std::vector<int64_t>>(), tensor.sizes().vec()) << name;
    EXPECT_EQ(entries.at(name).at(1) == "I64", tensor.scalar_type() == torch::kInt64) << name;
  }
  EXPECT_EQ(static_cast<int64_t>(state_of(module).size()), manifest.at("tensors").get<int64_t>());
  EXPECT_EQ(elements, manifest.at("parameters").at("all").at("elements").get<int64_t>());
  std::printf("[ measured ] manifests/%s | all | %ld tensors, %ld elements\n", file.c_str(),
              long(entries.size()), long(elements));
}

TEST(Manifests, EmbeddingsHaveTheNamesAndShapesThatTheReferenceSaves) {
  std::ifstream in(golden_folder() / "manifests/embeddings_pt.json");
  if (!in) GTEST_SKIP() << "no golden data: set KIZU_GOLDEN to the folder of the cases";
  const auto manifest = json::parse(in);
  const auto text = ldm::LatentDiffusionConfig().text;
  const auto preset = anomaly::Preset::reference();
  const auto& saved = manifest.at("string_to_param");
  const auto expect_shapes = [&](const json& group, int64_t tokens) {
    for (const auto& [name, entry] : group.items()) {
      EXPECT_EQ(entry.at(0).get<std::vector<int64_t>>(), (std::vector<int64_t>{tokens, text.width})) << name;
      EXPECT_EQ(entry.at(1), "F32") << name;
    }
  };
  expect_shapes(saved.at("anomaly model"), preset.anomaly_tokens);
  expect_shapes(saved.at("mask model"), preset.mask_tokens);
  for (const auto& [name, entry] : saved.at("anomaly model").items()) {
    const auto plus = name.find('+');
    ASSERT_NE(plus, std::string::npos) << name;
    EXPECT_EQ(pipeline::concept_name(name.substr(0, plus), name.substr(plus + 1)), name);
  }
  EXPECT_EQ(saved.at("anomaly model").size(), 73u);
  EXPECT_NE(manifest.at("string_to_token")
                .at("*")
                .get<std::string>()
                .find(std::to_string(ldm::placeholder_id(text.family))),
            std::string::npos);
}

TEST(Manifests, SpatialEncoderHasTheNamesAndShapesOfTheReference) {
  const ldm::WithoutWeights scope;
  compare_part("spatial_encoder.json", *anomaly::GradualStyleEncoder(anomaly::SpatialEncoderConfig()));
}

TEST(Manifests, LocalizerHasTheNamesAndShapesOfTheReference) {
  const ldm::WithoutWeights scope;
  compare_part("localization_unet.json", inspection::DraemNet(64));
}

}  // namespace
}  // namespace kizu::golden
