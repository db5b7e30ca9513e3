#include <gtest/gtest.h>

#include "core/error.h"
#include "core/json.h"
#include "core/scratch_folder.h"
#include "ldm/tiny_model.h"

namespace kizu::ldm {
namespace {

CompactModel stirred(uint64_t seed = 3) {
  auto model = CompactModel::create(tiny_config(), seed);
  stir(model);
  model.train(false);
  return model;
}

torch::Tensor box_mask(int64_t side, int64_t y, int64_t x, int64_t size) {
  auto mask = torch::zeros({1, 1, side, side});
  mask.slice(2, y, y + size).slice(3, x, x + size).fill_(1);
  return mask;
}

CompactCondition some_condition(CompactModel& model, int64_t side) {
  const auto mask = box_mask(side, side / 4, side / 4, side / 3);
  const auto latent = NoiseStream(8).normal({1, 4, side / 8, side / 8});
  const auto tokens = model.appearance->tokens(model.appearance->code(latent, latent * 0, mask));
  return {mask_channels(mask), latent, torch::ones({1, 1, side / 8, side / 8}),
          torch::cat({tokens, model.spatial->forward(mask)}, 1)};
}

TEST(CompactModelTest, ShapesHoldForEverySideOfTheCanvas) {
  const torch::NoGradGuard no_grad;
  auto model = stirred();
  for (const int64_t side : {128, 192, 256}) {
    const auto latent = model.autoencoder->encode(NoiseStream(1).normal({2, 3, side, side}));
    EXPECT_EQ(latent.sizes(), (std::vector<int64_t>{2, 4, side / 8, side / 8}));
    EXPECT_EQ(model.autoencoder->decode(latent).sizes(), (std::vector<int64_t>{2, 3, side, side}));
    const auto condition = some_condition(model, side);
    EXPECT_EQ(condition.mask.sizes(), (std::vector<int64_t>{1, 16, side / 8, side / 8}));
    EXPECT_EQ(condition.context.sizes(), (std::vector<int64_t>{1, 2 + 16, 16}));
    const auto x_t = latent.slice(0, 0, 1);
    const auto v = model.unet->forward(x_t, torch::tensor({400}, torch::kInt64), condition);
    EXPECT_EQ(v.sizes(), x_t.sizes());
    EXPECT_TRUE(v.isfinite().all().item<bool>());
  }
}

TEST(CompactModelTest, SameSeedSameWeights) {
  const auto a = weights_of(CompactModel::create(tiny_config(), 5));
  const auto same = weights_of(CompactModel::create(tiny_config(), 5));
  const auto other = weights_of(CompactModel::create(tiny_config(), 6));
  ASSERT_EQ(a.size(), same.size());
  int differ = 0;
  for (const auto& [name, tensor] : a) {
    EXPECT_TRUE(tensor.equal(same.at(name))) << name;
    differ += !tensor.equal(other.at(name));
  }
  EXPECT_GT(differ, 50);
}

TEST(CompactModelTest, NormalisedLatentsHaveMeanZeroAndUnitVariance) {
  const torch::NoGradGuard no_grad;
  auto model = stirred();
  const auto pictures = NoiseStream(2).normal({3, 3, 128, 128}).clamp(-1, 1);
  const auto raw = model.autoencoder->encode_raw(pictures);
  EXPECT_LE(raw.abs().max().item<double>(), 3);
  model.autoencoder->set_normalisation(raw);
  const auto latent = model.autoencoder->encode(pictures);
  EXPECT_LT(latent.mean({0, 2, 3}).abs().max().item<double>(), 1e-4);
  EXPECT_LT((latent.var(torch::IntArrayRef{0, 2, 3}, false) - 1).abs().max().item<double>(), 1e-3);
  EXPECT_TRUE(model.autoencoder->decode(latent).allclose(model.autoencoder->decode_raw(raw), 1e-3, 1e-4));
}

TEST(CompactModelTest, FilesKeepTheWeights) {
  const ScratchFolder folder;
  const auto model = stirred();
  model.autoencoder->set_normalisation(NoiseStream(4).normal({2, 4, 8, 8}));  // buffers travel too
  model.save(folder / "full", false, {{"note", "été"}});
  model.save(folder / "half", true, {});
  const auto weights = weights_of(model), full = weights_of(CompactModel::load(folder / "full")),
             half = weights_of(CompactModel::load(folder / "half"));
  ASSERT_EQ(full.size(), weights.size());
  for (const auto& [name, tensor] : weights) {
    EXPECT_TRUE(full.at(name).equal(tensor)) << name;
    EXPECT_TRUE(half.at(name).equal(tensor.to(torch::kFloat16).to(torch::kFloat32))) << name;
    EXPECT_TRUE(half.at(name).allclose(tensor, 1e-3, 1e-6)) << name;
  }
  EXPECT_EQ(read_json(folder / "full" / "model.json").at("about").at("note"), "été");
  EXPECT_LT(std::filesystem::file_size(folder / "half" / "unet.safetensors"),
            0.6 * static_cast<double>(std::filesystem::file_size(folder / "full" / "unet.safetensors")));
}

// What load() says of a saved model after `damage`.
std::string complaint(const std::function<void(const std::filesystem::path&)>& damage) {
  const ScratchFolder folder;
  CompactModel::create(tiny_config(), 1).save(folder / "model", true, {});
  damage(folder / "model");
  return message_of<Error>([&] { CompactModel::load(folder / "model"); });
}

std::string complaint_on_config(const std::function<void(Json&)>& change) {
  return complaint([&](const std::filesystem::path& folder) {
    auto json = read_json(folder / "model.json");
    change(json);
    write_json(folder / "model.json", json);
  });
}

bool names(const std::string& message, const std::string& what) {
  return message.find(what) != std::string::npos;
}

TEST(CompactModelTest, DamagedFilesAreNamed) {
  EXPECT_EQ(complaint([](const std::filesystem::path&) {}), "");
  for (const std::string file : {"model.json", "autoencoder.safetensors", "unet.safetensors"}) {
    const auto gone = complaint([&](const auto& folder) { std::filesystem::remove(folder / file); });
    EXPECT_TRUE(names(gone, "model/" + file)) << gone;
    const auto cut = complaint([&](const auto& folder) {
      std::filesystem::resize_file(folder / file, std::filesystem::file_size(folder / file) - 9);
    });
    EXPECT_TRUE(names(cut, "model/" + file)) << cut;
  }
  const auto lacking = complaint([](const auto& folder) {
    auto tensors = read_tensors(folder / "unet.safetensors");
    tensors.erase("unet.down0.weight");
    write_tensors(folder / "unet.safetensors", tensors);
  });
  EXPECT_TRUE(names(lacking, "model/unet.safetensors") && names(lacking, "unet.down0.weight")) << lacking;
}

TEST(CompactModelTest, WrongConfigurationsAreNamed) {
  const std::vector<std::pair<std::string, std::function<void(Json&)>>> cases{
      {"heads", [](Json& j) { j["config"].erase("heads"); }},
      {"colour", [](Json& j) { j["config"]["colour"] = 1; }},
      {"context_dim", [](Json& j) { j["config"]["context_dim"] = "16"; }},
      {"timesteps", [](Json& j) { j["config"]["timesteps"] = 0; }},
      {"spatial_side", [](Json& j) { j["config"]["spatial_side"] = 3; }},  // the encoder makes 4 x 4 tokens
      {"channels",
       [](Json& j) {
         j["config"]["channels"] = {16, 16};
       }},
      {"channels",
       [](Json& j) {
         j["config"]["channels"] = {16, 12, 16};
       }},
      {"config", [](Json& j) { j.erase("config"); }},
      {"architecture", [](Json& j) { j["architecture"] = "ldm"; }},
      {"architecture", [](Json& j) { j["architecture"] = 5; }},
      {"architecture", [](Json& j) { j = Json::array(); }}};
  for (size_t i = 0; i < cases.size(); i++) {
    const auto said = complaint_on_config(cases[i].second);
    EXPECT_TRUE(names(said, "model/model.json") && names(said, cases[i].first))
        << "case " << i << ": " << said;
  }
  const auto wider = complaint_on_config([](Json& j) { j["config"]["quarter_width"] = 16; });
  EXPECT_TRUE(names(wider, "model/autoencoder.safetensors") && names(wider, "of another shape")) << wider;
}

TEST(CompactModelTest, ReplicaSharesWeights) {
  const auto model = stirred();
  const auto replica = model.replica();
  {
    const torch::NoGradGuard no_grad;
    for (auto& parameter : model.spatial->parameters()) parameter.add_(1);
    model.autoencoder->set_normalisation(NoiseStream(4).normal({2, 4, 8, 8}));
  }
  const auto a = weights_of(model), b = weights_of(replica);
  for (const auto& [name, tensor] : a) EXPECT_TRUE(tensor.equal(b.at(name))) << name;
}

TEST(CompactUNetTest, AttentionMapOfOnesChangesNothingOthersDo) {
  const torch::NoGradGuard no_grad;
  auto model = stirred();
  const auto condition = some_condition(model, 128);
  const auto x_t = NoiseStream(6).normal({1, 4, 16, 16});
  const auto t = torch::tensor({300}, torch::kInt64);
  const auto plain = model.unet->forward(x_t, t, condition);
  std::vector<torch::Tensor> doubled;
  for (const bool on_logits : {false, true}) {
    AttentionMap map{torch::ones({1, 1, 16, 16}), 0, 2, on_logits};
    EXPECT_TRUE(model.unet->forward(x_t, t, condition, &map).equal(plain));
    map.weights = torch::full({1, 1, 16, 16}, 3.0F);
    doubled.push_back(model.unet->forward(x_t, t, condition, &map));
    EXPECT_GT((doubled.back() - plain).abs().max().item<double>(), 1e-4);
  }
  EXPECT_GT((doubled[0] - doubled[1]).abs().max().item<double>(), 1e-5) << "the modes are two";
}

TEST(AttentionMapTest, ActsOnItsPixelsAndTokensAlone) {
  const torch::NoGradGuard no_grad;
  Attention attention(8, 8, 2);
  for (auto& parameter : attention.parameters())
    parameter.copy_(NoiseStream(mix(1, "attention", parameter.numel())).normal(parameter.sizes()));
  const auto query = NoiseStream(1).normal({1, 5, 8}), source = NoiseStream(2).normal({1, 3, 8});
  const auto plain = attention.forward(query, source);
  auto weights = torch::ones({1, 5});
  weights[0][2] = 0;
  AttentionMap map{{}, 0, 3, false};
  const auto silent = attention.forward(query, source, weights, &map);
  EXPECT_TRUE(silent[0][2].allclose(attention.o->bias)) << "no token left to listen to";
  map.on_logits = true;
  const auto even = attention.forward(query, source, weights, &map);
  const auto mean = attention.o(attention.v(source).mean(1))[0];
  EXPECT_TRUE(even[0][2].allclose(mean, 1e-4, 1e-5)) << "equal logits listen to all alike";
  for (const int64_t pixel : {0, 1, 3, 4}) {
    EXPECT_TRUE(silent[0][pixel].equal(plain[0][pixel]));
    EXPECT_TRUE(even[0][pixel].equal(plain[0][pixel]));
  }
  map = {{}, 0, 2, false};  // the third token still speaks
  EXPECT_FALSE(attention.forward(query, source, weights, &map)[0][2].allclose(attention.o->bias));
}

TEST(MaskChannels, KeepTheCoverageAndItsPlace) {
  const auto mask = (NoiseStream(3).uniform_tensor({2, 1, 128, 128}) > 0.8).to(torch::kFloat32);
  const auto channels = mask_channels(mask);
  EXPECT_EQ(channels.sizes(), (std::vector<int64_t>{2, 16, 16, 16}));
  EXPECT_DOUBLE_EQ(4 * channels.sum().item<double>(), mask.sum().item<double>());
  EXPECT_TRUE((channels.sum(1, true) * 4).equal(torch::avg_pool2d(mask, 8) * 64));
}

TEST(TouchedLatents, NeverLoseAMaskOfOnePixel) {
  for (int64_t y = 0; y < 32; y += 3) {
    for (int64_t x = 0; x < 32; x++) {
      const auto mask = box_mask(32, y, x, 1);
      const auto touched = touched_latents(mask, 0);
      EXPECT_EQ(touched.sum().item<double>(), 1);
      EXPECT_EQ(touched[0][0][y / 8][x / 8].item<float>(), 1);
      const auto grown = touched_latents(mask, 1);
      EXPECT_EQ(grown[0][0][y / 8][x / 8].item<float>(), 1);
      EXPECT_GE(grown.sum().item<double>(), 4);
      EXPECT_GT(mask_channels(mask).sum().item<double>(), 0);
    }
  }
  EXPECT_EQ(touched_latents(torch::zeros({1, 1, 32, 32}), 1).sum().item<double>(), 0);
}

TEST(AppearanceEncoderTest, LooksInsideTheMaskAndBearsAnEmptyOne) {
  const torch::NoGradGuard no_grad;
  const auto model = stirred();
  const auto latent = NoiseStream(1).normal({1, 4, 16, 16});
  const auto mask = box_mask(128, 0, 0, 16);
  const auto code = model.appearance->code(latent, latent * 0, mask);
  EXPECT_EQ(code.sizes(), (std::vector<int64_t>{1, 8}));
  EXPECT_LE(code.abs().max().item<double>(), 1);
  auto far = latent.clone(), near = latent.clone();
  far.slice(2, 10).add_(1);
  near.slice(2, 0, 2).add_(1);
  EXPECT_TRUE(model.appearance->code(far, latent * 0, mask).allclose(code));
  EXPECT_FALSE(model.appearance->code(near, latent * 0, mask).allclose(code));
  EXPECT_TRUE(model.appearance->code(latent, latent, mask * 0).isfinite().all().item<bool>());
}

}  // namespace
}  // namespace kizu::ldm
