// Times the published base at its full width, random weights, on a GPU: one pass of the U-Net, pairs from end
// to end and steps of learning, each with torch's plain operators called one by one and as kizu runs them
// (channels-last, torch's attention in one piece, recorded kernels). Without a GPU it says so.
#include <torch/cuda.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <functional>

#include "anomaly/concept_generation.h"
#include "anomaly/textual_inversion.h"
#include "core/error.h"
#include "dent.h"
#include "layers/exact.h"
#include "ldm/compute_need.h"
#include "ldm/tokenizer.h"
#include "random_networks.h"
#include "tensor/noise.h"

namespace kizu::bench {
namespace {

struct Way {
  const char* name;
  bool plain;
  torch::ScalarType dtype;
};
constexpr Way kWays[] = {{"plain, float32", true, torch::kFloat32},
                         {"plain, bfloat16", true, torch::kBFloat16},
                         {"kizu, float32", false, torch::kFloat32},
                         {"kizu, bfloat16", false, torch::kBFloat16}};
constexpr int64_t kSide = 256;

/// Seconds of one call after three that do not count: the best of three rounds of about a second in all.
double seconds_of(const std::function<void()>& work) {
  const auto round = [&](int64_t calls) {
    torch::cuda::synchronize();
    const auto start = std::chrono::steady_clock::now();
    for (int64_t i = 0; i < calls; ++i) work();
    torch::cuda::synchronize();
    const std::chrono::duration<double> took = std::chrono::steady_clock::now() - start;
    return took.count() / static_cast<double>(calls);
  };
  round(2);
  const auto calls = std::clamp<int64_t>(static_cast<int64_t>(0.3 / round(1)), 1, 1000);
  return std::min({round(calls), round(calls), round(calls)});
}

/// TFLOP/s of a large matrix product.
double peak(torch::ScalarType dtype) {
  const auto a = torch::randn({8192, 8192}, torch::TensorOptions(torch::kCUDA).dtype(dtype));
  return 2e-12 * 8192.0 * 8192.0 * 8192.0 / seconds_of([&] { a.mm(a); });
}

ldm::LatentDiffusion full_base(const Way& way) {
  layers::set_exact(way.plain);
  ldm::LatentDiffusion base;
  base.unet = full_unet();
  base.autoencoder = full_autoencoder();
  base.text = full_text_encoder();
  base.to(torch::kCUDA, way.dtype);
  return base;
}

torch::Tensor normal(std::vector<int64_t> shape) {
  return NoiseStream(2).normal(shape).cuda();
}

void time_unet(ldm::LatentDiffusion& base, const Way& way, double tflop) {
  for (const int64_t batch : {1, 8, 16, 32, 64}) {
    const auto x = normal({batch, 4, 32, 32}), context = normal({batch, 77, 1280}).to(way.dtype);
    const auto t = torch::full({batch}, 500, torch::TensorOptions(torch::kCUDA).dtype(torch::kInt64));
    const double took = seconds_of([&] { base.predict(x, t, context); });
    std::printf("U-Net, 32x32, batch %2d      %9.2f ms  %8.1f TFLOP/s\n", static_cast<int>(batch), 1e3 * took,
                tflop * static_cast<double>(batch) / took);
    std::fflush(stdout);
  }
}

void time_pairs(ldm::LatentDiffusion& base, const Way& way) {
  auto preset = anomaly::Preset::named("improved");
  preset.set("sampler_steps=10");
  for (const int64_t batch : {1, 8, 32}) {
    std::vector<anomaly::PaintRequest> asked;
    anomaly::Context context{normal({batch, 77, 1280}).to(way.dtype), torch::tensor({{1, 13}})};
    context.ranges = context.ranges.expand({batch, 2}).contiguous();
    for (int64_t i = 0; i < batch; ++i) asked.push_back(dent(static_cast<uint64_t>(i)));
    const double took = seconds_of([&] { anomaly::paint_pairs(base, context, asked, kSide, preset); });
    std::printf("pairs of 256 px, batch %2d    %9.2f ms  %8.2f pairs/s\n", static_cast<int>(batch),
                1e3 * took, static_cast<double>(batch) / took);
    std::fflush(stdout);
  }
}

anomaly::InversionBatch learning_batch(const ldm::TextEncoderConfig& text, int64_t rows) {
  NoiseStream random(3);
  anomaly::InversionBatch batch;
  batch.z_0 = random.normal({rows, 4, kSide / 8, kSide / 8}).cuda();
  batch.eps = random.normal({rows, 4, kSide / 8, kSide / 8}).cuda();
  batch.ids = torch::full({rows, text.max_length}, 1000, torch::kInt64);
  batch.ids.select(1, 5).fill_(ldm::placeholder_id(text.family));
  batch.ids = batch.ids.cuda();
  batch.names.assign(static_cast<size_t>(rows), "nut");
  batch.mask = torch::ones({rows, 1, kSide, kSide}).cuda();
  batch.t = torch::full({rows}, 500, torch::kInt64).cuda();
  return batch;
}

void time_learning(ldm::LatentDiffusion& base) {
  for (const int64_t rows : {4, 16}) {
    anomaly::Concepts all;
    all.embeddings["nut"] =
        (0.02 * NoiseStream(1).normal({8, base.config.text.width})).cuda().requires_grad_(true);
    anomaly::InversionOptions options;
    options.rows_at_once = rows;
    anomaly::TextualInversion training(base, all, options, {});
    const auto batch = learning_batch(base.config.text, rows);
    const double took = seconds_of([&] { training.step(batch, 1e-3); });
    std::printf("step of learning, batch %2d   %9.2f ms  %8.2f steps/s\n", static_cast<int>(rows), 1e3 * took,
                1 / took);
    std::fflush(stdout);
  }
}

}  // namespace
}  // namespace kizu::bench

int main() {
  using namespace kizu::bench;
  if (!torch::cuda::is_available()) {
    std::printf("device_bench: no CUDA device was found; nothing is timed\n");
    return 0;
  }
  try {
    std::printf("libtorch %s; matrix product: float32 %.0f, bfloat16 %.0f TFLOP/s\n", TORCH_VERSION,
                peak(torch::kFloat32), peak(torch::kBFloat16));
    const double tflop = 2e-12 * kizu::ldm::compute_need({}, kSide, kSide).unet;
    for (const auto& way : kWays) {
      std::printf("\n%s\n", way.name);
      auto base = full_base(way);
      time_unet(base, way, tflop);
      time_pairs(base, way);
      time_learning(base);
    }
  } catch (const std::exception& failure) {
    std::fprintf(stderr, "device_bench: %s\n", failure.what());
    return 2;
  }
}
