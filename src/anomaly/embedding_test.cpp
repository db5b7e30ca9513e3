#include "anomaly/embedding.h"

#include <gtest/gtest.h>

#include "core/error.h"
#include "core/input_file.h"
#include "core/scratch_folder.h"
#include "ldm/tiny_model.h"

namespace kizu::anomaly {
namespace {

const std::vector<std::string> kNames{"scratch", "two words ", "Kratzer/傷 \"x\"", "../x", "type.0.name"};

Embeddings some() {
  Embeddings all;
  for (size_t i = 0; i < kNames.size(); i++) {
    const auto shots = static_cast<int64_t>(i + 1);
    all.types.push_back({kNames[i], NoiseStream(i).normal({2, 16}),
                         NoiseStream(50 + i).normal({shots, 2, 16}), NoiseStream(90 + i).normal({shots, 3})});
  }
  all.tuned["spatial.position"] = NoiseStream(9).normal({1, 16, 16});
  all.metadata = {{"base", "0123abcd"}, {"options", "{\"steps\": 5}"}, {"empty", ""}};
  return all;
}

TEST(EmbeddingsTest, FileKeepsEverything) {
  const ScratchFolder folder;
  const auto file = folder / "embeddings.safetensors";
  const auto all = some();
  all.write(file);
  EXPECT_EQ(folder.count(), 1u) << "a name such as ../x stays a name";
  const auto back = Embeddings::read(file);
  ASSERT_EQ(back.types.size(), kNames.size());
  for (size_t i = 0; i < kNames.size(); i++) {
    EXPECT_EQ(back.types[i].type, kNames[i]);
    EXPECT_TRUE(back.types[i].tokens.equal(all.types[i].tokens));
    EXPECT_TRUE(back.of(kNames[i]).shots.equal(all.types[i].shots));
    EXPECT_TRUE(back.of(kNames[i]).change.equal(all.types[i].change));
  }
  EXPECT_EQ(back.metadata, all.metadata);
  ASSERT_EQ(back.tuned.size(), 1u);
  EXPECT_TRUE(back.tuned.at("spatial.position").equal(all.tuned.at("spatial.position")));
  back.write(folder / "again.safetensors");
  EXPECT_EQ(read_file(file, 1 << 20), read_file(folder / "again.safetensors", 1 << 20));
}

TEST(EmbeddingsTest, UnknownTypeNamesTheKnownOnes) {
  const auto message = message_of<Error>([] { some().of("dent"); });
  EXPECT_NE(message.find("'dent'"), std::string::npos) << message;
  for (const auto& name : kNames) EXPECT_NE(message.find(name), std::string::npos) << message;
}

TEST(EmbeddingsTest, TuneCopiesIntoTheRightBaseAndRefusesAnother) {
  auto model = ldm::CompactModel::create(ldm::tiny_config(), 1);
  const auto all = some();
  const auto before = ldm::weights_of(model);
  all.tune(model);
  for (const auto& [name, tensor] : ldm::weights_of(model)) {
    EXPECT_TRUE(tensor.equal(name == "spatial.position" ? all.tuned.at(name) : before.at(name))) << name;
  }
  auto config = ldm::tiny_config();
  config.unet.context_dim = 24;
  auto other = ldm::CompactModel::create(config, 1);
  const auto message = message_of<Error>([&] { all.tune(other); });
  EXPECT_NE(message.find("spatial.position"), std::string::npos) << message;
  EXPECT_NE(message.find("--model"), std::string::npos) << message;
  auto unknown = some();
  unknown.tuned["unet.nowhere"] = torch::zeros({1});
  EXPECT_THROW(unknown.tune(model), Error);
}

TEST(EmbeddingsTest, DamagedFilesAreNamed) {
  const ScratchFolder folder;
  const auto file = folder / "e.safetensors";
  const auto complaint = [&] { return message_of<Error>([&] { Embeddings::read(file); }); };
  EXPECT_NE(complaint().find("e.safetensors"), std::string::npos);
  write_tensors(file, {{"x", torch::zeros({2})}});
  EXPECT_NE(complaint().find("kizu learn"), std::string::npos);
  auto content = (some().write(file), Safetensors::read(file));
  content.tensors.erase("type.2.shots");
  content.write(file);
  EXPECT_NE(complaint().find("type.2.shots"), std::string::npos) << complaint();
  some().write(file);
  std::filesystem::resize_file(file, std::filesystem::file_size(file) - 1);
  EXPECT_NE(complaint().find("e.safetensors"), std::string::npos);
}

}  // namespace
}  // namespace kizu::anomaly
