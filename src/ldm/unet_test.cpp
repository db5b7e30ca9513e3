#include "ldm/unet.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "core/error.h"

namespace kizu::ldm {
namespace {

UNetConfig small() {
  UNetConfig config;
  config.model_channels = 32;
  config.num_res_blocks = 1;
  config.channel_mult = {1, 2};
  config.attention_resolutions = {1, 2};
  config.num_heads = 4;
  config.context_dim = 24;
  return config;
}

int64_t parameters(const torch::nn::Module& module) {
  int64_t count = 0;
  for (const auto& p : module.parameters()) count += p.numel();
  return count;
}

TEST(UNet, HasTheNumberOfParametersOfTheReference) {
  EXPECT_EQ(parameters(*UNet(small())), 1049412);
  UNetConfig pattern;
  pattern.model_channels = 32;
  pattern.context_dim = 64;
  const UNet unet(pattern);
  EXPECT_EQ(parameters(*unet), 8605284);
  EXPECT_EQ(unet->parameters().size(), 686u);
}

TEST(UNet, NamesAreThoseOfTheCheckpoint) {
  UNetConfig pattern;
  pattern.model_channels = 32;
  pattern.context_dim = 64;
  const auto names = UNet(pattern)->named_parameters();
  for (const char* name :
       {"time_embed.2.weight", "input_blocks.0.0.weight", "input_blocks.3.0.op.bias",
        "input_blocks.4.0.skip_connection.weight", "input_blocks.4.1.transformer_blocks.0.attn2.to_k.weight",
        "middle_block.1.transformer_blocks.0.attn1.to_out.0.bias", "middle_block.2.out_layers.3.weight",
        "output_blocks.2.1.conv.weight", "output_blocks.5.2.conv.weight",
        "output_blocks.11.1.transformer_blocks.0.ff.net.0.proj.weight", "out.2.bias"})
    EXPECT_TRUE(names.contains(name)) << name;
}

TEST(UNet, RowsDoNotInfluenceEachOtherAndContextDoes) {
  torch::NoGradGuard no_grad;
  torch::manual_seed(1);
  UNet unet(small());
  const auto x = torch::randn({2, 4, 8, 16}), context = torch::randn({2, 5, 24});
  const auto t = torch::tensor({10, 900});
  const auto both = unet(x, t, context);
  EXPECT_EQ(both.sizes(), x.sizes());
  const auto alone = unet(x.slice(0, 1, 2), t.slice(0, 1, 2), context.slice(0, 1, 2));
  EXPECT_TRUE(torch::allclose(both.slice(0, 1, 2), alone, 1e-4, 1e-5));
  EXPECT_FALSE(torch::allclose(unet(x, t, context.flip(0)), both, 1e-4, 1e-4));
}

TEST(UNet, WeightsOfOneChangeNothing) {
  torch::NoGradGuard no_grad;
  torch::manual_seed(1);
  UNet unet(small());
  const auto x = torch::randn({1, 4, 8, 8}), context = torch::randn({1, 5, 24});
  const auto t = torch::tensor({300}), plain = unet(x, t, context);
  for (const bool before_softmax : {false, true}) {
    AttentionWeights weights{torch::ones({1, 1, 8, 8}), torch::ones({1, 5}, torch::kBool), before_softmax};
    EXPECT_TRUE(torch::allclose(unet->forward(x, t, context, &weights), plain, 0, 1e-6));
    weights.map = torch::full({1, 1, 8, 8}, 1.5);
    EXPECT_FALSE(torch::allclose(unet->forward(x, t, context, &weights), plain, 0, 1e-4));
    weights.columns = torch::zeros({1, 5}, torch::kBool);
    EXPECT_TRUE(torch::allclose(unet->forward(x, t, context, &weights), plain, 0, 1e-6));
  }
}

TEST(UNet, RefusesWhatMakesNoNetwork) {
  auto config = small();
  config.model_channels = 20;
  EXPECT_THROW(UNet{config}, Error);
  config = small();
  config.num_heads = 5;
  EXPECT_THROW(UNet{config}, Error);
  config = small();
  config.channel_mult = {};
  EXPECT_THROW(UNet{config}, Error);
}

TEST(CrossAttention, FactorsAfterTheSoftmaxScaleWhatATokenGives) {
  torch::NoGradGuard no_grad;
  torch::manual_seed(2);
  CrossAttention attention(8, 6, 2, 4);
  const auto x = torch::randn({1, 3, 8}), context = torch::randn({1, 4, 6});
  const auto bias = attention->named_parameters()["to_out.0.bias"];
  const auto plain = attention(x, context) - bias;
  const auto doubled = attention(x, context, torch::full({1, 3, 4}, 2.0), false) - bias;
  EXPECT_TRUE(torch::allclose(doubled, 2 * plain, 1e-5, 1e-6));
  // Before the softmax, factors of 0 make every token count alike.
  const auto level = attention(x, context, torch::zeros({1, 3, 4}), true);
  EXPECT_TRUE(torch::allclose(level[0][0], level[0][2], 1e-5, 1e-6));
}

}  // namespace
}  // namespace kizu::ldm
