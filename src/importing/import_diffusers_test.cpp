#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "core/error.h"
#include "core/json.h"
#include "core/scratch_folder.h"
#include "importing/import_fixture.h"
#include "importing/import_model.h"
#include "ldm/diffusers_names.h"

namespace kizu::importing {
namespace {

namespace fs = std::filesystem;
using ldm::BaseFamily;
using ldm::LatentDiffusion;
using testing::HasSubstr;
using testing::ThrowsMessage;

/// Writes what DiffusersNames reads: `names` are all names that a part of a diffusers folder can have; those
/// whose translation the model has are stored.
struct DiffusersWriter {
  NamedTensors model;
  std::map<std::string, int64_t> used;

  void store(const fs::path& file, const std::vector<std::string>& names,
             const std::function<std::string(const std::string&)>& translate, bool linear_attention) {
    NamedTensors part;
    for (const auto& name : names) {
      const auto found = model.find(translate(name));
      if (found == model.end()) continue;
      used[found->first]++;
      const bool flat =
          linear_attention && name.find("attentions") != std::string::npos && found->second.dim() == 4;
      part[name] = flat ? found->second.squeeze(-1).squeeze(-1) : found->second;
    }
    make_folders(file.parent_path());
    write_tensors(file, part);
  }
};

std::vector<std::string> both(const std::vector<std::string>& stems) {
  std::vector<std::string> names;
  for (const auto& stem : stems)
    for (const char* end : {".weight", ".bias"}) names.push_back(stem + end);
  return names;
}

std::vector<std::string> block_names(const std::string& at) {
  std::vector<std::string> stems;
  for (const char* part : {"norm1", "conv1", "time_emb_proj", "norm2", "conv2", "conv_shortcut"})
    stems.push_back(at + part);
  return stems;
}

std::vector<std::string> unet_names() {
  std::vector<std::string> stems = {"conv_in", "conv_norm_out", "conv_out", "time_embedding.linear_1",
                                    "time_embedding.linear_2"};
  std::vector<std::string> places = {"mid_block."};
  for (const char* side : {"down_blocks.", "up_blocks."})
    for (int level = 0; level < 4; level++) {
      places.push_back(side + std::to_string(level) + ".");
      stems.push_back(places.back() + "downsamplers.0.conv");
      stems.push_back(places.back() + "upsamplers.0.conv");
    }
  for (const auto& place : places)
    for (int i = 0; i < 3; i++) {
      for (const auto& name : block_names(place + "resnets." + std::to_string(i) + "."))
        stems.push_back(name);
      const std::string attention = place + "attentions." + std::to_string(i) + ".";
      for (const char* part : {"norm", "proj_in", "proj_out"}) stems.push_back(attention + part);
      for (const char* part :
           {"norm1", "norm2", "norm3", "attn1.to_q", "attn1.to_k", "attn1.to_v", "attn1.to_out.0",
            "attn2.to_q", "attn2.to_k", "attn2.to_v", "attn2.to_out.0", "ff.net.0.proj", "ff.net.2"})
        stems.push_back(attention + "transformer_blocks.0." + part);
    }
  return both(stems);
}

std::vector<std::string> autoencoder_names(bool new_names) {
  std::vector<std::string> stems = {"quant_conv", "post_quant_conv"};
  const std::vector<std::string> attention =
      new_names ? std::vector<std::string>{"group_norm", "to_q", "to_k", "to_v", "to_out.0"}
                : std::vector<std::string>{"group_norm", "query", "key", "value", "proj_attn"};
  for (const std::string side : {"encoder.", "decoder."}) {
    for (const char* part : {"conv_in", "conv_norm_out", "conv_out"}) stems.push_back(side + part);
    std::vector<std::string> places = {side + "mid_block."};
    for (int level = 0; level < 4; level++)
      places.push_back(side + (side == "encoder." ? "down_blocks." : "up_blocks.") + std::to_string(level) +
                       ".");
    for (const auto& place : places) {
      stems.push_back(place + "downsamplers.0.conv");
      stems.push_back(place + "upsamplers.0.conv");
      for (int i = 0; i < 3; i++) {
        for (const auto& name : block_names(place + "resnets." + std::to_string(i) + "."))
          stems.push_back(name);
        for (const auto& part : attention)
          stems.push_back(place + "attentions." + std::to_string(i) + "." + part);
      }
    }
  }
  return both(stems);
}

std::vector<std::string> bert_names() {
  std::vector<std::string> stems = {"model.embed_tokens", "model.embed_positions", "model.layer_norm",
                                    "to_logits"};
  for (int i = 0; i < 3; i++)
    for (const char* part : {"self_attn_layer_norm", "self_attn.q_proj", "self_attn.k_proj",
                             "self_attn.v_proj", "self_attn.out_proj", "final_layer_norm", "fc1", "fc2"})
      stems.push_back("model.layers." + std::to_string(i) + "." + part);
  return both(stems);
}

/// The model in the layout of CompVis/ldm-text2im-large-256.
void write_diffusers(const fs::path& folder, const LatentDiffusion& model, bool new_names) {
  DiffusersWriter writer{tensors_of(model), {}};
  // What DiffusersNames must see of the parts to count blocks and levels.
  TensorInfos unet, autoencoder;
  for (int i = 0; i < model.config.unet.num_res_blocks; i++)
    unet["down_blocks.0.resnets." + std::to_string(i) + ".conv1.weight"] = {};
  const auto levels = static_cast<int>(model.config.unet.channel_mult.size());
  for (int i = 0; i < levels; i++)  // factor 2^(levels - 1 - i)
    if (model.config.unet.attention_resolutions.count(1 << (levels - 1 - i)))
      unet["up_blocks." + std::to_string(i) + ".attentions.0.proj_in.weight"] = {};
  for (size_t i = 0; i < model.config.autoencoder.width_mult.size(); i++)
    autoencoder["encoder.down_blocks." + std::to_string(i) + ".resnets.0.conv1.weight"] = {};
  const ldm::DiffusersNames names(unet, autoencoder);
  writer.store(
      folder / "unet/diffusion_pytorch_model.safetensors", unet_names(),
      [&](const std::string& name) { return names.unet(name); }, false);
  writer.store(
      folder / "vqvae/diffusion_pytorch_model.safetensors", autoencoder_names(new_names),
      [&](const std::string& name) { return names.autoencoder(name); }, true);
  writer.store(folder / "bert/model.safetensors", bert_names(), ldm::DiffusersNames::text, false);
  for (const auto& [name, tensor] : writer.model) EXPECT_EQ(writer.used[name], 1) << name;
}

ldm::LatentDiffusionConfig diffusers_config() {
  auto config = small(BaseFamily::kLdmBert);
  config.autoencoder.attention_sizes = {};
  config.unet.num_res_blocks = config.autoencoder.num_res_blocks = 2;
  config.unet.channel_mult = {1, 2, 2};
  config.unet.attention_resolutions = {1, 2};
  config.unet.num_heads = 4;
  return config;
}

TEST(ImportDiffusers, AFolderInTheirLayoutIsTheSameModel) {
  const auto model = LatentDiffusion::create(diffusers_config(), 1);
  for (const bool new_names : {false, true}) {
    const ScratchFolder folder;
    Listener listener;
    write_diffusers(folder / "theirs", model, new_names);
    write_json(folder / "theirs/unet/config.json", {{"attention_head_dim", 4}});
    make_folders(folder / "theirs/scheduler");
    write_json(folder / "theirs/scheduler/scheduler_config.json",
               {{"beta_start", 0.00085}, {"beta_end", 0.012}, {"beta_schedule", "scaled_linear"}});
    import_model(folder / "theirs", folder / "out", {}, listener);
    expect_same_model(folder / "out", model, torch::kFloat32);
    EXPECT_THAT(listener.text, HasSubstr("folder of diffusers"));
    write_json(folder / "theirs/scheduler/scheduler_config.json", {{"beta_schedule", "squaredcos_cap_v2"}});
    EXPECT_THAT([&] { import_model(folder / "theirs", folder / "other", {}, listener); },
                ThrowsMessage<Error>(HasSubstr("is not scaled_linear")));
    fs::remove(folder / "theirs/bert/model.safetensors");
    EXPECT_THAT([&] { import_model(folder / "theirs", folder / "other", {}, listener); },
                ThrowsMessage<Error>(HasSubstr("has no weights in bert/")));
    EXPECT_THAT([&] { import_model(folder / "out", folder / "other", {}, listener); },
                ThrowsMessage<Error>(HasSubstr("is a model of kizu already")));
  }
}

// The names as the published folder has them, written out: the test above would not see a wrong translation
// that is wrong the same way in both directions.
TEST(ImportDiffusers, NamesAreThoseOfThePublishedConversion) {
  TensorInfos unet, autoencoder;
  for (const char* i : {"0", "1"}) unet[std::string("down_blocks.0.resnets.") + i + ".conv1.weight"] = {};
  for (const char* i : {"1", "2", "3"})
    unet[std::string("up_blocks.") + i + ".attentions.0.proj_in.weight"] = {};
  for (const char* i : {"0", "1", "2", "3"})
    autoencoder[std::string("encoder.down_blocks.") + i + ".resnets.0.conv1.weight"] = {};
  const ldm::DiffusersNames names(unet, autoencoder);
  const std::map<std::string, std::string> unet_pairs = {
      {"time_embedding.linear_2.bias", "time_embed.2.bias"},
      {"down_blocks.0.resnets.1.time_emb_proj.weight", "input_blocks.2.0.emb_layers.1.weight"},
      {"down_blocks.0.downsamplers.0.conv.weight", "input_blocks.3.0.op.weight"},
      {"down_blocks.1.resnets.0.conv_shortcut.weight", "input_blocks.4.0.skip_connection.weight"},
      {"down_blocks.2.attentions.1.transformer_blocks.0.attn2.to_k.weight",
       "input_blocks.8.1.transformer_blocks.0.attn2.to_k.weight"},
      {"down_blocks.3.resnets.1.conv2.bias", "input_blocks.11.0.out_layers.3.bias"},
      {"mid_block.attentions.0.proj_in.weight", "middle_block.1.proj_in.weight"},
      {"mid_block.resnets.1.norm1.weight", "middle_block.2.in_layers.0.weight"},
      {"up_blocks.0.upsamplers.0.conv.weight", "output_blocks.2.1.conv.weight"},
      {"up_blocks.1.upsamplers.0.conv.bias", "output_blocks.5.2.conv.bias"},
      {"up_blocks.3.attentions.2.norm.weight", "output_blocks.11.1.norm.weight"},
      {"conv_norm_out.weight", "out.0.weight"}};
  for (const auto& [theirs, ours] : unet_pairs) EXPECT_EQ(names.unet(theirs), ldm::kUNetPrefix + ours);
  const std::map<std::string, std::string> autoencoder_pairs = {
      {"encoder.down_blocks.2.downsamplers.0.conv.bias", "encoder.down.2.downsample.conv.bias"},
      {"encoder.down_blocks.1.resnets.0.conv_shortcut.weight", "encoder.down.1.block.0.nin_shortcut.weight"},
      {"encoder.mid_block.attentions.0.proj_attn.weight", "encoder.mid.attn_1.proj_out.weight"},
      {"decoder.mid_block.resnets.0.conv1.weight", "decoder.mid.block_1.conv1.weight"},
      {"decoder.up_blocks.0.resnets.2.norm2.bias", "decoder.up.3.block.2.norm2.bias"},
      {"decoder.up_blocks.0.upsamplers.0.conv.weight", "decoder.up.3.upsample.conv.weight"},
      {"decoder.conv_norm_out.bias", "decoder.norm_out.bias"},
      {"post_quant_conv.weight", "post_quant_conv.weight"}};
  for (const auto& [theirs, ours] : autoencoder_pairs)
    EXPECT_EQ(names.autoencoder(theirs), ldm::kAutoencoderPrefix + ours);
  const std::map<std::string, std::string> text_pairs = {
      {"model.embed_positions.weight", "pos_emb.emb.weight"},
      {"model.layers.31.self_attn.out_proj.bias", "attn_layers.layers.62.1.to_out.bias"},
      {"model.layers.31.final_layer_norm.weight", "attn_layers.layers.63.0.weight"},
      {"model.layers.0.fc1.weight", "attn_layers.layers.1.1.net.0.0.weight"},
      {"model.layer_norm.weight", "norm.weight"},
      {"to_logits.bias", "to_logits.bias"}};
  for (const auto& [theirs, ours] : text_pairs)
    EXPECT_EQ(ldm::DiffusersNames::text(theirs), std::string(ldm::kTextPrefix) + "transformer." + ours);
  for (const char* unknown :
       {"", "down_blocks", "down_blocks.0", "down_blocks.x.resnets.0.conv1.weight",
        "down_blocks.0.resnets.9999.conv1.weight", "mid_block.other.0.weight", "conv_in"}) {
    EXPECT_EQ(names.unet(unknown), "");
    EXPECT_EQ(names.autoencoder(unknown), "");
    EXPECT_EQ(ldm::DiffusersNames::text(unknown), "");
  }
}

}  // namespace
}  // namespace kizu::importing
