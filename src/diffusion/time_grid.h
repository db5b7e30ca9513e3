#pragma once
#include <vector>

#include "diffusion/schedule.h"

namespace kizu::diffusion {

/// Which of the training steps a sampler visits.
enum class Spacing {
  /// 1, 1 + c, 1 + 2c ... with c = T / S rounded down, as the reference has it: there are more than S steps
  /// where S does
  /// not divide T, and an Error where the last would be T.
  kReference,
  /// The reference's other grid: S steps, dense near 0, even in the square root of t up to 0.8 T.
  kReferenceQuadratic,
  /// Exactly S steps, evenly spaced and ending at T - 1, so that sampling starts from as much noise as
  /// training saw.
  kTrailing,
  /// As kTrailing, but even in the log of the signal-to-noise ratio, down to t = 0: best for few steps of a
  /// high order.
  kLogSnr
};

/// Where the last step ends.
enum class Ending {
  kNoisy,  ///< at alpha_bar_0, as in the reference: noise of standard deviation sqrt(1 - alpha_bar_0) stays
  kClean   ///< at the predicted x_0 itself
};

/// The steps t in rising order. Throws Error, naming the option "steps", when there is no such grid.
std::vector<int64_t> time_grid(const Schedule& schedule, int64_t steps, Spacing spacing);

/// One step of a sampler: from x_t with alpha_bar to the next x with alpha_bar_next.
struct Step {
  int64_t index = 0;  ///< 0 is the first step, at the largest t
  int64_t count = 0;  ///< number of steps in the whole grid
  int64_t t = 0;
  int64_t t_next = 0;  ///< the t at which the next step calls the denoiser; of the last step its own t
  double alpha_bar = 1, alpha_bar_next = 1;
};

/// The grid as steps, largest t first.
std::vector<Step> sampler_steps(const Schedule& schedule, int64_t steps, Spacing spacing, Ending ending);
/// The last `count` steps of a plan, to start from a latent that is noised half-way; 0, or more than there
/// are: all.
std::vector<Step> last_of(std::vector<Step> plan, int64_t count);

}  // namespace kizu::diffusion
