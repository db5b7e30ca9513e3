#include <algorithm>
#include <cmath>
#include <cstdio>

#include "study/compare_group.h"

namespace kizu::study {
namespace {

constexpr std::size_t kFewSeeds = 3;
constexpr std::size_t kComparedAp = 1, kComparedAuroc = 4, kNone = static_cast<std::size_t>(-1);

std::string figure(double value, bool sign) {
  if (sign && std::abs(value) < 0.0005) return "±0.000";
  char text[32];
  std::snprintf(text, sizeof text, sign ? "%+.3f" : "%.3f", value);
  return text;
}

// "+0.023 (95 % interval +0.004 to +0.041; seed by seed 4 up, 1 down)"
std::string in_words(const metrics::Estimated& d) {
  std::string text = figure(d.mean, true);
  if (!d.interval) return text;
  text += " (95 % interval " + figure(d.interval->low, true) + " to " + figure(d.interval->high, true);
  return text + "; seed by seed " + std::to_string(d.up) + " up, " + std::to_string(d.down) + " down)";
}

std::size_t best(const CompareGroup& group, bool with_pairs) {
  std::size_t found = kNone;
  double most = -INFINITY;
  for (std::size_t arm = 0; arm < group.arms.size(); arm++) {
    const double mean = group.estimate(arm, 0, kComparedAp).mean;
    if (group.arms[arm].has_pairs() != with_pairs || mean <= most) continue;
    found = arm;
    most = mean;
  }
  return found;
}

std::size_t with_mix(const CompareGroup& group, const inspection::Curriculum& mix) {
  for (std::size_t arm = 0; arm < group.arms.size(); arm++)
    if (group.arms[arm].mix.text() == mix.text()) return arm;
  return kNone;
}

// What the difference of two arms comes to, in pixel AP and in image AUROC.
struct Effects {
  metrics::Effect pixels, photos;
  bool any(metrics::Effect effect) const { return pixels == effect || photos == effect; }
  std::string finding() const {
    const bool helped = any(metrics::Effect::kHelped), hurt = any(metrics::Effect::kHurt);
    return helped && hurt ? "mixed" : helped ? "helped" : hurt ? "hurt" : "no_difference";
  }
  std::string in(metrics::Effect effect) const {
    if (pixels == effect && photos == effect) return "in pixel AP and image AUROC";
    return pixels == effect ? "in pixel AP" : "in image AUROC";
  }
};

std::string headline_of(const Effects& effects, const std::string& with, const std::string& without) {
  using metrics::Effect;
  const std::string mixes =
      "the best mix with kizu's pairs (" + with + ") against the best without (" + without + ")";
  const auto finding = effects.finding();
  if (finding == "helped") return "It helped: " + mixes + " is better " + effects.in(Effect::kHelped) + ".";
  if (finding == "hurt") return "It hurt: " + mixes + " is worse " + effects.in(Effect::kHurt) + ".";
  if (finding == "mixed")
    return "Mixed: " + mixes + " is better " + effects.in(Effect::kHelped) + " and worse " +
           effects.in(Effect::kHurt) + ".";
  return "It made no difference that these photos and seeds can show: " + mixes + ".";
}

// One pair of arms in both main metrics.
std::string compared(const CompareGroup& group, std::size_t arm, std::size_t against, std::size_t scope = 0) {
  std::string text;
  for (const auto& [metric, name] :
       {std::pair{kComparedAp, "Pixel AP "}, {kComparedAuroc, "; image AUROC "}}) {
    text += name + figure(group.estimate(arm, scope, metric).mean, false) + " against " +
            figure(group.estimate(against, scope, metric).mean, false) + ", " +
            in_words(group.difference(arm, against, scope, metric));
  }
  return text + ".";
}

// What no test photo chose: the mixes of `kizu run`, and pairs alone against the oldest way to make defects.
Json fixed_beforehand(const CompareGroup& group) {
  using inspection::Curriculum;
  std::vector<std::pair<Curriculum, Curriculum>> mixes;
  if (group.aligned)
    mixes.emplace_back(Curriculum::parse(pipeline::after_mix(*group.aligned)),
                       Curriculum::parse(pipeline::before_mix(*group.aligned)));
  mixes.emplace_back(parse_arm("pairs").mix, parse_arm("crop-paste").mix);
  Json sentences = Json::array();
  for (const auto& [mix, other] : mixes) {
    const auto arm = with_mix(group, mix), against = with_mix(group, other);
    if (arm == kNone || against == kNone) continue;
    sentences.push_back("Fixed beforehand, " + group.arms[arm].name + " against " + group.arms[against].name +
                        ": " + compared(group, arm, against));
  }
  return sentences;
}

// The defect types on which the interval of the difference excludes 0.
std::string types_sentence(const CompareGroup& group, std::size_t arm, std::size_t against) {
  std::string up, down, open;
  for (std::size_t scope = 1; scope < group.scopes.size(); scope++) {
    if (group.scopes[scope] == kTypesAlike) continue;
    const auto d = group.difference(arm, against, scope, kComparedAp);
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

Json closing(const CompareGroup& group, bool too_few) {
  const auto with = best(group, true), without = best(group, false);
  if (with == kNone || without == kNone)
    return {{"finding", "none"},
            {"headline", "No verdict: a mix with pairs and one without are needed."},
            {"sentences", Json::array()}};
  const Effects effects{metrics::effect_of(group.difference(with, without, 0, kComparedAp)),
                        metrics::effect_of(group.difference(with, without, 0, kComparedAuroc))};
  const auto seeds = group.scores[with].size();
  auto headline = headline_of(effects, group.arms[with].name, group.arms[without].name);
  if (too_few)
    headline = "Too few photos to tell. As far as they go: " + headline;
  else if (seeds < kFewSeeds)
    headline =
        "As far as " + std::to_string(seeds) + (seeds == 1 ? " seed" : " seeds") + " can tell: " + headline;
  Json sentences = {compared(group, with, without), "Which mix is best was read off the test photos."};
  for (const auto& sentence : fixed_beforehand(group)) sentences.push_back(sentence);
  const auto alike = std::find(group.scopes.begin(), group.scopes.end(), kTypesAlike);
  if (alike != group.scopes.end())
    sentences.push_back(
        "Each defect type counting alike, not by its pixels: " +
        compared(group, with, without, static_cast<std::size_t>(alike - group.scopes.begin())));
  const auto types = types_sentence(group, with, without);
  if (!types.empty()) sentences.push_back(types);
  if (seeds < kFewSeeds)
    sentences.push_back("With fewer than " + std::to_string(kFewSeeds) +
                        " seeds it is hardly known how much one training differs from the next.");
  return {{"finding", too_few ? "too_few" : effects.finding()},
          {"headline", headline},
          {"with", group.arms[with].name},
          {"without", group.arms[without].name},
          {"sentences", sentences}};
}

}  // namespace kizu::study
