// Times steps of masked textual inversion on the published base at its full width, random weights in a mapped
// file: learning_bench FOLDER [steps] [workers] [rows] [options], FOLDER for 6 GB of weights, made when it is
// empty. Options: "plain" for torch's own operators, "encoder" for the published spatial encoder beside the
// embedding (5.7 GB more). scripts/bench runs it.
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <fstream>
#include <set>

#include "anomaly/spatial_encoder.h"
#include "anomaly/textual_inversion.h"
#include "core/memory.h"
#include "layers/exact.h"
#include "ldm/compute_need.h"
#include "ldm/tokenizer.h"
#include "random_networks.h"
#include "tensor/noise.h"

namespace kizu::bench {
namespace {

constexpr int64_t kBatch = 4, kSide = 256;

void write_base(const std::filesystem::path& folder) {
  if (std::filesystem::exists(folder / "model.json")) return;
  ldm::LatentDiffusion base;
  base.unet = full_unet();
  base.autoencoder = full_autoencoder();
  base.text = full_text_encoder();
  base.save(folder, torch::kFloat32, {});
}

anomaly::Concepts concepts(int64_t width, bool encoder) {
  anomaly::Concepts all;
  all.embeddings["nut"] = (0.02 * NoiseStream(1).normal({8, width})).requires_grad_(true);
  if (!encoder) return all;
  anomaly::GradualStyleEncoder spatial{anomaly::SpatialEncoderConfig()};
  spatial->draw_weights(1);
  all.spatial = anomaly::spatial_tokens(spatial, true);
  all.shared = trainables(*spatial, "spatial.");
  return all;
}

anomaly::InversionBatch batch(const ldm::TextEncoderConfig& text, int64_t step) {
  NoiseStream random(mix(2, "batch", step));
  anomaly::InversionBatch batch;
  const int64_t side = kSide / 8;
  batch.z_0 = random.normal({kBatch, 4, side, side});
  batch.eps = random.normal({kBatch, 4, side, side});
  batch.ids = torch::full({kBatch, text.max_length}, 1000, torch::kInt64);
  batch.ids.select(1, 5).fill_(ldm::placeholder_id(text.family));
  batch.names.assign(kBatch, "nut");
  batch.mask = torch::zeros({kBatch, 1, kSide, kSide});
  batch.mask.slice(2, 64, 160).slice(3, 80, 200).fill_(1);
  batch.t = torch::tensor({50, 300, 600, 900}, torch::kInt64);
  return batch;
}

void run(const std::string& folder, int64_t steps, int workers, int64_t rows,
         const std::set<std::string>& extra) {
  layers::set_exact(extra.count("plain") != 0);
  write_base(folder);
  ldm::LoadOptions load;
  load.autoencoder = false;
  auto base = ldm::LatentDiffusion::load(folder, load);
  anomaly::InversionOptions options;
  options.workers = workers;
  options.rows_at_once = rows;
  anomaly::TextualInversion training(base, concepts(base.config.text.width, extra.count("encoder") != 0),
                                     options, {});
  const auto need = ldm::compute_need(base.config, kSide, kSide);
  const double useful = 2e-9 * kBatch * 2 * (need.unet + need.text), of_unet = 2e-9 * kBatch * 2 * need.unet;
  std::ofstream("/proc/self/clear_refs") << "5";  // the peak begins anew
  for (int64_t step = 0; step < steps; ++step) {
    const auto start = std::chrono::steady_clock::now();
    const auto cpu = std::clock();
    const auto gradient = training.step(batch(base.config.text, step), 1e-3);
    const std::chrono::duration<double> took = std::chrono::steady_clock::now() - start;
    const double busy = static_cast<double>(std::clock() - cpu) / CLOCKS_PER_SEC;
    std::printf(
        "step %d: %.2f s (%.2f s of processors), twice forward %.0f GFLOP/s (U-Net alone %.0f), peak %.2f "
        "GB, now %.2f GB, loss "
        "%.7f, gradient %.6e\n",
        static_cast<int>(step), took.count(), busy, useful / took.count(), of_unet / took.count(),
        1e-9 * static_cast<double>(peak_resident_bytes()), 1e-9 * static_cast<double>(resident_bytes()),
        gradient.loss, gradient.of[0].norm().item<double>());
    std::fflush(stdout);
  }
}

}  // namespace
}  // namespace kizu::bench

int main(int argc, char** argv) {
  if (argc < 2) {
    std::fprintf(stderr, "usage: learning_bench FOLDER [steps] [workers] [rows] [plain] [encoder]\n");
    return 2;
  }
  kizu::keep_freed_memory();
  const auto number = [&](int i, int otherwise) { return argc > i ? std::atoi(argv[i]) : otherwise; };
  kizu::bench::run(argv[1], number(2, 3), number(3, 0), number(4, 1),
                   {argv + std::min(argc, 5), argv + argc});
}
