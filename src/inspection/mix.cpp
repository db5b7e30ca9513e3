#include "inspection/mix.h"

#include <cmath>
#include <cstdlib>
#include <numeric>
#include <set>
#include <sstream>

#include "core/error.h"

namespace kizu::inspection {
namespace {

constexpr const char* kNames[kSources] = {"good",   "pairs",     "shots", "crop_paste", "crop_paste_poisson",
                                          "perlin", "pair_paste"};

[[noreturn]] void refuse(const std::string& text, const std::string& why) {
  throw Error("mix '" + text + "': " + why +
              "; write for instance good:0.3,pairs:0.5,shots:0.2 with good, pairs, shots, crop_paste, "
              "crop_paste_poisson, perlin, pair_paste");
}

int index_of(const std::string& name) {
  for (int i = 0; i < kSources; i++) {
    if (name == kNames[i]) return i;
  }
  return -1;
}

}  // namespace

const char* name_of(Source source) {
  return kNames[static_cast<int>(source)];
}

Mix Mix::parse(const std::string& text) {
  Mix mix;
  std::set<int> seen;
  std::istringstream parts(text);
  for (std::string part; std::getline(parts, part, ',');) {
    const auto colon = part.find(':');
    if (colon == std::string::npos) refuse(text, "'" + part + "' has no weight");
    const int index = index_of(part.substr(0, colon));
    if (index < 0) refuse(text, "there is no source '" + part.substr(0, colon) + "'");
    if (!seen.insert(index).second) refuse(text, part.substr(0, colon) + " comes twice");
    const std::string number = part.substr(colon + 1);
    char* end = nullptr;
    const double weight = std::strtod(number.c_str(), &end);
    if (number.empty() || *end != 0 || !std::isfinite(weight) || weight < 0) {
      refuse(text, "'" + number + "' is no weight");
    }
    mix.weights[index] = weight;
  }
  if (std::accumulate(mix.weights.begin(), mix.weights.end(), 0.0) <= 0) refuse(text, "all weights are 0");
  return mix;
}

std::string Mix::text() const {
  std::ostringstream out;
  for (int i = 0; i < kSources; i++) {
    if (weights[i] > 0) out << (out.tellp() > 0 ? "," : "") << kNames[i] << ':' << weights[i];
  }
  return out.str();
}

Source Mix::draw(double uniform) const {
  double left = uniform * std::accumulate(weights.begin(), weights.end(), 0.0);
  int last = 0;
  for (int i = 0; i < kSources; i++) {
    if (weights[i] == 0) continue;
    last = i;
    if (left < weights[i]) break;
    left -= weights[i];
  }
  return static_cast<Source>(last);
}

}  // namespace kizu::inspection
