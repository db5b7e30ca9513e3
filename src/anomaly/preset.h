#pragma once
#include <functional>
#include <string>
#include <vector>

#include "anomaly/captions.h"
#include "anomaly/generated_mask.h"
#include "anomaly/painting.h"
#include "anomaly/spatial_encoder.h"
#include "anomaly/textual_inversion.h"

namespace kizu::anomaly {

/// How the generated picture becomes the photo that is saved.
enum class Compositing {
  kDecoded,  ///< the decoded latent as it is
  kFeather   ///< the good photo plus the decoded difference, fading out around the mask
};

/// Every point where the paper, the published code and we differ on a base with a text encoder, as a switch.
/// Where the paper is silent, `paper` does what the published code does. The initial values are `improved`.
struct Preset {
  std::string name = "improved";

  bool one_shot_too_many = false;
  int64_t anomaly_tokens = 8, spatial_tokens = 4, mask_tokens = 16;
  bool random_mask_start = false;  ///< mask tokens start as noise, not as the word "crack"
  bool small_spatial_encoder = true;
  bool spatial_training_mode = false;  ///< batch statistics also when generating, then
  int64_t spatial_batch = 8;           ///< of so many masks of a type

  CaptionChoice caption = CaptionChoice::kFixed;
  bool augment = true;
  bool soft_masks = false;  ///< masks are not binarised again after the augmentation
  bool posterior_mode = true;
  MaskResize mask_resize = MaskResize::kCoverage;
  bool loss_per_area = true;
  double learning_rate = 5e-3;
  bool scale_learning_rate = false;  ///< multiply it by the batch
  int64_t batch = 4;
  int64_t steps = 30000, mask_steps = 3000;

  bool learned_masks = false;  ///< masks from mask embeddings, not varied from the shots' own
  int64_t mask_sampler_steps = 50;
  double mask_guidance = 5;
  bool keep_empty_masks = false;
  bool jpeg_masks = false;

  diffusion::Solver solver = diffusion::Solver::kDpmSolverSde;
  int64_t sampler_steps = 10;
  double eta = 1;
  diffusion::Spacing spacing = diffusion::Spacing::kTrailing;
  diffusion::Ending ending = diffusion::Ending::kClean;
  ReweightMode reweighting = ReweightMode::kPaper;
  bool literal_weights = false;    ///< the paper's softmax by the letter
  bool weights_by_pixels = false;  ///< the paper's map is made of decoded pictures
  ReweightedTokens reweighted_tokens = ReweightedTokens::kInserted;
  bool dilate_early = false;
  bool final_blend = true;
  Compositing compositing = Compositing::kFeather;
  bool jpeg_images = false;
  int64_t pairs = 500;

  static Preset paper();
  static Preset reference();
  static Preset improved() { return {}; }
  /// Throws Error naming the three.
  static Preset named(const std::string& name);
  /// "eta=0.5": changes one switch and says so in the name. Throws Error naming the switch and its values.
  void set(const std::string& assignment);

  double effective_learning_rate() const {
    return learning_rate * (scale_learning_rate ? static_cast<double>(batch) : 1);
  }
  SpatialEncoderConfig spatial_encoder(int64_t width) const;
  /// Masks that the spatial encoder must see together when generating.
  int64_t masks_together() const { return spatial_training_mode ? spatial_batch : 1; }
  InversionOptions inversion() const;
  PaintOptions painting() const;
  MaskSamplingOptions mask_sampling() const;
  GeneratedMaskOptions mask_filter() const;
};

/// The work whose result a switch changes; a sum where it is more than one.
enum Stage : int { kLearning = 1, kMasking = 2, kPainting = 4 };

/// One row of the table of switches.
struct Switch {
  const char* name;
  int stages;
  const char* meaning;
  const char* source;  ///< which section of the paper, or which part of the published code, it comes from
  std::string values;  ///< that it can take: "yes, no" or "1 to 64"
  std::function<std::string(const Preset& preset)> value;
  /// False for a text that is none of `values`.
  std::function<bool(Preset& preset, const std::string& text)> set;
};
const std::vector<Switch>& switches();

}  // namespace kizu::anomaly
