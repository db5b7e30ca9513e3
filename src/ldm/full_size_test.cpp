// The published model at its full width with random weights: about 10 GB of memory, 7 GB of disk and some
// minutes, therefore only where KIZU_FULL_SIZE is set. Prints time and peak memory of every step.
#include <gtest/gtest.h>

#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <fstream>

#include "core/memory.h"
#include "core/scratch_folder.h"
#include "ldm/latent_diffusion.h"
#include "ldm/memory_need.h"
#include "ldm/tokenizer.h"
#include "tensor/noise.h"

namespace kizu::ldm {
namespace {

/// Measures what runs from its making to its end.
class Measured {
 public:
  explicit Measured(std::string what) : what_(std::move(what)), began_(std::chrono::steady_clock::now()) {
    std::ofstream("/proc/self/clear_refs") << "5";  // the peak begins anew
    before_ = resident_bytes();
  }
  /// Peak since the beginning, beyond what was held then.
  uint64_t peak() const { return peak_resident_bytes() - std::min(before_, peak_resident_bytes()); }
  ~Measured() {
    const std::chrono::duration<double> took = std::chrono::steady_clock::now() - began_;
    std::printf("[ measured ] %s | %.1f s | peak %.2f GB beyond %.2f GB\n", what_.c_str(), took.count(),
                static_cast<double>(peak()) / 1e9, static_cast<double>(before_) / 1e9);
  }

 private:
  std::string what_;
  std::chrono::steady_clock::time_point began_;
  uint64_t before_ = 0;
};

torch::Tensor normal(std::vector<int64_t> shape) {
  return NoiseStream(1).normal(shape);
}

/// Touches every weight, so that mapped ones count as memory in use.
void touch(const torch::nn::Module& module) {
  for (const auto& p : module.parameters()) EXPECT_TRUE(p.sum().isfinite().item<bool>());
}

/// Loads, touches and expects the peak to be at most 1.15 times the weights in use.
void expect_lean_load(const std::filesystem::path& folder, const LatentDiffusionConfig& config,
                      const LoadOptions& options, const std::string& what) {
  const Measured measured("load " + what);
  const auto model = LatentDiffusion::load(folder, options);
  if (model.unet) touch(*model.unet);
  if (model.autoencoder) touch(*model.autoencoder);
  if (model.text) touch(*model.text);
  EXPECT_LE(static_cast<double>(measured.peak()),
            1.15 * static_cast<double>(weight_bytes(config, options)) + (64u << 20))
      << what;
}

/// Preparing the weights (layers/prepared.h) must not keep a second copy of them.
void expect_lean_generation(const std::filesystem::path& folder, const LatentDiffusionConfig& config) {
  const torch::NoGradGuard no_grad;
  LoadOptions painting;
  painting.text = false;
  const Measured measured("load, encode, predict twice, decode 256 x 256");
  auto model = LatentDiffusion::load(folder, painting);
  auto latent = model.encode(normal({1, 3, 256, 256}), normal({1, 4, 32, 32}));
  for (int i = 0; i < 2; ++i) latent = model.unet(latent, torch::tensor({500}), normal({1, 77, 1280}));
  EXPECT_TRUE(model.decode(latent).isfinite().all().item<bool>());
  EXPECT_LE(static_cast<double>(measured.peak()), 1.4 * static_cast<double>(weight_bytes(config, painting)));
}

void run_each_network(LatentDiffusion& model) {
  const torch::NoGradGuard no_grad;
  torch::Tensor context, latent;
  {
    const Measured measured("text encoder, 77 tokens");
    context = model.text(fixed_caption(model.config.text));
  }
  {
    const Measured measured("text encoder released");
    model.release_text();
  }
  {
    const Measured measured("autoencoder, encode 256 x 256");
    latent = model.encode(normal({1, 3, 256, 256}), normal({1, 4, 32, 32}));
  }
  {
    const Measured measured("U-Net, 32 x 32");
    const auto eps = model.unet(latent, torch::tensor({500}), context);
    EXPECT_TRUE(eps.isfinite().all().item<bool>());
  }
  {
    const Measured measured("autoencoder, decode 256 x 256");
    EXPECT_TRUE(model.decode(latent).isfinite().all().item<bool>());
  }
}

/// One backward pass from the U-Net's output to the token embeddings, as learning does at every step. The
/// first one also prepares the weights, which until then lie in the file alone.
void run_learning_pass(LatentDiffusion& model, bool checkpointing, bool first) {
  const Measured measured(std::string("forward and backward, batch 1") +
                          (checkpointing ? ", checkpointing" : ""));
  model.unet->set_checkpointing(checkpointing);
  model.text->set_checkpointing(checkpointing);
  const auto tokens = model.text->embed(fixed_caption(model.config.text)).detach().set_requires_grad(true);
  const auto eps = model.unet(normal({1, 4, 32, 32}), torch::tensor({500}), model.text->encode(tokens));
  eps.square().mean().backward();
  EXPECT_TRUE(tokens.grad().isfinite().all().item<bool>());
  const auto need = learning_need(model.config, {}, 1, 256, 256, checkpointing);
  EXPECT_LE(measured.peak(), (first ? need.total() : need.working) + (256u << 20))
      << "the estimate is too low";
}

TEST(FullSize, LoadsLeanlyAndRuns) {
  if (!std::getenv("KIZU_FULL_SIZE")) GTEST_SKIP() << "set KIZU_FULL_SIZE=1 for the test at full size";
  const LatentDiffusionConfig config;
  const ScratchFolder folder;
  {
    const Measured measured("create and save as float32");
    LatentDiffusion::create(config, 1).save(folder / "full", torch::kFloat32, {});
  }
  LoadOptions painting, reading;
  painting.text = reading.unet = reading.autoencoder = false;
  expect_lean_load(folder / "full", config, {}, "float32 as float32");
  expect_lean_load(folder / "full", config, reading, "the text encoder alone");
  expect_lean_generation(folder / "full", config);
  auto model = LatentDiffusion::load(folder / "full");
  run_learning_pass(model, true, true);
  run_learning_pass(model, false, false);
  run_each_network(model);
}

/// Encode, a sampler's evaluations and decode, with everything that the process holds, fit in 3.5 GB where
/// the weights are kept in 16 bits.
void expect_lean_half_generation(const std::filesystem::path& folder) {
  const torch::NoGradGuard no_grad;
  LoadOptions painting;
  painting.text = false;
  painting.kept = torch::kFloat16;
  const auto run = [](LatentDiffusion& model) {
    auto latent = model.encode(normal({1, 3, 256, 256}), normal({1, 4, 32, 32}));
    for (int i = 0; i < 2; ++i) latent = model.unet(latent, torch::tensor({500}), normal({1, 77, 1280}));
    return model.decode(latent);
  };
  torch::Tensor half;
  {
    const Measured measured("float16 kept: load, encode, predict twice, decode 256 x 256");
    auto model = LatentDiffusion::load(folder, painting);
    half = run(model);
    EXPECT_LE(peak_resident_bytes(), 3'500'000'000u);
    EXPECT_LE(measured.peak(), generation_need(model.config, painting, 1, 256, 256).total());
  }
  painting.kept = torch::kFloat32;
  auto widened = LatentDiffusion::load(folder, painting);
  EXPECT_TRUE(run(widened).equal(half));
}

/// One evaluation and a decode.
std::vector<torch::Tensor> outputs(LatentDiffusion& model) {
  const torch::NoGradGuard no_grad;
  return {model.unet(normal({1, 4, 32, 32}), torch::tensor({500}), normal({1, 77, 1280})),
          model.decode(normal({1, 4, 32, 32}))};
}

/// Prints how far weights rounded to 16 bits take the outputs from those of the float32 weights, as a share
/// of their size (root mean square).
void expect_small_rounding(LatentDiffusion& model, const std::vector<torch::Tensor>& wanted, double most,
                           const std::string& what) {
  const auto found = outputs(model);
  for (size_t i = 0; i < found.size(); ++i) {
    const auto error = ((found[i] - wanted[i]).norm() / wanted[i].norm()).item<double>();
    std::printf("[ measured ] %s, %s: %.2g from float32\n", what.c_str(), i == 0 ? "U-Net" : "decoder",
                error);
    EXPECT_LT(error, most) << what;
  }
}

TEST(FullSize, SixteenBitsKeepTheOutputsOfTheNetworks) {
  if (!std::getenv("KIZU_FULL_SIZE")) GTEST_SKIP() << "set KIZU_FULL_SIZE=1 for the test at full size";
  const ScratchFolder folder;
  std::vector<torch::Tensor> wanted;
  {
    auto model = LatentDiffusion::create({}, 1);
    model.save(folder / "float16", torch::kFloat16, {});
    model.save(folder / "bfloat16", torch::kBFloat16, {});
    wanted = outputs(model);
  }
  expect_lean_half_generation(folder / "float16");
  for (const auto& [name, type, most] :
       {std::tuple{"float16", torch::kFloat16, 0.002}, std::tuple{"bfloat16", torch::kBFloat16, 0.015}}) {
    LoadOptions painting;
    painting.text = false;
    painting.kept = type;
    auto model = LatentDiffusion::load(folder / name, painting);
    expect_small_rounding(model, wanted, most, name);
  }
}

TEST(FullSize, HalfPrecisionFilesLoadLeanly) {
  if (!std::getenv("KIZU_FULL_SIZE")) GTEST_SKIP() << "set KIZU_FULL_SIZE=1 for the test at full size";
  const LatentDiffusionConfig config;
  const ScratchFolder folder;
  LatentDiffusion::create(config, 1).save(folder / "half", torch::kFloat16, {});
  LoadOptions half;
  half.dtype = torch::kFloat16;
  expect_lean_load(folder / "half", config, {}, "float16 as float32");
  expect_lean_load(folder / "half", config, half, "float16 as float16");
}

}  // namespace
}  // namespace kizu::ldm
