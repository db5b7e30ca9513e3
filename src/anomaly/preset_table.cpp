#include <sstream>

#include "anomaly/preset.h"

namespace kizu::anomaly {
namespace {

using P = Preset;

/// How a switch is written and read.
struct Value {
  std::string values;
  std::function<std::string(const Preset&)> text;
  std::function<bool(Preset&, const std::string&)> set;
};

template <class Choice>
Value word(Choice P::*member, const std::vector<std::pair<std::string, Choice>>& words) {
  Value value;
  for (const auto& each : words) value.values += (value.values.empty() ? "" : ", ") + each.first;
  value.text = [=](const Preset& preset) {
    for (const auto& [text, choice] : words)
      if (preset.*member == choice) return text;
    return std::string("?");
  };
  value.set = [=](Preset& preset, const std::string& given) {
    for (const auto& [text, choice] : words) {
      if (text != given) continue;
      preset.*member = choice;
      return true;
    }
    return false;
  };
  return value;
}

Value flag(bool P::*member) {
  return word<bool>(member, {{"yes", true}, {"no", false}});
}

template <class Number>
std::string text_of(Number number) {
  std::ostringstream out;
  out << number;
  return out.str();
}

template <class Number>
Value number(Number P::*member, double low, double high) {
  Value value;
  value.values = text_of(static_cast<Number>(low)) + " to " + text_of(static_cast<Number>(high));
  value.text = [=](const Preset& preset) { return text_of(preset.*member); };
  value.set = [=](Preset& preset, const std::string& given) {
    std::istringstream in(given);
    Number number = 0;
    if (!(in >> number) || in.peek() != EOF || !(number >= low && number <= high)) return false;
    preset.*member = number;
    return true;
  };
  return value;
}

Switch row(const char* name, int stages, const Value& value, const char* meaning, const char* source) {
  return {name, stages, meaning, source, value.values, value.text, value.set};
}

std::vector<Switch> make_table() {
  return {
      row("one_shot_too_many", kLearning, flag(&P::one_shot_too_many),
          "the anomaly model also learns from the first test image of each type",
          "paper, experiments: the first third; code: the training set's loop runs one further"),
      row("anomaly_tokens", kLearning, number(&P::anomaly_tokens, 1, 64), "vectors of an anomaly embedding",
          "paper, spatial anomaly embedding: k = 8; code: num_vectors_per_token 4"),
      row("spatial_tokens", kLearning, number(&P::spatial_tokens, 1, 64), "vectors made of the mask",
          "paper, spatial anomaly embedding, and code: n = 4"),
      row("mask_tokens", kLearning, number(&P::mask_tokens, 1, 64), "vectors of a mask embedding",
          "paper, mask generation: k' = 4; code: num_vectors_per_token 16"),
      row("mask_start", kLearning, word<bool>(&P::random_mask_start, {{"crack", false}, {"noise", true}}),
          "what mask tokens are before learning: noise, or the word crack",
          "paper, mask generation: random; code: --init_word crack"),
      row("spatial_encoder", kLearning,
          word<bool>(&P::small_spatial_encoder, {{"small", true}, {"ir50", false}}),
          "network from the mask to its vectors: IR-50, or one 100 times smaller",
          "paper, spatial anomaly embedding: ResNet-50 with FPN; code: pixel2style2pixel's IR-50 (taken for "
          "paper as well)"),
      row("spatial_training_mode", kLearning + kPainting, flag(&P::spatial_training_mode),
          "its batch norms use the batch's statistics also when generating",
          "code: eval() is never called on the embedding manager"),
      row("spatial_batch", kPainting, number(&P::spatial_batch, 1, 64),
          "masks of a type, in their order, that spatial_training_mode takes such statistics over; the last "
          "batch may be smaller",
          "code: generate_with_mask.py, batches of 8"),
      row("caption", kLearning + kMasking + kPainting,
          word<CaptionChoice>(&P::caption,
                              {{"fixed", CaptionChoice::kFixed}, {"random", CaptionChoice::kRandom}}),
          "the words around what is learned", "code: a random one of 81 templates, drawn per picture"),
      row("augment", kLearning, flag(&P::augment), "flips, rotation and a common crop, for every other batch",
          "code: --data_enhance"),
      row("soft_masks", kLearning, flag(&P::soft_masks),
          "masks stay fractional at the edges after augmentation", "code: the training step"),
      row("latents", kLearning + kPainting,
          word<bool>(&P::posterior_mode, {{"mean", true}, {"sampled", false}}),
          "what stands for a photo: a sample of the posterior, or its mean",
          "code: get_first_stage_encoding samples"),
      row("mask_resize", kLearning + kPainting,
          word<MaskResize>(&P::mask_resize,
                           {{"coverage", MaskResize::kCoverage}, {"bilinear", MaskResize::kReference}}),
          "how masks come to the latent's resolution",
          "code: bilinear without antialiasing, from 0.5 on; thin defects vanish"),
      row("loss_mean_over", kLearning, word<bool>(&P::loss_per_area, {{"mask", true}, {"everything", false}}),
          "what the masked error is averaged over",
          "paper, masked textual inversion, and code: every latent element, so that a shot weighs by its "
          "mask's area"),
      row("learning_rate", kLearning, number(&P::learning_rate, 1e-6, 1), "of Adam, before scaling",
          "code: base_learning_rate"),
      row("scale_learning_rate", kLearning, flag(&P::scale_learning_rate),
          "the rate is multiplied by the batch", "code: --scale_lr is on"),
      row("batch", kLearning, number(&P::batch, 1, 256), "photos in a step", "code: batch_size"),
      row("steps", kLearning, number(&P::steps, 1, 10000000), "of the anomaly model",
          "paper's models and first code: 300,000; code: max_steps 1,000,000"),
      row("mask_steps", kLearning, number(&P::mask_steps, 1, 10000000), "of each mask embedding",
          "code: 30,001"),
      row("mask_source", kLearning + kMasking,
          word<bool>(&P::learned_masks, {{"learned", true}, {"varied", false}}),
          "masks are drawn from learned mask embeddings, or varied from the shots' own and put on the part",
          "paper, mask generation, and code: train_mask.py"),
      row("mask_sampler_steps", kMasking, number(&P::mask_sampler_steps, 1, 1000), "DDIM steps for a mask",
          "code: generate_mask.py, 100"),
      row("mask_guidance", kMasking, number(&P::mask_guidance, 0, 100), "classifier-free guidance for a mask",
          "code: generate_mask.py, 5"),
      row("keep_empty_masks", kMasking, flag(&P::keep_empty_masks), "masks without a pixel are kept",
          "code: check_mask looks at the borders only"),
      row("jpeg_masks", kMasking + kPainting, flag(&P::jpeg_masks),
          "masks are stored as JPEG and thresholded again", "code: generate_mask.py"),
      row("sampler", kPainting, word<diffusion::Solver>(&P::solver, diffusion::solvers()),
          "how a picture is sampled", "code: DDIMSampler; Lu et al. 2022 (dpm++), Zhao et al. 2023 (unipc)"),
      row("sampler_steps", kPainting, number(&P::sampler_steps, 1, 1000), "its steps, an evaluation each",
          "code: generate_with_mask.py, 200"),
      row("eta", kPainting, number(&P::eta, 0, 1), "noise of DDIM", "code: ddim_eta 1"),
      row("time_grid", kMasking + kPainting,
          word<diffusion::Spacing>(&P::spacing, {{"trailing", diffusion::Spacing::kTrailing},
                                                 {"uniform", diffusion::Spacing::kReference}}),
          "training steps that DDIM visits: uniform from 1 up, or trailing from 999 down; the other "
          "samplers' "
          "are even in the log of the signal-to-noise ratio",
          "code: make_ddim_timesteps, uniform"),
      row("last_step", kMasking + kPainting,
          word<diffusion::Ending>(
              &P::ending, {{"clean", diffusion::Ending::kClean}, {"noisy", diffusion::Ending::kNoisy}}),
          "where the last step ends: at the clean prediction, or slightly noisy",
          "code: at alphas_cumprod[0]"),
      row("reweighting", kPainting, word<ReweightMode>(&P::reweighting, reweight_modes()),
          "adaptive attention re-weighting: of probabilities by a map from x_0 (paper), or of similarities "
          "by one from x_t (reference)",
          "paper, adaptive attention re-weighting; code: --adaptive_mask"),
      row("literal_weights", kPainting, flag(&P::literal_weights),
          "softmax of 1/d and nothing outside the mask", "paper, adaptive scaling softmax, by the letter"),
      row("weights_from", kPainting,
          word<bool>(&P::weights_by_pixels, {{"pixels", true}, {"latents", false}}),
          "what reweighting=paper compares with the good photo: x_0 decoded, or as a latent",
          "paper, adaptive attention re-weighting: pictures; code: latents"),
      row("reweighted_tokens", kPainting,
          word<ReweightedTokens>(&P::reweighted_tokens,
                                 {{"inserted", ReweightedTokens::kInserted},
                                  {"inserted+first", ReweightedTokens::kInsertedAndFirst},
                                  {"all", ReweightedTokens::kAll}}),
          "tokens that are re-weighted",
          "paper, adaptive attention re-weighting: all; code: the inserted and column 0"),
      row("dilate_early", kPainting, flag(&P::dilate_early), "the mask is wider early in sampling",
          "code: with --adaptive_mask"),
      row("final_blend", kPainting, flag(&P::final_blend),
          "the good latent outside the mask also after the last step",
          "paper, blended diffusion; code: the last blend is before the last model call"),
      row("compositing", kPainting,
          word<Compositing>(&P::compositing,
                            {{"feather", Compositing::kFeather}, {"decoded", Compositing::kDecoded}}),
          "the photo is the decoded picture, or the good photo plus the decoded difference with a feathered "
          "edge",
          "code: the decoded picture is saved"),
      row("jpeg_images", kPainting, flag(&P::jpeg_images), "photos are stored as JPEG, quality 75",
          "code: generate_with_mask.py"),
      row("pairs", kMasking, number(&P::pairs, 1, 100000), "pairs of each type",
          "paper, experiments: 1000; code: batches of 8 until more than 500")};
}

}  // namespace

const std::vector<Switch>& switches() {
  static const auto table = make_table();
  return table;
}

}  // namespace kizu::anomaly
