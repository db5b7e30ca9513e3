#include <algorithm>
#include <cmath>
#include <map>

#include "core/error.h"
#include "image/codec.h"
#include "report/html.h"
#include "report/verdict.h"

namespace kizu::report {
namespace {

constexpr double kWell = 0.8;        // pixel AP above which a type needs nothing
constexpr double kPoorYield = 0.7;   // of the pairs that were asked for
constexpr double kMuchShrunk = 1.5;  // times smaller than taken

const TypeMetrics* worst_type(const Evaluation& evaluation) {
  const TypeMetrics* worst = nullptr;
  for (const TypeMetrics& type : evaluation.types) {
    if (!type.metrics[kPixelAp]) continue;
    if (worst == nullptr || *type.metrics[kPixelAp] < *worst->metrics[kPixelAp]) worst = &type;
  }
  return worst;
}

std::string more_shots(const Record& record) {
  const TypeMetrics* worst = worst_type(*record.arms[kAfter].evaluation);
  if (worst == nullptr || *worst->metrics[kPixelAp] >= kWell) return "";
  long long shots = 0;
  if (record.split)
    for (const SplitPhoto& photo : record.split->photos)
      shots += photo.side == "shot" && photo.type == worst->type;
  return "More shots of " + worst->type + ": it is found worst (pixel AP " + fixed(worst->metrics[kPixelAp]) +
         ")" + (shots > 0 ? ", learned from " + count(shots, "photo") : "") + ".";
}

/// The short side of a typical test photo; empty when none can be read.
Value short_side(const Record& record) {
  std::vector<double> sides;
  for (const ScoredPhoto& photo : record.arms[kAfter].evaluation->scored) {
    if (record.data.empty() || sides.size() >= 9) break;
    try {
      const ImageInfo info = read_image_info(record.data / std::filesystem::u8path(photo.photo));
      sides.push_back(std::min(info.width, info.height));
    } catch (const Error&) {
      continue;  // the page is written without it
    }
  }
  if (sides.empty()) return std::nullopt;
  std::sort(sides.begin(), sides.end());
  return sides[sides.size() / 2];
}

std::string larger_images(const Record& record) {
  double work_size = 0;
  for (const Step& step : record.steps)
    if (step.folder == "localizer-after" && step.run.contains("options") &&
        step.run["options"].contains("work_size") && step.run["options"]["work_size"].is_number())
      work_size = step.run["options"]["work_size"].get<double>();
  const Value side = short_side(record);
  if (!side || work_size <= 0 || *side < kMuchShrunk * work_size) return "";
  const std::string larger = std::to_string(std::min(std::lround(*side), std::lround(2 * work_size)));
  return "Larger images: the localizer sees the photos shrunk from " + std::to_string(std::lround(*side)) +
         " to " + std::to_string(std::lround(work_size)) + " px; --work-size " + larger +
         " shows it finer defects, at more time.";
}

/// How many were dropped because they were lost in the surface (anomaly/scoring.h).
long long lost(const Pairs& pairs, const std::string& type) {
  return std::count_if(pairs.dropped.begin(), pairs.dropped.end(),
                       [&](const Pair& pair) { return pair.type == type && pair.lost; });
}

std::string better_pairs(const Record& record) {
  if (!record.pairs) return "";
  for (const Yield& type : record.pairs->types) {
    if (type.asked == 0 || static_cast<double>(type.made) >= kPoorYield * static_cast<double>(type.asked))
      continue;
    if (2 * lost(*record.pairs, type.type) > type.dropped)
      return "More pairs of " + type.type + ": only " + std::to_string(type.made) + " of " +
             std::to_string(type.asked) +
             " can be seen on their surface; a larger --pairs makes more of these.";
    return "Better pairs of " + type.type + ": only " + std::to_string(type.made) + " of " +
           std::to_string(type.asked) +
           " passed their checks; more --learn-steps, --adapt 5 or another "
           "--strength may help.";
  }
  return "";
}

std::string which_model(Finding finding) {
  switch (finding) {
    case Finding::worse:
      return "Use the model before (localizer-before): it is the better one here.";
    case Finding::mixed:
      return "More good photos to learn from: false alarms on good photos are what got worse. Where only "
             "whole photos count, use the model before (localizer-before).";
    case Finding::unclear:
      return "Measure again with other seeds: kizu compare trains every mix several times and gives "
             "intervals.";
    case Finding::too_few:
      return "More test photos with a defect, with masks: without them no change can be told from chance.";
    case Finding::better:
    case Finding::missing:
      break;
  }
  return "";
}

}  // namespace

std::vector<std::string> next_steps(const Record& record, Finding finding) {
  std::vector<std::string> next;
  if (!record.arms[kAfter].evaluation) return next;
  for (const std::string& step :
       {which_model(finding), more_shots(record), larger_images(record), better_pairs(record)})
    if (!step.empty()) next.push_back(step);
  return next;
}

}  // namespace kizu::report
