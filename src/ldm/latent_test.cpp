#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>

#include "core/error.h"
#include "core/json.h"
#include "core/memory.h"
#include "core/scratch_folder.h"
#include "layers/exact.h"
#include "ldm/memory_need.h"
#include "ldm/tiny_latent.h"
#include "ldm/tokenizer.h"
#include "ldm/without_weights.h"
#include "tensor/convert.h"
#include "tensor/noise.h"

namespace kizu::ldm {
namespace {

using testing::AllOf;
using testing::HasSubstr;
using testing::ThrowsMessage;

int64_t parameters(const torch::nn::Module& module) {
  int64_t count = 0;
  for (const auto& p : module.parameters()) count += p.numel();
  return count;
}

torch::Tensor normal(uint64_t seed, std::vector<int64_t> shape) {
  return NoiseStream(seed).normal(shape);
}

TEST(WithoutWeights, FullNetworksAllocateNothing) {
  const auto before = resident_bytes();
  const WithoutWeights scope;
  const Autoencoder autoencoder{AutoencoderConfig()};
  EXPECT_EQ(parameters(*autoencoder), 83653863);
  EXPECT_EQ(parameters(*UNet(UNetConfig())), 872300484);
  EXPECT_EQ(parameters(*TextEncoder(TextEncoderConfig())), 542895360);
  EXPECT_EQ(parameters(*TextEncoder(TextEncoderConfig::sd1())), 123060480);
  for (const auto& p : autoencoder->parameters()) EXPECT_TRUE(p.is_meta());
  EXPECT_LT(resident_bytes(), before + (100u << 20));
}

TEST(WithoutWeights, EndsWithItsScope) {
  { const WithoutWeights scope; }
  EXPECT_TRUE(torch::empty({2}).is_cpu());
}

TEST(Autoencoder, EncodesAndDecodesAnySideThatIsAMultipleOfItsFactor) {
  const torch::NoGradGuard no_grad;
  auto model = LatentDiffusion::create(tiny_latent(BaseFamily::kLdmBert), 1);
  const auto z = model.encode(normal(2, {2, 3, 16, 24}), normal(3, {2, 4, 2, 3}));
  EXPECT_EQ(z.sizes(), (std::vector<int64_t>{2, 4, 2, 3}));
  EXPECT_EQ(model.decode(z).sizes(), (std::vector<int64_t>{2, 3, 16, 24}));
  EXPECT_THAT(
      [&] {
        model.encode(normal(2, {1, 3, 20, 24}), normal(3, {1, 4, 2, 3}));
      },
      ThrowsMessage<Error>(HasSubstr("multiples of 8")));
}

TEST(TextEncoder, OnlyTheCausalFamilyHidesLaterTokens) {
  const torch::NoGradGuard no_grad;
  for (const auto family : {BaseFamily::kLdmBert, BaseFamily::kSd1Clip}) {
    auto text = LatentDiffusion::create(tiny_latent(family), 1).text;
    auto ids = fixed_caption(text->config());
    const auto context = text(ids);
    ids[0][40] = 7;
    const auto changed = text(ids);
    EXPECT_FALSE(torch::equal(context[0][40], changed[0][40]));
    EXPECT_EQ(torch::equal(context[0][39], changed[0][39]), family == BaseFamily::kSd1Clip);
  }
}

TEST(TextEncoder, AnIdOutsideTheVocabularyIsRefused) {
  auto config = tiny_latent(BaseFamily::kLdmBert).text;
  config.vocabulary = 100;
  TextEncoder text(config);
  EXPECT_THAT([&] { text(fixed_caption(config)); },
              ThrowsMessage<Error>(HasSubstr("token id 101, but the base model knows 100 tokens")));
}

TEST(LatentDiffusion, BothFamiliesPassGradientsFromTheLossToTheTokenEmbeddings) {
  for (const auto family : {BaseFamily::kLdmBert, BaseFamily::kSd1Clip}) {
    auto model = LatentDiffusion::create(tiny_latent(family), 1);
    const auto tokens = model.text->embed(fixed_caption(model.config.text)).detach().set_requires_grad(true);
    const auto eps =
        model.unet->forward(normal(2, {1, 4, 8, 8}), torch::tensor({500}), model.text->encode(tokens));
    eps.square().mean().backward();
    EXPECT_EQ(eps.sizes(), (std::vector<int64_t>{1, 4, 8, 8}));
    EXPECT_TRUE(tokens.grad().isfinite().all().item<bool>());
    // In the first family the padding takes part as well.
    EXPECT_GT(tokens.grad()[0][5].abs().max().item<double>(), 0);
    EXPECT_GT(tokens.grad()[0][76].abs().max().item<double>(), 0);
  }
}

/// A GPU computes in bfloat16, which a CPU cannot; what mixes it with float32 mixes float64 as well.
TEST(LatentDiffusion, ComputesInTheTypeOfItsWeights) {
  const torch::NoGradGuard no_grad;
  for (const auto family : {BaseFamily::kLdmBert, BaseFamily::kSd1Clip}) {
    auto single = LatentDiffusion::create(tiny_latent(family), 1),
         wide = LatentDiffusion::create(tiny_latent(family), 1);
    wide.to(torch::kCPU, torch::kFloat64);
    const auto ids = fixed_caption(single.config.text), t = torch::tensor({500});
    const auto x = normal(2, {1, 4, 8, 8}), map = normal(3, {1, 1, 8, 8}).abs();
    const auto context = single.text->forward(ids), wide_context = wide.text->forward(ids);
    EXPECT_EQ(wide_context.scalar_type(), torch::kFloat64);
    EXPECT_TRUE(torch::allclose(context, wide_context.to(torch::kFloat32), 1e-3, 1e-4));
    for (const bool before_softmax : {false, true}) {
      const AttentionWeights weights{map, torch::ones({1, 77}, torch::kBool), before_softmax};
      const auto eps = single.unet->forward(x, t, context, &weights),
                 wide_eps = wide.unet->forward(x.to(torch::kFloat64), t, wide_context, &weights);
      EXPECT_EQ(wide_eps.scalar_type(), torch::kFloat64);
      EXPECT_TRUE(torch::allclose(eps, wide_eps.to(torch::kFloat32), 1e-3, 1e-3));
    }
    const auto z = wide.encode(normal(4, {1, 3, 16, 16}), normal(5, {1, 4, 2, 2}));
    EXPECT_TRUE(torch::allclose(single.decode(z), wide.decode(z), 1e-3, 1e-3));
  }
}

TEST(LatentDiffusion, CheckpointingChangesNoGradient) {
  for (const auto family : {BaseFamily::kLdmBert, BaseFamily::kSd1Clip}) {
    auto model = LatentDiffusion::create(tiny_latent(family), 1);
    const auto x = normal(2, {1, 4, 8, 8}), t = torch::tensor({500});
    const auto gradient = [&](bool checkpointing) {
      model.text->set_checkpointing(checkpointing);
      model.unet->set_checkpointing(checkpointing);
      const auto tokens =
          model.text->embed(fixed_caption(model.config.text)).detach().set_requires_grad(true);
      model.unet->forward(x, t, model.text->encode(tokens)).square().mean().backward();
      return tokens.grad();
    };
    EXPECT_TRUE(torch::allclose(gradient(true), gradient(false), 1e-5, 1e-9));
  }
}

TEST(LatentDiffusion, SameSeedSameWeights) {
  const auto config = tiny_latent(BaseFamily::kLdmBert);
  const auto a = LatentDiffusion::create(config, 1), b = LatentDiffusion::create(config, 1);
  const auto other = LatentDiffusion::create(config, 2);
  const auto weight = [](const LatentDiffusion& m) { return m.unet->parameters()[0]; };
  EXPECT_TRUE(torch::equal(weight(a), weight(b)));
  EXPECT_FALSE(torch::equal(weight(a), weight(other)));
}

TEST(Tokenizer, AVocabularyOfAnotherSizeDoesNotFit) {
  const ScratchFolder folder;
  std::ofstream(folder.path() / "vocab.txt") << "[PAD]\n[UNK]\n[CLS]\n[SEP]\nphoto\na\n";
  TextEncoderConfig config;
  EXPECT_THAT([&] { open_tokenizer(config, folder.path()); },
              ThrowsMessage<Error>(HasSubstr("has 6 entries, but the base model knows 30522 tokens")));
  config.vocabulary = 6;
  EXPECT_EQ(encode_all(*open_tokenizer(config, folder.path() / "vocab.txt"), {"a", "photo"}).sizes(),
            (std::vector<int64_t>{2, 77}));
}

TEST(Tokenizer, FixedCaptionHasThePlaceholderInBothFamilies) {
  for (const auto& config : {TextEncoderConfig(), TextEncoderConfig::sd1()}) {
    const auto ids = fixed_caption(config);
    EXPECT_EQ(ids.sizes(), (std::vector<int64_t>{1, 77}));
    EXPECT_EQ((ids == placeholder_id(config.family)).sum().item<int64_t>(), 1);
    EXPECT_EQ(ids[0][0].item<int64_t>(), empty_caption(config)[0][0].item<int64_t>());
    EXPECT_EQ(ids[0][6].item<int64_t>(), empty_caption(config)[0][1].item<int64_t>());
  }
}

class Saved : public testing::TestWithParam<BaseFamily> {
 protected:
  Saved() : model_(LatentDiffusion::create(tiny_latent(GetParam()), 1)) {}
  LatentDiffusion model_;
  ScratchFolder folder_;
};

TEST_P(Saved, LoadsToTheSameBits) {
  model_.save(folder_.path(), torch::kFloat32, {{"source", "test"}});
  EXPECT_TRUE(is_latent_diffusion(folder_.path()));
  auto loaded = LatentDiffusion::load(folder_.path());
  EXPECT_EQ(nlohmann::json(loaded.config), nlohmann::json(model_.config));
  EXPECT_EQ(loaded.config.family(), GetParam());
  const torch::NoGradGuard no_grad;
  const auto ids = fixed_caption(model_.config.text);
  const auto context = model_.text(ids);
  EXPECT_TRUE(torch::equal(loaded.text(ids), context));
  loaded.release_text();
  EXPECT_FALSE(loaded.text);
  const auto x = normal(2, {1, 4, 8, 8}), t = torch::tensor({3});
  EXPECT_TRUE(torch::equal(loaded.unet(x, t, context), model_.unet(x, t, context)));
  EXPECT_TRUE(torch::equal(loaded.decode(x), model_.decode(x)));
  for (const auto& p : loaded.unet->parameters()) EXPECT_FALSE(p.requires_grad());
}

TEST_P(Saved, InHalfTheBytes) {
  for (const auto dtype : {torch::kFloat16, torch::kBFloat16}) {
    model_.save(folder_.path(), dtype, {});
    LoadOptions only_unet;
    only_unet.text = only_unet.autoencoder = false;
    const auto loaded = LatentDiffusion::load(folder_.path(), only_unet);
    EXPECT_FALSE(loaded.text);
    const auto ours = loaded.unet->parameters()[0], given = model_.unet->parameters()[0];
    EXPECT_EQ(ours.scalar_type(), torch::kFloat32);
    EXPECT_TRUE(torch::equal(ours, given.to(dtype).to(torch::kFloat32)));
  }
}

TEST_P(Saved, KeptInHalfTheBytesItGivesTheSameBitsAsWidened) {
  const torch::NoGradGuard no_grad;
  for (const auto dtype : {torch::kFloat16, torch::kBFloat16}) {
    model_.save(folder_.path(), dtype, {});
    EXPECT_EQ(stored_type(folder_.path()), dtype);
    LoadOptions keeping;
    keeping.kept = dtype;
    auto kept = LatentDiffusion::load(folder_.path(), keeping),
         widened = LatentDiffusion::load(folder_.path());
    const auto ids = fixed_caption(model_.config.text);
    const auto x = normal(2, {1, 4, 8, 8}), t = torch::tensor({3});
    const auto image = normal(4, {1, 3, 16, 16}), noise = normal(5, {1, 4, 2, 2});
    const auto all = [&](LatentDiffusion& model) {
      const auto context = model.text(ids);
      return std::vector{context, model.unet(x, t, context), model.encode(image, noise), model.decode(x)};
    };
    const auto ours = all(kept), wanted = all(widened);
    for (size_t i = 0; i < ours.size(); ++i) EXPECT_TRUE(ours[i].equal(wanted[i])) << dtype << ", " << i;
    const layers::Exact scope;
    const auto exact = all(kept);
    for (size_t i = 0; i < ours.size(); ++i)
      EXPECT_TRUE(torch::allclose(ours[i], exact[i], 1e-4, 1e-5)) << dtype << ", exact " << i;
    int64_t in_half = 0;
    for (const auto& p : kept.unet->parameters()) {
      EXPECT_EQ(p.dim() > 1, p.scalar_type() == dtype);
      in_half += p.scalar_type() == dtype ? p.numel() : 0;
    }
    EXPECT_GT(in_half, parameters(*kept.unet) * 9 / 10);
  }
}

TEST_P(Saved, KeptInAnotherTypeThanTheFilesIsWidened) {
  model_.save(folder_.path(), torch::kFloat16, {});
  LoadOptions other;
  other.kept = torch::kBFloat16;
  for (const auto& p : LatentDiffusion::load(folder_.path(), other).unet->parameters())
    EXPECT_EQ(p.scalar_type(), torch::kFloat32);
  model_.save(folder_.path(), torch::kFloat32, {});
  EXPECT_EQ(stored_type(folder_.path()), torch::kFloat32);
}

TEST_P(Saved, KeptInHalfTheBytesItPassesTheSameGradients) {
  model_.save(folder_.path(), torch::kFloat16, {});
  LoadOptions keeping;
  keeping.kept = torch::kFloat16;
  const auto gradient = [&](LatentDiffusion model) {
    model.text->set_checkpointing(true);
    model.unet->set_checkpointing(true);
    const auto tokens = model.text->embed(fixed_caption(model.config.text)).detach().set_requires_grad(true);
    const auto eps =
        model.unet->forward(normal(2, {1, 4, 8, 8}), torch::tensor({500}), model.text->encode(tokens));
    eps.square().mean().backward();
    return tokens.grad();
  };
  EXPECT_TRUE(gradient(LatentDiffusion::load(folder_.path(), keeping))
                  .equal(gradient(LatentDiffusion::load(folder_.path()))));
}

TEST_P(Saved, WithKnownExtrasIsAccepted) {
  model_.save(folder_.path(), torch::kFloat32, {});
  auto tensors = read_tensors(folder_ / kTextFile);
  for (const auto& [name, extra] : unused_tensors(model_.config.text))
    tensors[kTextPrefix + name] =
        torch::zeros(extra.shape, extra.dtype == Dtype::I64 ? torch::kInt64 : torch::kFloat32);
  write_tensors(folder_ / kTextFile, tensors);
  EXPECT_NO_THROW(LatentDiffusion::load(folder_.path()));
}

TEST_P(Saved, WhatDoesNotFitIsRefusedByName) {
  model_.save(folder_.path(), torch::kFloat32, {});
  auto tensors = read_tensors(folder_ / kUNetFile);
  tensors.erase("model.diffusion_model.out.2.bias");
  tensors["model.diffusion_model.out.0.bias"] = torch::zeros({5});
  tensors["model.diffusion_model.other"] = torch::zeros({5});
  write_tensors(folder_ / kUNetFile, tensors);
  EXPECT_THAT([&] { LatentDiffusion::load(folder_.path()); },
              ThrowsMessage<Error>(AllOf(HasSubstr(kUNetFile), HasSubstr("out.2.bias is missing"),
                                         HasSubstr("out.0.bias has the shape [5] instead of [32]"),
                                         HasSubstr("other is unknown"))));
  std::filesystem::remove(folder_ / kTextFile);
  EXPECT_THAT([&] { LatentDiffusion::load(folder_.path()); }, ThrowsMessage<Error>(HasSubstr(kTextFile)));
}
INSTANTIATE_TEST_SUITE_P(Families, Saved, testing::Values(BaseFamily::kLdmBert, BaseFamily::kSd1Clip));

TEST(ModelJson, RefusesOtherArchitecturesAndDamage) {
  const ScratchFolder folder;
  const auto file = folder / "model.json";
  nlohmann::json json = {{"architecture", "compact"}};
  const auto refusal = [&](const std::string& words) {
    write_json(file, json);
    EXPECT_THAT([&] { read_config(folder.path()); }, ThrowsMessage<Error>(HasSubstr(words)));
  };
  refusal("the compact base, which has no text encoder");
  EXPECT_FALSE(is_latent_diffusion(folder.path()));
  json["architecture"] = "sdxl";
  refusal("unknown architecture \"sdxl\"; known are ldm-bert and sd1-clip");
  json["architecture"] = "ldm-bert";
  refusal("'config' is not an object");
  json["config"] = tiny_latent(BaseFamily::kLdmBert);
  json["config"]["unet"]["extra"] = 1;
  refusal("'unet' has the unknown key 'extra'");
  json["config"]["unet"].erase("extra");
  json["config"]["unet"]["context_dim"] = 24;
  refusal("context_dim 24 is not the text encoder's width 16");
  json["config"]["unet"].erase("context_dim");
  refusal("'unet' lacks 'context_dim'");
}

TEST(MemoryNeed, WeightsKeptInHalfTheBytesNeedHalf) {
  const LatentDiffusionConfig config;
  LoadOptions kept, unet;
  kept.kept = torch::kFloat16;
  unet.text = unet.autoencoder = false;
  const auto whole = generation_need(config, {}, 1, 256, 256),
             half = generation_need(config, kept, 1, 256, 256);
  EXPECT_LT(half.weights, whole.weights * 51 / 100);  // norms and biases stay float32
  EXPECT_GT(half.weights, whole.weights / 2);
  EXPECT_LT(half.working, whole.working);
  EXPECT_LT(half.total(), 3'500'000'000u);
  // The text encoder's table of words stays float32.
  EXPECT_LT(weight_bytes(config, kept), weight_bytes(config, {}) * 53 / 100);
  EXPECT_LT(learning_need(config, kept, 4, 256, 256, false).total(),
            learning_need(config, {}, 4, 256, 256, false).total() - weight_bytes(config, {}) * 47 / 100);
  // The backward pass of torch's operators widens stage after stage.
  const layers::Exact by_torch;
  EXPECT_GT(learning_need(config, kept, 4, 256, 256, true).working,
            learning_need(config, {}, 4, 256, 256, true).working);
  EXPECT_LT(learning_need(config, kept, 4, 256, 256, true).total(),
            learning_need(config, {}, 4, 256, 256, true).total());
  EXPECT_GT(learning_need(config, kept, 1, 256, 256, false).working,
            learning_need(config, {}, 1, 256, 256, false).working + weight_bytes(config, unet) - 1);
}

TEST(MemoryNeed, CountsWeightsAndSaysWhatHelps) {
  const LatentDiffusionConfig config;
  LoadOptions half;
  half.dtype = torch::kFloat16;
  EXPECT_EQ(weight_bytes(config, {}), 4u * (872300484 + 83653863 + 542895360ull));
  EXPECT_EQ(weight_bytes(config, half), 2u * (872300484 + 83653863 + 542895360ull));
  const auto need = generation_need(config, {}, 1, 256, 256);
  EXPECT_EQ(need.weights, 4u * (872300484 + 83653863ull));  // the text encoder is gone by then
  EXPECT_GT(generation_need(config, {}, 4, 256, 256).working, need.working);
  EXPECT_LT(learning_need(config, {}, 4, 256, 256, true).total(),
            learning_need(config, {}, 4, 256, 256, false).total());
  EXPECT_NO_THROW(require_memory(need, need.total(), "painting", "lower --batch"));
  EXPECT_NO_THROW(require_memory(need, 0, "painting", "lower --batch"));
  EXPECT_THAT([&] { require_memory(need, 1000000000, "painting", "lower --batch"); },
              ThrowsMessage<Error>(AllOf(HasSubstr("painting needs about"), HasSubstr("but 1.0 GB are free"),
                                         HasSubstr("lower --batch"))));
}

}  // namespace
}  // namespace kizu::ldm
