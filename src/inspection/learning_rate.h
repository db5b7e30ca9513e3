#pragma once
#include <cstdint>

namespace kizu::inspection {

/// The reference's step-wise schedule: `rate`, times `factor` from epoch 0.8 * epochs on and again from
/// 0.9 * epochs. As there, a milestone that is no whole number in floating point never happens
/// (method.md, 7.1).
double reference_rate(double rate, double factor, int64_t epoch, int64_t epochs);

/// The same without the slip: the drops happen at the first epoch (or step) at or after the milestones.
double milestone_rate(double rate, double factor, int64_t step, int64_t steps);

}  // namespace kizu::inspection
