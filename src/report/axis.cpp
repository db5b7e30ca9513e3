#include <algorithm>
#include <cmath>

#include "report/svg_curves.h"

namespace kizu::report {

Axis fitted(const std::string& label, const std::vector<Series>& series, bool of_x) {
  double low = INFINITY, high = -INFINITY;
  for (const Series& line : series)
    for (const Point& point : line.points) {
      low = std::min(low, of_x ? point.x : point.y);
      high = std::max(high, of_x ? point.x : point.y);
    }
  if (!(low <= high)) return {label, 0, 1, false};
  const bool logarithmic = !of_x && low > 0 && high / low > 20;
  if (!logarithmic && low > 0 && low < 0.5 * high) low = 0;
  if (low == high) high = low + (low == 0 ? 1 : std::abs(low));
  if (!of_x && !logarithmic) high += 0.05 * (high - low);  // no line along the frame
  return {label, low, high, logarithmic};
}

Line averaged(const Line& line, std::size_t most) {
  if (line.size() <= most) return line;
  Line out;
  for (std::size_t i = 0; i < most; i++) {
    const std::size_t begin = i * line.size() / most, end = (i + 1) * line.size() / most;
    Point mean;
    for (std::size_t k = begin; k < end; k++) mean.x += line[k].x, mean.y += line[k].y;
    const auto n = static_cast<double>(end - begin);
    out.push_back({mean.x / n, mean.y / n});
  }
  return out;
}

}  // namespace kizu::report
