#include "anomaly/severity.h"

#include <algorithm>
#include <cmath>

namespace kizu::anomaly {
namespace {

constexpr double kClear = 2;  // contrast of shots over that of good photos from which nothing is exaggerated
constexpr double kMost = 2;

double median_size(std::vector<double> values) {
  for (double& value : values) value = std::abs(value);
  std::sort(values.begin(), values.end());
  return (values[(values.size() - 1) / 2] + values[values.size() / 2]) / 2;
}

}  // namespace

double severity(const std::vector<double>& shots, const std::vector<double>& good) {
  if (shots.empty() || good.empty()) return 1;
  const double wanted = kClear * median_size(good), there = median_size(shots);
  return wanted < kMost * there ? std::max(1.0, wanted / there) : kMost;
}

}  // namespace kizu::anomaly
