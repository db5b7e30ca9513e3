#include "importing/import_learned.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "anomaly/concept_file.h"
#include "core/error.h"
#include "core/scratch_folder.h"
#include "importing/import_fixture.h"
#include "inspection/localizer_file.h"

namespace kizu::importing {
namespace {

namespace fs = std::filesystem;
using testing::HasSubstr;
using testing::ThrowsMessage;

NamedTensors spatial_tensors(const anomaly::SpatialEncoderConfig& config) {
  anomaly::GradualStyleEncoder encoder(config);
  encoder->draw_weights(3);
  return state_of(*encoder);
}

TEST(ImportConcepts, EmbeddingsAndSpatialEncoderBecomeConcepts) {
  const ScratchFolder folder;
  Listener listener;
  const anomaly::SpatialEncoderConfig config{2, 24, 8, 32, {4, 6, 8, 10}, {1, 2, 1, 1}};
  const auto spatial = spatial_tensors(config);
  write_checkpoint(folder / "spatial.pt", spatial);
  const auto bottle = torch::arange(96, torch::kFloat32).reshape({4, 24}), wood = bottle + 1,
             mask = bottle + 2;
  write_checkpoint(folder / "embeddings.pt", {{"string_to_param.bottle+broken_large", bottle},
                                              {"string_to_param.wood+hole", wood},
                                              {"string_to_token.*", torch::tensor(1008)}});
  write_tensors(folder / "mask.safetensors", {{"*", mask}});
  ConceptImport options;
  options.spatial = folder / "spatial.pt";
  import_concepts(folder / "embeddings.pt", folder / "c.safetensors", options, listener);
  ConceptImport masks;
  masks.mask = masks.add = true;
  EXPECT_THAT(
      [&] { import_concepts(folder / "mask.safetensors", folder / "c.safetensors", masks, listener); },
      ThrowsMessage<Error>(HasSubstr("choose --name")));
  masks.name = "wood+hole";
  import_concepts(folder / "mask.safetensors", folder / "c.safetensors", masks, listener);
  const auto concepts = anomaly::LearnedConcepts::read(folder / "c.safetensors");
  EXPECT_TRUE(torch::equal(concepts.anomalies.at("bottle+broken_large"), bottle));
  EXPECT_TRUE(torch::equal(concepts.anomalies.at("wood+hole"), wood));
  EXPECT_TRUE(torch::equal(concepts.masks.at("wood+hole"), mask));
  const auto encoder = concepts.spatial_encoder();
  EXPECT_EQ(encoder->config().units, config.units);
  EXPECT_EQ(encoder->config().side, 32);
  for (const auto& [name, tensor] : state_of(*encoder))
    EXPECT_TRUE(torch::equal(tensor, spatial.at(name))) << name;
  EXPECT_THAT(
      [&] { import_concepts(folder / "mask.safetensors", folder / "c.safetensors", masks, listener); },
      ThrowsMessage<Error>(HasSubstr("has 'wood+hole' already")));
}

TEST(ImportConcepts, WhatDoesNotFitIsRefused) {
  const ScratchFolder folder;
  Listener listener;
  write_tensors(folder / "one.safetensors", {{"<a>", torch::ones({2, 24})}});
  write_tensors(folder / "two.safetensors", {{"<a>", torch::ones({2, 24})}, {"<b>", torch::ones({2, 32})}});
  auto spatial = spatial_tensors({2, 16, 8, 32, {4, 6, 8, 10}, {1, 2, 1, 1}});
  write_tensors(folder / "spatial.safetensors", spatial);
  const auto refusal = [&](const char* file, const ConceptImport& options) {
    const auto before = folder.count();
    const auto text =
        message_of<Error>([&] { import_concepts(folder / file, folder / "c", options, listener); });
    EXPECT_EQ(folder.count(), before);
    return text;
  };
  EXPECT_THAT(refusal("two.safetensors", {}), HasSubstr("learned on different bases"));
  ConceptImport options;
  options.name = "x";
  EXPECT_THAT(refusal("two.safetensors", options), HasSubstr("--name"));
  options.spatial = folder / "one.safetensors";
  EXPECT_THAT(refusal("one.safetensors", options), HasSubstr("is no spatial encoder"));
  options.spatial = folder / "spatial.safetensors";
  EXPECT_THAT(refusal("one.safetensors", options), HasSubstr("learned on different bases"));
  spatial.erase("latlayer1.bias");
  write_tensors(folder / "spatial.safetensors", spatial);
  EXPECT_THAT(refusal("one.safetensors", options), HasSubstr("1 missing:\n    latlayer1.bias"));
}

TEST(ExportConcept, WhatIsExportedCanBeImported) {
  const ScratchFolder folder;
  Listener listener;
  anomaly::LearnedConcepts concepts;
  const auto embedding = torch::arange(48, torch::kFloat32).reshape({2, 24});
  concepts.anomalies["a+b"] = embedding;
  concepts.write(folder / "c.safetensors");
  for (const char* file : {"out.pt", "out.safetensors"}) {
    export_concept(folder / "c.safetensors", "a+b", false, folder / file);
    EXPECT_EQ(kind_of(folder / file), SourceKind::Concepts) << file;
    ConceptImport options;
    options.name = "again";
    const auto back = folder / (std::string(file) + ".back");
    import_concepts(folder / file, back, options, listener);
    EXPECT_TRUE(torch::equal(anomaly::LearnedConcepts::read(back).anomalies.at("again"), embedding)) << file;
  }
  const auto refusal = [&](const char* name, bool mask, const char* file) {
    return message_of<Error>([&] { export_concept(folder / "c.safetensors", name, mask, folder / file); });
  };
  EXPECT_THAT(refusal("x", false, "new.pt"), HasSubstr("it has a+b"));
  EXPECT_THAT(refusal("a+b", true, "new.pt"), HasSubstr("none of this kind"));
  EXPECT_THAT(refusal("a+b", false, "new.bin"), HasSubstr("end it in .pt"));
  EXPECT_THAT(refusal("a+b", false, "out.pt"), HasSubstr("is there already"));
}

TEST(ImportLocalizer, AStateDictBecomesALocalizer) {
  const ScratchFolder folder;
  Listener listener;
  const auto net = inspection::make_localizer({"draem", 8}, 4);
  auto tensors = state_of(*net);
  write_checkpoint(folder / "bottle.pckl", tensors);
  EXPECT_EQ(kind_of(folder / "bottle.pckl"), SourceKind::Localizer);
  import_localizer(folder / "bottle.pckl", folder / "l.safetensors", listener);
  inspection::LocalizerInfo info;
  const auto loaded = inspection::load_localizer(folder / "l.safetensors", info);
  EXPECT_EQ(info.config.net, "draem");
  EXPECT_EQ(info.config.width, 8);
  EXPECT_EQ(info.views, inspection::Views::kOne);  // it has not learned from mirrored photos
  for (const auto& [name, tensor] : state_of(*loaded))
    EXPECT_TRUE(torch::equal(tensor, tensors.at(name))) << name;
  tensors.erase("decoder_segment.fin_out.0.bias");
  write_checkpoint(folder / "cut.pckl", tensors);
  EXPECT_THAT([&] { import_localizer(folder / "cut.pckl", folder / "cut", listener); },
              ThrowsMessage<Error>(HasSubstr("fin_out.0.bias")));
  EXPECT_FALSE(fs::exists(folder / "cut"));
}

}  // namespace
}  // namespace kizu::importing
