#pragma once
#include <vector>

#include "anomaly/compact_condition.h"
#include "anomaly/embedding.h"
#include "anomaly/reweighting.h"
#include "anomaly/scoring.h"
#include "anomaly/transplant.h"
#include "anomaly/window.h"
#include "diffusion/sampler.h"
#include "image/image.h"
#include "tensor/noise.h"

namespace kizu::anomaly {

/// As `from_shots`: half, or all where the base cannot invent the type (start_trial.h). generate_pair itself
/// takes half.
inline constexpr double kByTrial = -1;
/// As `severity`: 1, or more for a type that good photos nearly show themselves (severity.h). generate_pair
/// itself takes 1.
inline constexpr double kByType = -1;

struct GenerateOptions {
  diffusion::Solver solver = diffusion::Solver::kDpmSolver;
  int64_t steps = 10;
  double eta = 0;       // of DDIM: 0 deterministic, 1 ancestral
  double guidance = 1;  // away from "no appearance given"; above 1.5 the compact base overshoots
  ReweightMode reweighting = ReweightMode::kOff;
  Background background = Background::kOutside;
  double strength = 1;           // multiplies what is pasted
  double severity = kByType;     // multiplies the defect's mean contrast to what lies around it
  double spread = 0.2;           // natural logarithm by which the strength of a shot's own pixels varies
  double from_shots = kByTrial;  // share of the pairs that start from a shot's own pixels in the mask
  double redraw = 0.5;           // how much of the way from there is drawn anew, 0 to 1, give or take 0.2
  double match = 1;              // how far the mean change is moved to that of the shots; 0 off
  double variety = 1;            // how far the appearance goes from the type's mean to its shots' own
  double feather = 8;            // px of the canvas over which the paste fades out around the mask
  bool tighten = false;          // take from the mask what hardly changed
  WindowOptions window;

  /// Throws Error naming the option.
  void check() const;
};

/// One synthetic photo and the mask that was asked for.
struct GeneratedPair {
  Image image;
  Mask mask;
  Mask touched;  // the dilated mask: outside it the image is the good photo, bit for bit
  std::vector<Window> windows;
  uint64_t seed = 0;
  double redrawn = 1;  // share of the way that was drawn anew; 1: from noise alone
};

/// The look of one pair.
struct Look {
  torch::Tensor tokens;  // [n, context_dim]
  torch::Tensor change;  // [3]: mean change inside the mask over light_at; undefined when the type has none
};
/// A random shot's look with a little of another's: half and half of a red and a blue spot is neither.
Look look_for(const TypeEmbedding& type, double variety, NoiseStream& stream);

/// A latent [1, C, h, w] to start from instead of pure noise: noised to this share of the sampler's steps and
/// drawn anew from there (SDEdit, Meng et al. 2022).
struct Redraw {
  torch::Tensor from;
  double share = 1;
};

/// Latent [1, C, h, w] with a defect where the mask [1, 1, 8h, 8w] touches it and `good` elsewhere. `tokens`
/// [n, context_dim].
torch::Tensor sample_latent(const ldm::CompactModel& model, const torch::Tensor& good,
                            const torch::Tensor& mask, const torch::Tensor& tokens, uint64_t seed,
                            const GenerateOptions& options, const Redraw& redraw = {});

/// Paints a defect of this type onto a good photo, inside the mask (of the photo's size, not empty). Zooms on
/// the mask, samples there, pastes the difference. Depends on its arguments alone: many may run at the same
/// time, each with a replica of the model. The model must be in eval mode. With a donor a share of the seeds
/// (`from_shots`) starts from the donor's pixels instead of noise: what the base cannot invent, a bent or a
/// missing part, it can still redraw.
GeneratedPair generate_pair(const ldm::CompactModel& model, const TypeEmbedding& type, const Image& good,
                            const Mask& mask, uint64_t seed, const GenerateOptions& options,
                            const Donor& donor = {});

struct CheckedPair {
  GeneratedPair pair;
  PairScore score;
  int attempts = 0;
  bool dropped = false;  // no attempt passed; the pair is the most visible one
};

/// generate_pair with other seeds until it passes, at most `attempts` times; once where it is visible but
/// lost in the surface, which no other seed would mend.
CheckedPair generate_checked(const ldm::CompactModel& model, const TypeEmbedding& type, const Image& good,
                             const Mask& mask, uint64_t seed, const GenerateOptions& options,
                             const Standard& standard, int attempts, const Donor& donor = {});

}  // namespace kizu::anomaly
