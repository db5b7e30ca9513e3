#include "report/record_parts.h"

#include <algorithm>
#include <cmath>

#include "report/fields.h"

namespace kizu::report {
namespace fs = std::filesystem;
namespace {

Line to_line(const std::vector<std::pair<double, double>>& points) {
  Line line;
  for (const auto& [x, y] : points)
    if (std::isfinite(x) && std::isfinite(y)) line.push_back({x, y});
  return line;
}

Pair to_pair(const Fields& fields) {
  Pair pair;
  pair.type = fields.text("type");
  pair.image = fields.text("image");
  pair.mask = fields.text("mask");
  pair.seed = fields.any("seed");
  pair.origin = fields.any("mask_origin");
  pair.attempts = fields.whole("attempts");
  pair.source = fields.object("source").text("file");
  const Fields scores = fields.object("scores");
  pair.visible = scores.number("visible");
  pair.leak = scores.number("leak");
  pair.distance = scores.number("distance");
  pair.reason = scores.text("reason");
  pair.lost = scores.any("lost") == true;
  return pair;
}

TypeMetrics to_metrics(const Fields& fields) {
  TypeMetrics out;
  out.type = fields.text("type");
  out.photos = fields.whole("photos");
  for (std::size_t i = 0; i < kMetricCount; i++) out.metrics[i] = fields.number(kMetrics[i].key);
  return out;
}

std::vector<ScoredPhoto> to_photos(const std::vector<Fields>& list) {
  std::vector<ScoredPhoto> photos;
  for (const Fields& fields : list)
    photos.push_back({fields.text("photo"), fields.text("type"), fields.text("mask"), fields.text("map"),
                      fields.text("why"), fields.number("image_score"), fields.number("max_inside"),
                      fields.number("pixel_ap")});
  return photos;
}

}  // namespace

Split read_split(const fs::path& file) {
  const Json json = read_json(file);
  const Fields fields(json, file.string());
  Split split;
  split.category = fields.text("category");
  for (const Fields& photo : fields.objects("photos")) {
    split.photos.push_back({photo.text("image"), photo.text("mask"), photo.text("type"), photo.text("group"),
                            photo.text("side"), photo.text("reason"), photo.text("image_sha256"),
                            photo.text("mask_sha256")});
    const SplitPhoto& last = split.photos.back();
    if (last.side != "shot" && last.side != "test") continue;
    if (std::find(split.types.begin(), split.types.end(), last.type) == split.types.end())
      split.types.push_back(last.type);
  }
  return split;
}

TrainingCurve read_curve(const fs::path& file) {
  const Json json = read_json(file);
  const Fields fields(json, file.string());
  const std::vector<double> steps = fields.numbers("steps"), loss = fields.numbers("loss");
  TrainingCurve curve;
  for (std::size_t i = 0; i < std::min(steps.size(), loss.size()); i++)
    if (std::isfinite(steps[i]) && std::isfinite(loss[i])) curve.loss.push_back({steps[i], loss[i]});
  curve.held_out = to_line(fields.points("held_out"));
  curve.stopped_early = fields.flag("stopped_early");
  return curve;
}

std::vector<MaskEntry> read_masks(const fs::path& file) {
  const Json json = read_json(file);
  std::vector<MaskEntry> masks;
  for (const Fields& mask : Fields(json, file.string()).objects("masks"))
    masks.push_back({mask.text("type"), mask.text("file"), mask.any("origin")});
  return masks;
}

Pairs read_pairs(const fs::path& file) {
  const Json json = read_json(file);
  const Fields fields(json, file.string());
  Pairs pairs;
  for (const Fields& type : fields.objects("types"))
    pairs.types.push_back({type.text("type"), type.whole("asked"), type.whole("made"), type.whole("retried"),
                           type.whole("dropped")});
  for (const Fields& pair : fields.objects("pairs")) pairs.kept.push_back(to_pair(pair));
  for (const Fields& pair : fields.objects("dropped")) pairs.dropped.push_back(to_pair(pair));
  return pairs;
}

Evaluation read_evaluation(const fs::path& file) {
  const Json json = read_json(file);
  const Fields fields(json, file.string());
  Evaluation out;
  out.protocol = fields.text("protocol");
  out.photos = fields.whole("photos");
  out.overall = to_metrics(fields.object("overall"));
  out.threshold = fields.object("overall").number("pixel_f1_threshold");
  for (const Fields& type : fields.objects("types")) out.types.push_back(to_metrics(type));
  const Fields curves = fields.object("curves");
  out.roc = to_line(curves.points("roc"));
  out.pr = to_line(curves.points("pr"));
  out.pro = to_line(curves.points("pro"));
  out.scored = to_photos(fields.objects("photos_scored"));
  out.misses = to_photos(fields.objects("misses"));
  return out;
}

}  // namespace kizu::report
