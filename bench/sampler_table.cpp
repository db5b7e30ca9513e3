// Quality against evaluations: the pairs of a finished run of the compact base are painted again from noise
// with every solver and number of steps. docs/performance-steps.md says what the columns mean.
//
//   sampler_table RUN [pairs of each type, 8]
#include <algorithm>
#include <chrono>
#include <cstdio>
#include <iostream>

#include "anomaly/generation.h"
#include "image/codec.h"
#include "pipeline/adapt.h"
#include "pipeline/steps.h"
#include "quality/alignment.h"
#include "study/free_painting.h"
#include "tensor/convert.h"

namespace {

namespace fs = std::filesystem;
using namespace kizu;
using diffusion::Solver;

/// One pair of the run, ready to be painted again.
struct Scene {
  anomaly::TypeEmbedding type;
  const anomaly::Standard* standard;
  Image good;
  Mask mask;
  uint64_t seed;
};

struct Row {
  std::vector<double> off, shot_distance, alignment;
  double seconds = 0;
};

double median(std::vector<double> values) {
  std::sort(values.begin(), values.end());
  return values.empty() ? 0 : values[values.size() / 2];
}

double mean(const std::vector<double>& values) {
  double sum = 0;
  for (const double value : values) sum += value;
  return sum / static_cast<double>(values.size());
}

study::FreePainting paint(const ldm::CompactModel& model, const Scene& scene,
                          const diffusion::SamplerOptions& its) {
  return study::paint_freely(model, scene.type, scene.good, scene.mask, scene.seed, its);
}

double norm_inside(const torch::Tensor& x, const torch::Tensor& touched) {
  return (x * touched).norm().item<double>();
}

Row paint_all(const ldm::CompactModel& model, const std::vector<Scene>& scenes,
              const diffusion::SamplerOptions& its, const std::vector<study::FreePainting>& reference) {
  Row row;
  anomaly::GenerateOptions options;
  options.solver = its.solver, options.steps = its.steps, options.eta = its.eta, options.from_shots = 0;
  for (std::size_t i = 0; i < scenes.size(); i++) {
    const auto& scene = scenes[i];
    if (!reference.empty()) {
      // Without blending, so that the start is the only noise.
      const auto free = paint(model, scene, its);
      const auto& exact = reference[i];
      const auto touched = ldm::touched_latents(exact.mask, 0);
      row.off.push_back(norm_inside(free.made - exact.made, touched) /
                        norm_inside(exact.made - exact.good, touched));
    }
    const auto begin = std::chrono::steady_clock::now();
    const auto pair = anomaly::generate_pair(model, scene.type, scene.good, scene.mask, scene.seed, options);
    row.seconds += std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
    row.shot_distance.push_back(scene.standard->distance(anomaly::appearance_of(pair.image, pair.mask)));
    if (const auto auroc = quality::alignment_of(scene.good, pair.image, pair.mask).auroc)
      row.alignment.push_back(*auroc);
  }
  return row;
}

}  // namespace

int main(int argc, char** argv) try {
  const torch::NoGradGuard no_grad;
  if (argc < 2) {
    std::cerr << "sampler_table RUN [pairs of each type, 8]\n";
    return 2;
  }
  const auto workspace = pipeline::Workspace::open(argv[1], 1);
  const int64_t of_each = argc > 2 ? std::stoll(argv[2]) : 8;
  auto model = ldm::CompactModel::load(pipeline::base_of(workspace));
  const auto embeddings = anomaly::Embeddings::read(workspace.step("learn") / "embeddings.safetensors");
  embeddings.tune(model);
  model.train(false);

  std::map<std::string, std::vector<anomaly::Shot>> shots;
  for (const auto& photo : pipeline::load_shots(workspace, workspace.split()))
    shots[photo.type].push_back({photo.image, photo.mask});
  std::map<std::string, anomaly::Standard> standards;
  for (const auto& [type, own] : shots) standards.emplace(type, anomaly::Standard::of(own));
  std::vector<Scene> scenes;
  std::map<std::string, int64_t> count;
  for (const auto& pair :
       pipeline::read_list(workspace.step("pairs") / "pairs.json", "pairs", {"type", "mask"})) {
    const auto type = pair.at("type").get<std::string>();
    if (count[type]++ >= of_each) continue;
    scenes.push_back(
        {embeddings.of(type), &standards.at(type),
         read_image(workspace.data / fs::u8path(pair.at("source").at("file").get<std::string>())),
         read_mask(workspace.step("pairs") / fs::u8path(pair.at("mask").get<std::string>())),
         pair.at("seed").get<uint64_t>()});
  }
  std::printf("%zu pairs; off: median distance to 200 steps of DDIM without noise, of the change\n",
              scenes.size());
  std::vector<study::FreePainting> reference;
  for (const auto& scene : scenes) reference.push_back(paint(model, scene, {Solver::kDdim, 200}));
  std::printf("%-9s %4s %5s  %6s  %9s  %8s  %6s\n", "sampler", "eta", "steps", "off", "to shots", "aligned",
              "ms");
  const auto line = [&](Solver solver, double eta, int64_t steps) {
    const bool noise = eta > 0 || solver == Solver::kDpmSolverSde;
    const auto row = paint_all(model, scenes, {solver, steps, eta, diffusion::spacing_for(solver)},
                               noise ? std::vector<study::FreePainting>{} : reference);
    std::printf("%-9s %4.0f %5ld  %6s  %4.3f %4.3f  %8.4f  %6.0f\n", diffusion::name_of(solver).c_str(), eta,
                static_cast<long>(steps), noise ? "-" : std::to_string(median(row.off)).substr(0, 6).c_str(),
                median(row.shot_distance), mean(row.shot_distance), mean(row.alignment),
                1000 * row.seconds / static_cast<double>(scenes.size()));
    std::fflush(stdout);
  };
  for (const int64_t steps : {5, 8, 10, 15, 20, 50, 200}) {
    for (const auto& [name, solver] : diffusion::solvers())
      if (steps < 200 || solver == Solver::kDdim) line(solver, 0, steps);
    line(Solver::kDdim, 1, steps);
  }
} catch (const std::exception& error) {
  std::cerr << error.what() << '\n';
  return 2;
}
