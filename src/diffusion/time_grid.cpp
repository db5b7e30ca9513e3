#include "diffusion/time_grid.h"

#include <algorithm>
#include <cmath>
#include <string>

#include "core/error.h"

namespace kizu::diffusion {
namespace {

std::vector<int64_t> reference_grid(int64_t total, int64_t steps) {
  std::vector<int64_t> grid;
  for (int64_t t = 1; t <= total; t += total / steps) grid.push_back(t);
  if (grid.back() == total)
    throw Error("steps: the reference's spacing cannot do " + std::to_string(steps) + " of " +
                std::to_string(total) +
                " steps (its last step would lie outside the schedule); choose a divisor of " +
                std::to_string(total) + " or another spacing");
  return grid;
}

std::vector<int64_t> quadratic_grid(int64_t total, int64_t steps) {
  const double last = std::sqrt(0.8 * static_cast<double>(total));
  const double stride = steps > 1 ? last / static_cast<double>(steps - 1) : 0;
  std::vector<int64_t> grid;
  for (int64_t i = 0; i < steps; ++i) {
    const double root = i > 0 && i + 1 == steps ? last : stride * static_cast<double>(i);
    grid.push_back(static_cast<int64_t>(root * root) + 1);
  }
  if (std::adjacent_find(grid.begin(), grid.end()) != grid.end())
    throw Error("steps: " + std::to_string(steps) +
                " are too many for the quadratic spacing (the same t would come twice); choose fewer");
  return grid;
}

std::vector<int64_t> trailing_grid(int64_t total, int64_t steps) {
  std::vector<int64_t> grid;
  for (int64_t i = 1; i <= steps; ++i) grid.push_back((2 * total * i + steps) / (2 * steps) - 1);
  return grid;
}

std::vector<int64_t> log_snr_grid(const Schedule& schedule, int64_t steps) {
  const int64_t total = schedule.steps();
  const double low = schedule.log_snr(total - 1), high = schedule.log_snr(0);
  std::vector<int64_t> grid;
  int64_t t = total - 1;
  for (int64_t i = 0; i < steps; ++i) {
    const double wanted =
        steps == 1 ? low : low + (high - low) * static_cast<double>(i) / static_cast<double>(steps - 1);
    while (t > 0 && std::abs(schedule.log_snr(t - 1) - wanted) <= std::abs(schedule.log_snr(t) - wanted)) --t;
    // Near t = 0 the schedule is coarse in this scale: keep the steps distinct and leave room for the rest.
    if (!grid.empty()) t = std::min(t, grid.back() - 1);
    t = std::max(t, steps - 1 - i);
    grid.push_back(t);
  }
  std::reverse(grid.begin(), grid.end());
  return grid;
}

}  // namespace

std::vector<int64_t> time_grid(const Schedule& schedule, int64_t steps, Spacing spacing) {
  const int64_t total = schedule.steps();
  if (steps < 1 || steps > total)
    throw Error("steps: must lie between 1 and " + std::to_string(total) + ", not " + std::to_string(steps));
  switch (spacing) {
    case Spacing::kReference:
      return reference_grid(total, steps);
    case Spacing::kReferenceQuadratic:
      return quadratic_grid(total, steps);
    case Spacing::kTrailing:
      return trailing_grid(total, steps);
    case Spacing::kLogSnr:
      break;
  }
  return log_snr_grid(schedule, steps);
}

std::vector<Step> sampler_steps(const Schedule& schedule, int64_t steps, Spacing spacing, Ending ending) {
  const auto grid = time_grid(schedule, steps, spacing);
  const auto alpha_bar = [&](int64_t t) { return schedule.alpha_bar()[static_cast<size_t>(t)]; };
  std::vector<Step> plan;
  for (size_t i = grid.size(); i-- > 0;) {
    Step step;
    step.index = static_cast<int64_t>(plan.size());
    step.count = static_cast<int64_t>(grid.size());
    step.t = grid[i];
    step.t_next = grid[i > 0 ? i - 1 : 0];
    step.alpha_bar = alpha_bar(step.t);
    step.alpha_bar_next = i > 0 ? alpha_bar(step.t_next) : ending == Ending::kClean ? 1 : alpha_bar(0);
    plan.push_back(step);
  }
  return plan;
}

std::vector<Step> last_of(std::vector<Step> plan, int64_t count) {
  if (count > 0 && count < static_cast<int64_t>(plan.size())) plan.erase(plan.begin(), plan.end() - count);
  return plan;
}

}  // namespace kizu::diffusion
