#include "ldm/detect.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "core/error.h"
#include "ldm/tiny_latent.h"

namespace kizu::ldm {
namespace {

using testing::HasSubstr;
using testing::ThrowsMessage;

void expect_found(LatentDiffusionConfig config, const Heads& heads) {
  const auto found = detect_config(needed_tensors(config), heads, "f.ckpt");
  EXPECT_EQ(found.family(), config.family());
  EXPECT_EQ(nlohmann::json(found), nlohmann::json(config));
}

TEST(Detect, ThePublishedModelsAreFoundFromNamesAndShapesAlone) {
  expect_found({}, {});
  expect_found(LatentDiffusionConfig::sd1(), {});
}

TEST(Detect, SmallerModelsAreFoundWhereTheirHeadsAreSaid) {
  for (const auto family : {BaseFamily::kLdmBert, BaseFamily::kSd1Clip}) {
    auto config = tiny_latent(family);
    expect_found(config, {4, 2});
    config.unet.attention_resolutions = {2};
    config.unet.transformer_depth = 3;
    config.unet.channel_mult = {1, 2, 3};
    config.unet.num_res_blocks = 3;
    config.autoencoder.width_mult = {1, 2};
    config.autoencoder.attention_sizes = {128};
    config.autoencoder.num_res_blocks = 2;
    config.text.ff_width = 40;
    config.text.max_length = 20;
    expect_found(config, {4, 2});
  }
}

TEST(Detect, ImpossibleShapesAreRefused) {
  const auto good = needed_tensors(tiny_latent(BaseFamily::kLdmBert));
  const auto refusal = [&](const std::string& name, const std::vector<int64_t>& shape, const char* why) {
    auto tensors = good;
    tensors[name] = {Dtype::F32, shape};
    EXPECT_THAT(
        [&] {
          detect_config(tensors, {4, 2}, "f.ckpt");
        },
        ThrowsMessage<Error>(HasSubstr(why)))
        << name;
  };
  const std::string first = std::string(kUNetPrefix) + "input_blocks.0.0.weight";
  refusal(first, {32, 4}, "input_blocks.0.0.weight has an impossible shape");
  refusal(first, {32, 4, 0, 0}, "input_blocks.0.0.weight has an impossible shape");
  refusal(first, {int64_t{1} << 40, 4, 3, 3}, "input_blocks.0.0.weight has an impossible shape");
  refusal(first, {33, 4, 3, 3}, "33 channels cannot be divided into 4 heads");
  refusal(first, {36, 4, 3, 3}, "must be a multiple of 32");
  refusal(first, {32, 5, 3, 3}, "are not the autoencoder's embed_dim");
  refusal(std::string(kTextPrefix) + "transformer.token_emb.weight", {30522, 17},
          "is not the text encoder's width");
  auto deep = good;
  for (int i = 0; i < 70; ++i)
    deep[std::string(kAutoencoderPrefix) + "encoder.down." + std::to_string(i) + ".block.0.conv1.weight"] = {
        Dtype::F32, {32, 32, 3, 3}};
  EXPECT_THAT(
      [&] {
        detect_config(deep, {4, 2}, "f.ckpt");
      },
      ThrowsMessage<Error>(HasSubstr("too many levels")));
  deep = good;
  for (int i = 1; i < 70; ++i)
    deep[std::string(kUNetPrefix) + "input_blocks." + std::to_string(i) + ".0.op.weight"] = {Dtype::F32, {}};
  EXPECT_THAT(
      [&] {
        detect_config(deep, {4, 2}, "f.ckpt");
      },
      ThrowsMessage<Error>(HasSubstr("too many levels")));
}

}  // namespace
}  // namespace kizu::ldm
