#include "importing/import_model.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>

#include "core/error.h"
#include "core/memory.h"
#include "core/scratch_folder.h"
#include "importing/import_fixture.h"

namespace kizu::importing {
namespace {

namespace fs = std::filesystem;
using ldm::BaseFamily;
using ldm::LatentDiffusion;
using testing::AllOf;
using testing::HasSubstr;

torch::Tensor betas(const ldm::LatentDiffusionConfig& config) {
  return torch::linspace(std::sqrt(config.linear_start), std::sqrt(config.linear_end), config.timesteps,
                         torch::kFloat64)
      .square()
      .to(torch::kFloat32);
}

class ImportModel : public testing::TestWithParam<BaseFamily> {
 protected:
  ImportModel() : model_(LatentDiffusion::create(small(GetParam()), 1)) {}

  std::string refusal(const fs::path& source, const ImportOptions& options = {}) {
    const auto before = folder_.count();
    const auto message =
        message_of<Error>([&] { import_model(source, folder_ / "out", options, listener_); });
    EXPECT_EQ(folder_.count(), before) << "something is left behind";
    return message;
  }

  LatentDiffusion model_;
  ScratchFolder folder_;
  Listener listener_;
};

TEST_P(ImportModel, ACheckpointBecomesAFolderThatLoads) {
  auto tensors = tensors_of(model_);
  tensors["betas"] = betas(model_.config);
  tensors["model_ema.decay"] = torch::tensor(0.99f);
  tensors["model_ema.num_updates"] = torch::tensor(3);
  for (const auto& [name, extra] : unused_tensors(model_.config.text))
    tensors[ldm::kTextPrefix + name] =
        torch::zeros(extra.shape, extra.dtype == Dtype::I64 ? torch::kInt64 : torch::kFloat32);
  write_checkpoint(folder_ / "model.ckpt", tensors);
  import_model(folder_ / "model.ckpt", folder_ / "out", {}, listener_);
  expect_same_model(folder_ / "out", model_, torch::kFloat32);
  EXPECT_THAT(listener_.text,
              AllOf(HasSubstr(ldm::name_of(GetParam())), HasSubstr("F32"), HasSubstr("million"),
                    HasSubstr("left out"), HasSubstr("2 tensors (copies of a moving average)")));
  EXPECT_GT(listener_.last, 0);
}

TEST_P(ImportModel, SafetensorsInHalfPrecision) {
  write_tensors(folder_ / "model.safetensors", tensors_of(model_));
  for (const auto& [dtype, type] :
       {std::pair{Dtype::F16, torch::kFloat16}, std::pair{Dtype::BF16, torch::kBFloat16}}) {
    ImportOptions options;
    options.dtype = dtype;
    options.force = true;
    import_model(folder_ / "model.safetensors", folder_ / "out", options, listener_);
    expect_same_model(folder_ / "out", model_, type);
  }
  // And a half-precision source stays as it is.
  NamedTensors half;
  for (const auto& [name, tensor] : tensors_of(model_)) half[name] = tensor.to(torch::kFloat16);
  write_tensors(folder_ / "half.safetensors", half);
  import_model(folder_ / "half.safetensors", folder_ / "half", {}, listener_);
  EXPECT_EQ(open_tensors(folder_ / "half" / ldm::kUNetFile)->tensors().begin()->second.dtype, Dtype::F16);
  expect_same_model(folder_ / "half", model_, torch::kFloat16);
}

TEST_P(ImportModel, WhatDoesNotFitIsListedAndNothingIsWritten) {
  auto tensors = tensors_of(model_);
  tensors.erase("model.diffusion_model.out.2.bias");
  tensors["model.diffusion_model.out.0.bias"] = torch::zeros({5});
  tensors["first_stage_model.decoder.other"] = torch::zeros({5});
  tensors["model.diffusion_model.out.0.weight"] =
      tensors["model.diffusion_model.out.0.weight"].to(torch::kInt32);
  write_tensors(folder_ / "model.safetensors", tensors);
  EXPECT_THAT(refusal(folder_ / "model.safetensors"),
              AllOf(HasSubstr("model.safetensors does not fit"),
                    HasSubstr("1 missing:\n    model.diffusion_model.out.2.bias"),
                    HasSubstr("1 unknown:\n    first_stage_model.decoder.other"),
                    HasSubstr("out.0.bias is 5 instead of 32"), HasSubstr("out.0.weight is of type I32")));
  for (int i = 0; i < 20; i++) tensors["model.diffusion_model.extra" + std::to_string(i)] = torch::zeros({5});
  write_tensors(folder_ / "model.safetensors", tensors);
  EXPECT_THAT(refusal(folder_ / "model.safetensors"),
              AllOf(HasSubstr("21 unknown:"), HasSubstr("\n    and 9 more")));
}

TEST_P(ImportModel, APartThatIsMissingIsNamed) {
  for (const auto& [prefix, what] : {std::pair{ldm::kUNetPrefix, "no U-Net"},
                                     {ldm::kAutoencoderPrefix, "no autoencoder"},
                                     {ldm::kTextPrefix, "no text encoder"}}) {
    NamedTensors rest;
    for (const auto& [name, tensor] : tensors_of(model_))
      if (name.rfind(prefix, 0) != 0) rest[name] = tensor;
    write_tensors(folder_ / "part.safetensors", rest);
    EXPECT_THAT(refusal(folder_ / "part.safetensors"), HasSubstr(what));
  }
}

TEST_P(ImportModel, HeadsCanBeGiven) {
  write_tensors(folder_ / "model.safetensors", tensors_of(model_));
  ImportOptions options;
  options.heads = {4, 1};
  import_model(folder_ / "model.safetensors", folder_ / "out", options, listener_);
  const auto config = ldm::read_config(folder_ / "out");
  EXPECT_EQ(config.unet.num_heads, 4);
  EXPECT_EQ(config.text.heads, 1);
  EXPECT_EQ(config.text.dim_head, 128);
  options.heads = {7, 0};
  options.force = true;
  EXPECT_THAT(message_of<Error>(
                  [&] { import_model(folder_ / "model.safetensors", folder_ / "out", options, listener_); }),
              HasSubstr("cannot be divided into 7 heads; choose another --heads"));
}

TEST_P(ImportModel, AnotherScheduleIsRefused) {
  auto tensors = tensors_of(model_);
  auto config = model_.config;
  config.linear_end = 0.02;
  config.timesteps = 500;
  tensors["betas"] = betas(config);
  write_tensors(folder_ / "model.safetensors", tensors);
  import_model(folder_ / "model.safetensors", folder_ / "other", {}, listener_);
  EXPECT_NEAR(ldm::read_config(folder_ / "other").linear_end, 0.02, 1e-9);
  EXPECT_EQ(ldm::read_config(folder_ / "other").timesteps, 500);
  // In whatever type it was saved.
  for (const auto type : {torch::kFloat16, torch::kBFloat16, torch::kFloat64}) {
    tensors["betas"] = betas(config).to(type);
    tensors["scale_factor"] = torch::tensor(0.25).to(type);
    write_tensors(folder_ / "model.safetensors", tensors);
    const auto out = folder_ / std::string(torch::toString(type));
    import_model(folder_ / "model.safetensors", out, {}, listener_);
    EXPECT_NEAR(ldm::read_config(out).linear_start, config.linear_start, 1e-9) << type;
    EXPECT_NEAR(ldm::read_config(out).linear_end, 0.02, 1e-9) << type;
    EXPECT_EQ(ldm::read_config(out).timesteps, 500) << type;
    EXPECT_EQ(ldm::read_config(out).scale_factor, 0.25) << type;
  }
  tensors["betas"] = torch::linspace(0.0001, 0.02, 1000).to(torch::kFloat16);
  write_tensors(folder_ / "model.safetensors", tensors);
  EXPECT_THAT(refusal(folder_ / "model.safetensors"), HasSubstr("not linear in the root of beta"));
  tensors["betas"] = torch::linspace(0.0001, 0.02, 1000);
  write_tensors(folder_ / "model.safetensors", tensors);
  EXPECT_THAT(refusal(folder_ / "model.safetensors"), HasSubstr("not linear in the root of beta"));
}

TEST_P(ImportModel, WeightsThatAreNoNumbersAreRefused) {
  auto tensors = tensors_of(model_);
  auto& weight = tensors["model.diffusion_model.out.2.bias"];
  weight = torch::full_like(weight, 1e30);
  write_tensors(folder_ / "model.safetensors", tensors);
  ImportOptions half;
  half.dtype = Dtype::F16;
  EXPECT_THAT(refusal(folder_ / "model.safetensors", half),
              AllOf(HasSubstr("out.2.bias"), HasSubstr("--dtype bf16")));
  weight = torch::full_like(weight, NAN);
  write_tensors(folder_ / "model.safetensors", tensors);
  EXPECT_THAT(refusal(folder_ / "model.safetensors"), HasSubstr("values that are no numbers"));
}

TEST_P(ImportModel, StoppedItLeavesNothing) {
  write_tensors(folder_ / "model.safetensors", tensors_of(model_));
  listener_.stop = true;
  const auto before = folder_.count();
  EXPECT_THROW(import_model(folder_ / "model.safetensors", folder_ / "out", {}, listener_), Interrupted);
  EXPECT_EQ(folder_.count(), before);
}

TEST_P(ImportModel, ReplacesOnlyAModelAndOnlyWhenTold) {
  write_tensors(folder_ / "model.safetensors", tensors_of(model_));
  make_folders(folder_ / "out");
  write_file(folder_ / "out/mine", "mine");
  EXPECT_THAT(refusal(folder_ / "model.safetensors"), HasSubstr("is there already"));
  ImportOptions force;
  force.force = true;
  EXPECT_THAT(refusal(folder_ / "model.safetensors", force),
              HasSubstr("is no model; --force replaces only a model"));
}

TEST_P(ImportModel, AVocabularyMustBelongToTheModel) {
  write_tensors(folder_ / "model.safetensors", tensors_of(model_));
  write_file(folder_ / "vocab.txt", "[PAD]\n[UNK]\n[CLS]\n[SEP]\na\n");
  ImportOptions options;
  options.vocabulary = folder_ / "vocab.txt";
  const bool bert = GetParam() == BaseFamily::kLdmBert;
  EXPECT_THAT(
      refusal(folder_ / "model.safetensors", options),
      HasSubstr(bert ? "has 5 entries, but the model knows 1200 tokens" : "give --merges merges.txt"));
  options.merges = folder_ / "merges.txt";
  EXPECT_THAT(refusal(folder_ / "model.safetensors", options),
              HasSubstr(bert ? "needs only --vocab" : "merges.txt"));
  if (!bert) return;
  options.merges.clear();
  std::string words = "[PAD]\n[UNK]\n[CLS]\n[SEP]\n";
  for (int i = 4; i < 1200; i++) words += "w" + std::to_string(i) + "\n";
  write_file(folder_ / "vocab.txt", words);
  import_model(folder_ / "model.safetensors", folder_ / "out", options, listener_);
  EXPECT_TRUE(fs::exists(folder_ / "out/vocab.txt"));
}

TEST_P(ImportModel, HoldsNoMoreThanTwiceTheLargestTensor) {
  auto config = small(GetParam());
  config.text.width = config.unet.context_dim = 512;
  config.text.heads = 8;
  config.text.vocabulary = 40000;
  constexpr uint64_t kLargest = 40000ull * 512 * 4;  // 82 MB
  write_tensors(folder_ / "model.safetensors", tensors_of(LatentDiffusion::create(config, 1)));
  for (const auto dtype : {Dtype::F32, Dtype::BF16}) {
    ImportOptions options;
    options.dtype = dtype;
    options.force = true;
    std::ofstream("/proc/self/clear_refs") << "5";  // the peak begins anew
    const uint64_t before = resident_bytes();
    import_model(folder_ / "model.safetensors", folder_ / "out", options, listener_);
    const uint64_t peak = peak_resident_bytes();
    ASSERT_GT(peak, before + kLargest / 2);
    EXPECT_LT(peak - before, 2 * kLargest);
  }
}

INSTANTIATE_TEST_SUITE_P(Families, ImportModel, testing::Values(BaseFamily::kLdmBert, BaseFamily::kSd1Clip));

}  // namespace
}  // namespace kizu::importing
