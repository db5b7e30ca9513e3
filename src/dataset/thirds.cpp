#include "dataset/thirds.h"

#include <algorithm>

namespace kizu::dataset {
namespace {

std::vector<int> range(int from, int to) {
  std::vector<int> out;
  for (int i = from; i < to; i++) out.push_back(i);
  return out;
}

}  // namespace

int Thirds::overlap() const {
  return static_cast<int>(std::count_if(anomalies.begin(), anomalies.end(), [&](int i) {
    return std::find(test.begin(), test.end(), i) != test.end();
  }));
}

Thirds thirds(int n, bool one_too_many) {
  const int third = n / 3;
  return {range(0, third), range(0, std::min(n, third + (one_too_many ? 1 : 0))),
          range(third, std::min(n, third + 2)), range(third, n)};
}

}  // namespace kizu::dataset
