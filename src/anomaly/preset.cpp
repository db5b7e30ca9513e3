#include "anomaly/preset.h"

#include "core/error.h"

namespace kizu::anomaly {

Preset Preset::reference() {
  Preset p;
  p.name = "reference";
  p.one_shot_too_many = true;
  p.anomaly_tokens = 4;
  p.small_spatial_encoder = false;
  p.spatial_training_mode = true;
  p.caption = CaptionChoice::kRandom;
  p.soft_masks = true;
  p.posterior_mode = false;
  p.mask_resize = MaskResize::kReference;
  p.loss_per_area = false;
  p.scale_learning_rate = true;
  p.steps = 1000000;
  p.mask_steps = 30001;
  p.learned_masks = true;
  p.mask_sampler_steps = 100;
  p.keep_empty_masks = true;
  p.jpeg_masks = true;
  p.solver = diffusion::Solver::kDdim;
  p.sampler_steps = 200;
  p.spacing = diffusion::Spacing::kReference;
  p.ending = diffusion::Ending::kNoisy;
  p.reweighting = ReweightMode::kReference;
  p.reweighted_tokens = ReweightedTokens::kInsertedAndFirst;
  p.dilate_early = true;
  p.final_blend = false;
  p.compositing = Compositing::kDecoded;
  p.jpeg_images = true;
  p.pairs = 504;
  return p;
}

Preset Preset::paper() {
  Preset p = reference();
  p.name = "paper";
  p.one_shot_too_many = false;
  p.anomaly_tokens = 8;
  p.mask_tokens = 4;
  p.random_mask_start = true;
  p.spatial_training_mode = false;
  p.scale_learning_rate = false;
  p.steps = 300000;
  p.jpeg_masks = false;
  p.reweighting = ReweightMode::kPaper;
  p.literal_weights = true;
  p.weights_by_pixels = true;
  p.reweighted_tokens = ReweightedTokens::kAll;
  p.dilate_early = false;
  p.final_blend = true;
  p.jpeg_images = false;
  p.pairs = 1000;
  return p;
}

Preset Preset::named(const std::string& name) {
  for (const auto& preset : {paper(), reference(), improved()})
    if (preset.name == name) return preset;
  throw Error("there is no preset '" + name + "'; there are paper, reference and improved");
}

void Preset::set(const std::string& assignment) {
  const auto equals = assignment.find('=');
  const auto wanted = assignment.substr(0, equals);
  for (const auto& row : switches()) {
    if (row.name != wanted) continue;
    if (equals == std::string::npos || !row.set(*this, assignment.substr(equals + 1)))
      throw Error("--set " + assignment + ": write --set " + wanted + "=VALUE with one of: " + row.values);
    name += ", " + assignment;
    return;
  }
  throw Error("--set " + assignment + ": there is no switch '" + wanted + "'; kizu presets lists them");
}

SpatialEncoderConfig Preset::spatial_encoder(int64_t width) const {
  SpatialEncoderConfig config;
  config.tokens = spatial_tokens;
  config.width = width;
  config.head_width = width;
  if (small_spatial_encoder) {
    config.head_width = 128;
    config.channels = {16, 32, 64, 128};
    config.units = {2, 2, 2, 2};
  }
  return config;
}

InversionOptions Preset::inversion() const {
  InversionOptions options;
  options.mask_resize = mask_resize;
  options.loss.per_area = loss_per_area;
  return options;
}

PaintOptions Preset::painting() const {
  PaintOptions options;
  const bool chosen_grid = solver == diffusion::Solver::kDdim;
  options.sampler = {solver, sampler_steps, eta, chosen_grid ? spacing : diffusion::spacing_for(solver),
                     ending};
  options.mask_resize = mask_resize;
  options.reweighting = reweighting;
  options.reweight_by_pixels = weights_by_pixels;
  if (literal_weights) options.paper_map = PaperMapOptions::literal();
  options.reweighted_tokens = reweighted_tokens;
  options.dilate_early = dilate_early;
  options.final_blend = final_blend;
  options.posterior_mode = posterior_mode;
  return options;
}

MaskSamplingOptions Preset::mask_sampling() const {
  MaskSamplingOptions options;
  options.sampler.steps = mask_sampler_steps;
  options.sampler.spacing = spacing;
  options.sampler.ending = ending;
  options.guidance = mask_guidance;
  return options;
}

GeneratedMaskOptions Preset::mask_filter() const {
  GeneratedMaskOptions options;
  options.keep_empty = keep_empty_masks;
  return options;
}

}  // namespace kizu::anomaly
