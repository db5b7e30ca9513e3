#include <sstream>

#include "anomaly/preset.h"

namespace kizu::anomaly {
namespace {

std::string yes(bool on) {
  return on ? "yes" : "no";
}

std::string number(double value) {
  std::ostringstream out;
  out << value;
  return out.str();
}

std::string text(ReweightMode mode) {
  return mode == ReweightMode::kOff     ? "off"
         : mode == ReweightMode::kPaper ? "probabilities, from x_0"
                                        : "similarities, from x_t";
}

std::string text(ReweightedTokens tokens) {
  return tokens == ReweightedTokens::kAll        ? "all"
         : tokens == ReweightedTokens::kInserted ? "inserted"
                                                 : "inserted and first";
}

}  // namespace

const std::vector<Switch>& switches() {
  static const std::vector<Switch> table = {
      {"one_shot_too_many", "the anomaly model also learns from the first test image of each type",
       "paper, experiments: the first third; code: the training set's loop runs one further",
       [](const Preset& p) { return yes(p.one_shot_too_many); }},
      {"anomaly_tokens", "vectors of an anomaly embedding",
       "paper, spatial anomaly embedding: k = 8; code: num_vectors_per_token 4",
       [](const Preset& p) { return std::to_string(p.anomaly_tokens); }},
      {"spatial_tokens", "vectors made of the mask", "paper, spatial anomaly embedding, and code: n = 4",
       [](const Preset& p) { return std::to_string(p.spatial_tokens); }},
      {"mask_tokens", "vectors of a mask embedding",
       "paper, mask generation: k' = 4; code: num_vectors_per_token 16",
       [](const Preset& p) { return std::to_string(p.mask_tokens); }},
      {"mask_start", "what mask tokens are before learning",
       "paper, mask generation: random; code: --init_word crack",
       [](const Preset& p) -> std::string { return p.random_mask_start ? "noise" : "the word crack"; }},
      {"spatial_encoder", "network from the mask to its vectors",
       "paper, spatial anomaly embedding: ResNet-50 with FPN; code: pixel2style2pixel's IR-50 (taken for "
       "paper as well); ours is "
       "100 "
       "times smaller",
       [](const Preset& p) -> std::string { return p.small_spatial_encoder ? "small IR" : "IR-50"; }},
      {"spatial_training_mode", "its batch norms use the batch's statistics also when generating",
       "code: eval() is never called on the embedding manager",
       [](const Preset& p) { return yes(p.spatial_training_mode); }},
      {"caption", "the words around what is learned", "code: a random one of 81 templates, drawn per picture",
       [](const Preset& p) -> std::string {
         return p.caption == CaptionChoice::kRandom ? "random" : "fixed";
       }},
      {"augment", "flips, rotation and a common crop, for every other batch", "code: --data_enhance",
       [](const Preset& p) { return yes(p.augment); }},
      {"soft_masks", "masks stay fractional at the edges after augmentation", "code: the training step",
       [](const Preset& p) { return yes(p.soft_masks); }},
      {"latents", "what stands for a photo: a sample of the posterior, or its mean",
       "code: get_first_stage_encoding samples",
       [](const Preset& p) -> std::string { return p.posterior_mode ? "mean" : "sampled"; }},
      {"mask_resize", "how masks come to the latent's resolution",
       "code: bilinear without antialiasing, from 0.5 on; thin defects vanish",
       [](const Preset& p) -> std::string {
         return p.mask_resize == MaskResize::kReference ? "bilinear" : "coverage";
       }},
      {"loss_mean_over", "what the masked error is averaged over",
       "paper, masked textual inversion, and code: every latent element, so that a shot weighs by its mask's "
       "area",
       [](const Preset& p) -> std::string { return p.loss_per_area ? "the mask" : "everything"; }},
      {"learning_rate", "of Adam, before scaling", "code: base_learning_rate",
       [](const Preset& p) { return number(p.learning_rate); }},
      {"scale_learning_rate", "the rate is multiplied by the batch", "code: --scale_lr is on",
       [](const Preset& p) { return yes(p.scale_learning_rate); }},
      {"batch", "photos in a step", "code: batch_size",
       [](const Preset& p) { return std::to_string(p.batch); }},
      {"steps", "of the anomaly model", "paper's models and first code: 300,000; code: max_steps 1,000,000",
       [](const Preset& p) { return std::to_string(p.steps); }},
      {"mask_steps", "of each mask embedding", "code: 30,001",
       [](const Preset& p) { return std::to_string(p.mask_steps); }},
      {"mask_sampler_steps", "DDIM steps for a mask", "code: generate_mask.py, 100",
       [](const Preset& p) { return std::to_string(p.mask_sampler_steps); }},
      {"mask_guidance", "classifier-free guidance for a mask", "code: generate_mask.py, 5",
       [](const Preset& p) { return number(p.mask_guidance); }},
      {"keep_empty_masks", "masks without a pixel are kept", "code: check_mask looks at the borders only",
       [](const Preset& p) { return yes(p.keep_empty_masks); }},
      {"jpeg_masks", "masks are stored as JPEG and thresholded again", "code: generate_mask.py",
       [](const Preset& p) { return yes(p.jpeg_masks); }},
      {"sampler_steps", "DDIM steps for a picture", "code: generate_with_mask.py, 200",
       [](const Preset& p) { return std::to_string(p.sampler_steps); }},
      {"eta", "noise of DDIM", "code: ddim_eta 1", [](const Preset& p) { return number(p.eta); }},
      {"time_grid", "which training steps DDIM visits", "code: make_ddim_timesteps, uniform",
       [](const Preset& p) -> std::string {
         return p.spacing == diffusion::Spacing::kReference ? "from 1 up" : "from 999 down";
       }},
      {"last_step", "where the last step ends", "code: at alphas_cumprod[0]",
       [](const Preset& p) -> std::string {
         return p.ending == diffusion::Ending::kNoisy ? "slightly noisy" : "clean";
       }},
      {"reweighting", "adaptive attention re-weighting: what it multiplies, and where its map comes from",
       "paper, adaptive attention re-weighting; code: --adaptive_mask",
       [](const Preset& p) { return text(p.reweighting); }},
      {"literal_weights", "softmax of 1/d and nothing outside the mask",
       "paper, adaptive scaling softmax, by the letter",
       [](const Preset& p) { return yes(p.literal_weights); }},
      {"reweighted_tokens", "tokens that are re-weighted",
       "paper, adaptive attention re-weighting: all; code: the inserted and column 0",
       [](const Preset& p) { return text(p.reweighted_tokens); }},
      {"dilate_early", "the mask is wider early in sampling", "code: with --adaptive_mask",
       [](const Preset& p) { return yes(p.dilate_early); }},
      {"final_blend", "the good latent outside the mask also after the last step",
       "paper, blended diffusion; code: the last blend is before the last model call",
       [](const Preset& p) { return yes(p.final_blend); }},
      {"compositing", "how the photo is made of the decoded latent", "code: the decoded picture is saved",
       [](const Preset& p) -> std::string {
         return p.compositing == Compositing::kFeather ? "feathered difference" : "decoded picture";
       }},
      {"jpeg_images", "photos are stored as JPEG, quality 75", "code: generate_with_mask.py",
       [](const Preset& p) { return yes(p.jpeg_images); }},
      {"pairs", "pairs of each type", "paper, experiments: 1000; code: batches of 8 until more than 500",
       [](const Preset& p) { return std::to_string(p.pairs); }}};
  return table;
}

}  // namespace kizu::anomaly
