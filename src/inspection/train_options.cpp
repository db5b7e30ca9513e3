#include "inspection/train_options.h"

#include <algorithm>

#include "core/error.h"
#include "core/json.h"

namespace kizu::inspection {
namespace {

void demand(bool good, const std::string& message) {
  if (!good) throw Error(message);
}

// Sums of bytes: quick, and blind to nothing but a permutation of pixels.
uint64_t digest(const std::vector<Example>& pool) {
  uint64_t hash = 0xCBF29CE484222325ull;
  for (const auto& example : pool) {
    for (const auto& part : {example.image, example.mask}) {
      hash = (hash ^ static_cast<uint64_t>(part.sum().item<int64_t>())) * 0x100000001B3ull;
    }
  }
  return hash;
}

}  // namespace

const char* name_of(Optimiser optimiser) {
  return optimiser == Optimiser::kMuon ? "muon" : "adam";
}

Optimiser TrainOptions::chosen_optimiser() const {
  if (optimiser != Optimiser::kAuto) return optimiser;
  return net.net == "light" ? Optimiser::kMuon : Optimiser::kAdam;
}

TrainOptions TrainOptions::for_photos(bool aligned) const {
  TrainOptions options = *this;
  constexpr int64_t kMost = 512;  // a step costs as much as its pixels
  if (options.samples.crop == 0) options.samples.crop = aligned ? std::min(work_size, kMost) : 160;
  if (options.batch == 0) options.batch = aligned ? 4 : 8;
  if (options.samples.turned == kByPhotos) options.samples.turned = aligned ? 0 : 0.5;
  if (!mix.draws_from(Source::kPairs)) options.samples.turned = 0;
  return options;
}

TrainOptions TrainOptions::within(int64_t longest) const {
  TrainOptions options = *this;
  options.samples.crop = std::min(options.samples.crop, whole_cells(longest));
  return options;
}

TrainOptions TrainOptions::reference() {
  TrainOptions options;
  options.net = {"draem", 64};
  options.mix = Mix::parse("good:0.5,pairs:0.5");
  options.samples.crop = 256;
  options.samples.turned = 0;
  options.batch = 8;
  options.samples.augmentation = {false, false, 0, 0, 0, 0, 0};
  options.steps = 200 * 63;
  options.optimiser = Optimiser::kAdam;
  options.rate = 1e-4;
  options.schedule = RateSchedule::kMilestones;
  options.dice = 0;
  options.balanced = 0;
  options.clip = 0;
  options.average = 0;
  options.holdout = 0;
  return options;
}

void TrainOptions::check() const {
  demand(net.net == "light" || net.net == "draem",
         "there is no localizer named '" + net.net + "'; choose light or draem");
  demand(net.width >= 1 && net.width <= 512, "--width: 1 to 512 channels");
  demand(steps >= 0 && steps <= 10000000, "--train-steps: 1 to 10000000, or 0");
  demand(batch >= 0 && batch <= 512, "--train-batch: 1 to 512, or 0");
  demand(samples.crop == 0 || (samples.crop >= 32 && samples.crop <= 2048),
         "--crop: 32 to 2048 pixels, or 0");
  demand(samples.turned == kByPhotos || (samples.turned >= 0 && samples.turned <= 1),
         "--turn-pairs: 0 to 1, or -1");
  demand(rate > 0 && rate < 1, "--train-rate: the learning rate must be above 0 and below 1");
  demand(holdout >= 0 && holdout <= 0.5, "holdout: 0 to 0.5 of the pairs");
  demand(dice >= 0, "--dice: at least 0");
  demand(balanced >= 0, "--balanced: at least 0");
  demand(clip >= 0, "clip: at least 0");
  demand(average >= 0 && average < 1, "average: at least 0 and below 1");
  demand(checkpoint_every >= 1, "checkpoint_every: at least 1 step");
  demand(look_every >= 1 && flat_looks >= 1 && flat_gain > 0 && flat_gain < 1,
         "until flat: look_every and flat_looks from 1, flat_gain between 0 and 1");
  demand(!until_flat || holdout > 0, "--until-flat: needs held-out pairs, so a share of them above 0");
  demand(work_size >= 32 && work_size <= 4096, "--work-size: 32 to 4096 pixels");
}

std::string fingerprint(const TrainOptions& options, const TrainingSet& set) {
  const auto& s = options.samples;
  const auto& a = s.augmentation;
  const auto& p = s.paste;
  Json parts = Json::array();
  for (const auto& mix : options.mix.parts) parts.push_back(mix.weights);
  Json json{
      {"net", {options.net.net, options.net.width}},
      {"mix", parts},
      {"run",
       {options.work_size, options.steps, options.batch, options.chosen_optimiser(), options.rate,
        options.schedule, options.seed}},
      {"loss",
       {options.dice, options.balanced, options.clip, options.average, options.holdout, options.choose}},
      {"flat", {options.until_flat, options.look_every, options.flat_looks, options.flat_gain}},
      {"samples", {s.crop, s.paste_shift, s.perlin_as_shots, s.aimed}},
      {"augmentation",
       {a.flips, a.quarter_turns, a.scale, a.brightness, a.contrast, a.margin, a.deepest_margin}},
      {"paste", {p.rotation, p.scale, p.contrast, p.flips, p.feather}},
      {"data",
       {set.good.size(), set.pairs.size(), set.shots.size(), digest(set.good), digest(set.pairs),
        digest(set.shots)}}};
  if (s.turned > 0) json["turned"] = s.turned;
  return json.dump();
}

}  // namespace kizu::inspection
