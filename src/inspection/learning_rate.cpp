#include "inspection/learning_rate.h"

namespace kizu::inspection {

double reference_rate(double rate, double factor, int64_t epoch, int64_t epochs) {
  const auto total = static_cast<double>(epochs);
  for (const double milestone : {total * 0.8, total * 0.9}) {
    const auto whole = static_cast<int64_t>(milestone);
    if (static_cast<double>(whole) == milestone && epoch >= whole) rate *= factor;
  }
  return rate;
}

double milestone_rate(double rate, double factor, int64_t step, int64_t steps) {
  if (10 * step >= 8 * steps) rate *= factor;
  if (10 * step >= 9 * steps) rate *= factor;
  return rate;
}

}  // namespace kizu::inspection
