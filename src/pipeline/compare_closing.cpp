#include <cmath>
#include <cstdio>

#include "pipeline/compare_summary.h"

namespace kizu::pipeline {
namespace {

constexpr std::size_t kPixelAp = 1, kImageAuroc = 4, kNone = static_cast<std::size_t>(-1);

std::string figure(double value, bool sign) {
  char text[32];
  std::snprintf(text, sizeof text, sign ? "%+.3f" : "%.3f", value);
  return text;
}

// "+0.023 (95 % interval +0.004 to +0.041; up on 5 of 5 seeds)"
std::string in_words(const metrics::Estimated& d) {
  std::string text = figure(d.mean, true);
  if (!d.interval) return text;
  text += " (95 % interval " + figure(d.interval->low, true) + " to " + figure(d.interval->high, true);
  return text + "; up on " + std::to_string(d.up) + " seeds, down on " + std::to_string(d.down) + ")";
}

std::size_t best(const CompareGroup& group, bool with_pairs) {
  std::size_t found = kNone;
  double most = -INFINITY;
  for (std::size_t arm = 0; arm < group.arms.size(); arm++) {
    const double mean = group.estimate(arm, 0, kPixelAp).mean;
    if (group.arms[arm].has_pairs() != with_pairs || mean <= most) continue;
    found = arm;
    most = mean;
  }
  return found;
}

std::size_t named(const CompareGroup& group, const std::string& name) {
  for (std::size_t arm = 0; arm < group.arms.size(); arm++)
    if (group.arms[arm].name == name) return arm;
  return kNone;
}

std::string finding_of(metrics::Effect pixels, metrics::Effect photos) {
  using metrics::Effect;
  const bool helped = pixels == Effect::kHelped || photos == Effect::kHelped;
  const bool hurt = pixels == Effect::kHurt || photos == Effect::kHurt;
  return helped && hurt ? "mixed" : helped ? "helped" : hurt ? "hurt" : "no_difference";
}

std::string headline_of(const std::string& finding, const std::string& with, const std::string& without) {
  const std::string mixes =
      "the best mix with kizu's pairs (" + with + ") against the best without (" + without + ")";
  if (finding == "helped") return "It helped: " + mixes + " is better.";
  if (finding == "hurt") return "It hurt: " + mixes + " is worse.";
  if (finding == "mixed") return "Mixed: " + mixes + " is better in one measure and worse in the other.";
  return "It made no difference that these photos and seeds can show: " + mixes + ".";
}

// One pair of arms in both main metrics.
std::string compared(const CompareGroup& group, std::size_t arm, std::size_t against) {
  std::string text;
  for (const auto& [metric, name] : {std::pair{kPixelAp, "Pixel AP "}, {kImageAuroc, "; image AUROC "}}) {
    text += name + figure(group.estimate(arm, 0, metric).mean, false) + " against " +
            figure(group.estimate(against, 0, metric).mean, false) + ", " +
            in_words(group.difference(arm, against, 0, metric));
  }
  return text + ".";
}

// The defect types on which the interval of the difference excludes 0.
std::string types_sentence(const CompareGroup& group, std::size_t arm, std::size_t against) {
  std::string up, down, open;
  for (std::size_t scope = 1; scope < group.scopes.size(); scope++) {
    const auto d = group.difference(arm, against, scope, kPixelAp);
    const auto effect = metrics::effect_of(d);
    auto& list = effect == metrics::Effect::kHelped ? up : effect == metrics::Effect::kHurt ? down : open;
    list += (list.empty() ? "" : ", ") + group.scopes[scope] + " " + figure(d.mean, true);
  }
  std::string text;
  for (const auto& [name, list] : {std::pair{"better on ", up}, {"worse on ", down}, {"undecided on ", open}})
    if (!list.empty()) text += (text.empty() ? "" : "; ") + std::string(name) + list;
  return text.empty() ? "" : "By type, pixel AP of these two: " + text + ".";
}

}  // namespace

Json closing(const CompareGroup& group) {
  const auto with = best(group, true), without = best(group, false);
  if (with == kNone || without == kNone)
    return {{"finding", "none"},
            {"headline", "No verdict: a mix with pairs and one without are needed."},
            {"sentences", Json::array()}};
  const auto finding = finding_of(metrics::effect_of(group.difference(with, without, 0, kPixelAp)),
                                  metrics::effect_of(group.difference(with, without, 0, kImageAuroc)));
  Json sentences = {compared(group, with, without),
                    "Which mix is best was read off the test photos; what was fixed beforehand follows."};
  for (const auto& [arm, against] :
       {std::pair{"pairs+shots+crop-paste", "shots+crop-paste"}, {"pairs", "crop-paste"}}) {
    const auto a = named(group, arm), b = named(group, against);
    if (a == kNone || b == kNone) continue;
    sentences.push_back(std::string(arm) + " against " + against + ": " + compared(group, a, b));
  }
  const auto types = types_sentence(group, with, without);
  if (!types.empty()) sentences.push_back(types);
  return {{"finding", finding},
          {"headline", headline_of(finding, group.arms[with].name, group.arms[without].name)},
          {"with", group.arms[with].name},
          {"without", group.arms[without].name},
          {"sentences", sentences}};
}

}  // namespace kizu::pipeline
