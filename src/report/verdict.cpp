#include "report/verdict.h"

#include <algorithm>
#include <cmath>
#include <map>

#include "report/html.h"

namespace kizu::report {
namespace {

constexpr std::size_t kFewestPieces = 6;  // 2 / 2^6 is the first p below 0.05
constexpr double kChance = 0.05;
constexpr double kNotable = 0.01;  // a change of a metric of whole photos that is worth a warning

/// The photos with a defect that both evaluations scored, compared one by one.
struct Comparison {
  int photos = 0, up = 0, down = 0;
  double mean = 0;  // change of pixel AP per photo
  std::size_t pieces = 0;
  bool grouped = false;  // a piece with more than one photo
  double p = 1;
};

Comparison compare(const Record& record) {
  std::map<std::string, double> before;
  for (const ScoredPhoto& photo : record.arms[kBefore].evaluation->scored)
    if (photo.pixel_ap) before[photo.photo] = *photo.pixel_ap;
  Comparison out;
  std::map<std::string, double> by_piece;
  for (const ScoredPhoto& photo : record.arms[kAfter].evaluation->scored) {
    const auto found = before.find(photo.photo);
    if (!photo.pixel_ap || found == before.end()) continue;
    const double change = *photo.pixel_ap - found->second;
    out.photos++;
    out.up += change > 0.0005;
    out.down += change < -0.0005;
    out.mean += change;
    by_piece[record.piece(photo.photo)] += change;
  }
  if (out.photos > 0) out.mean /= out.photos;
  out.pieces = by_piece.size();
  out.grouped = out.pieces < static_cast<std::size_t>(out.photos);
  std::vector<double> changes;
  for (const auto& entry : by_piece) changes.push_back(entry.second);
  out.p = sign_flip_p(changes);
  return out;
}

Value change(const Record& record, std::size_t metric) {
  const Value before = record.arms[kBefore].evaluation->overall.metrics[metric];
  const Value after = record.arms[kAfter].evaluation->overall.metrics[metric];
  return before && after ? Value(*after - *before) : std::nullopt;
}

std::string moved(const Record& record, std::size_t metric) {
  const Metrics& before = record.arms[kBefore].evaluation->overall.metrics;
  const Metrics& after = record.arms[kAfter].evaluation->overall.metrics;
  return "from " + fixed(before[metric]) + " to " + fixed(after[metric]) + " (" +
         signed_fixed(change(record, metric)) + ")";
}

Finding find(const Record& record, const Comparison& photos) {
  const Value pixel = change(record, kPixelAp), image = change(record, kImageAuroc);
  if (!pixel) return Finding::missing;
  if (photos.pieces < kFewestPieces) return Finding::too_few;
  // The figure over all pixels and the mean over photos must agree, else neither is believed.
  if (photos.p >= kChance || *pixel * photos.mean <= 0) return Finding::unclear;
  if (*pixel > 0) return image && *image < -kNotable ? Finding::mixed : Finding::better;
  return Finding::worse;
}

std::string headline(Finding finding, const Comparison& photos) {
  switch (finding) {
    case Finding::better:
      return "Yes, it helped: with the generated pairs the model finds defects better.";
    case Finding::worse:
      return "No: with the generated pairs the model got worse.";
    case Finding::mixed:
      return "Mixed: defects are outlined better, but photos with a defect are told from good ones less "
             "well.";
    case Finding::unclear:
      return "No clear difference: the change is within what chance alone would do on these photos.";
    case Finding::too_few:
      return "Too few test photos to tell: " +
             count(static_cast<long long>(photos.pieces), "independent piece") + " with a defect.";
    case Finding::missing:
      break;
  }
  return "No verdict: the models before and after cannot be compared.";
}

std::string photo_sentence(const Comparison& photos) {
  const int same = photos.photos - photos.up - photos.down;
  return "Photo by photo: " + std::to_string(photos.up) + " of " + count(photos.photos, "photo") +
         " with a defect got better, " + std::to_string(photos.down) + " worse, " + std::to_string(same) +
         " stayed the same; " + signed_fixed(photos.mean) + " pixel AP on average.";
}

std::string chance_sentence(const Comparison& photos) {
  const std::string pieces = std::to_string(photos.pieces) +
                             (photos.grouped ? " independent pieces" : " photos, taken as independent");
  if (photos.pieces < kFewestPieces)
    return "With fewer than " + std::to_string(kFewestPieces) +
           " independent pieces even a change that is the same on all of them may be chance. More test "
           "photos "
           "would settle it.";
  const std::string often = photos.p < 0.001
                                ? "less than 1 in 1000 cases"
                                : fixed(100 * photos.p, photos.p < 0.0995 ? 1 : 0) + " of 100 cases";
  return "If the pairs made no difference, a change this large would still show up in " + often +
         " (sign-flip test over " + pieces +
         "). The test speaks for other photos, not for another training: " + "each model was trained once.";
}

std::string perlin_sentence(const Record& record) {
  if (!record.arms[kPerlin].evaluation) return "";
  const Value perlin = record.arms[kPerlin].evaluation->overall.metrics[kPixelAp];
  const Value after = record.arms[kAfter].evaluation->overall.metrics[kPixelAp];
  if (!perlin || !after) return "";
  const std::string figure =
      "Perlin defects alone, which need neither defect photos nor a base model, reach " + fixed(perlin) +
      " pixel AP: ";
  if (std::abs(*after - *perlin) < 0.005) return figure + "the same as the model after.";
  return figure + (*perlin < *after ? "less than the model after." : "more than the model after.");
}

std::string types_sentence(const Record& record) {
  std::string up, down;
  for (const TypeMetrics& after : record.arms[kAfter].evaluation->types) {
    for (const TypeMetrics& before : record.arms[kBefore].evaluation->types) {
      if (before.type != after.type || !before.metrics[kPixelAp] || !after.metrics[kPixelAp]) continue;
      const double by = *after.metrics[kPixelAp] - *before.metrics[kPixelAp];
      if (std::abs(by) < 0.0005) continue;
      std::string& list = by > 0 ? up : down;
      list += (list.empty() ? "" : ", ") + after.type + " " + signed_fixed(by);
    }
  }
  if (up.empty() && down.empty()) return "";
  return "By type, pixel AP: " + (up.empty() ? "" : "better on " + up) +
         (up.empty() || down.empty() ? "" : "; ") + (down.empty() ? "" : "worse on " + down) + ".";
}

Verdict missing(const Record& record) {
  std::string which;
  for (const std::size_t arm : {kBefore, kAfter})
    if (!record.arms[arm].evaluation)
      which += (which.empty() ? "" : " and ") + std::string("evaluation-") + record.arms[arm].key;
  return {Finding::missing,
          "No verdict yet: the evaluation is not complete.",
          {"Not there so far: " + which + ". The same command goes on from here."},
          {}};
}

}  // namespace

Verdict judge(const Record& record) {
  if (!record.arms[kBefore].evaluation || !record.arms[kAfter].evaluation) return missing(record);
  const Comparison photos = compare(record);
  Verdict verdict;
  verdict.finding = find(record, photos);
  verdict.headline = headline(verdict.finding, photos);
  const long long all = record.arms[kAfter].evaluation->photos;
  verdict.sentences.push_back("Over all " + count(all, "test photo") +
                              ", none of which was learned from, pixel AP goes " + moved(record, kPixelAp) +
                              ", image AUROC " + moved(record, kImageAuroc) + ".");
  if (photos.photos > 0) {
    verdict.sentences.push_back(photo_sentence(photos));
    verdict.sentences.push_back(chance_sentence(photos));
  }
  for (const std::string& sentence : {types_sentence(record), perlin_sentence(record)})
    if (!sentence.empty()) verdict.sentences.push_back(sentence);
  verdict.next = next_steps(record, verdict.finding);
  return verdict;
}

}  // namespace kizu::report
