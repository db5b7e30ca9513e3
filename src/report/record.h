#pragma once
#include <array>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "core/json.h"

namespace kizu::report {

using Value = std::optional<double>;

struct Point {
  double x = 0;
  double y = 0;
};
using Line = std::vector<Point>;

/// The metrics of an evaluation, in the order of kMetrics; empty where undefined.
inline constexpr std::size_t kMetricCount = 7;
using Metrics = std::array<Value, kMetricCount>;
struct MetricName {
  const char* key;   // in metrics.json
  const char* name;  // on the page
  const char* asks;  // the question that it answers, for somebody who does not know it
};
extern const std::array<MetricName, kMetricCount> kMetrics;
inline constexpr std::size_t kPixelAp = 0, kAuPro = 1, kPixelAuroc = 3, kImageAuroc = 4;

/// A photo of the split. Paths are relative to the category's folder, "" = none.
struct SplitPhoto {
  std::string image, mask, type, group, side, reason, image_sha256, mask_sha256;
};

struct Split {
  std::string category;
  std::vector<SplitPhoto> photos;
  std::vector<std::string> types;  // of defects, in the file's order
};

struct TrainingCurve {
  Line loss, held_out;
  bool stopped_early = false;
};

struct MaskEntry {
  std::string type, file;
  Json origin;
};

struct Pair {
  std::string type, image, mask, source, reason;
  Json seed, origin;
  long long attempts = 0;
  bool lost = false;  // in the surface
  Value visible, leak, distance;
};

struct Yield {
  std::string type;
  long long asked = 0, made = 0, retried = 0, dropped = 0;
};

struct Pairs {
  std::vector<Yield> types;
  std::vector<Pair> kept, dropped;
};

struct ScoredPhoto {
  std::string photo, type, mask, map, why;
  Value image_score, max_inside, pixel_ap;
};

struct TypeMetrics {
  std::string type;
  long long photos = 0;
  Metrics metrics;
};

struct Evaluation {
  std::string protocol;
  long long photos = 0;
  TypeMetrics overall;
  Value threshold;
  std::vector<TypeMetrics> types;
  Line roc, pr, pro;
  std::vector<ScoredPhoto> scored, misses;
};

/// One of the three trainings that are compared.
struct Arm {
  std::string key;   // "before": folders localizer-before and evaluation-before
  std::string name;  // "Before"
  std::optional<TrainingCurve> training;
  std::optional<Evaluation> evaluation;
};
inline constexpr std::size_t kBefore = 0, kAfter = 1, kPerlin = 2;

/// A step's folder: what was asked, and what it cost.
struct Step {
  std::string folder;  // "" = the run itself
  Json run;            // run.json, an object
  std::string verb, state;
  Value seconds, peak_memory;  // bytes
};

/// Everything a run folder says, read once. What has not been made yet is empty.
struct Record {
  std::filesystem::path folder;
  std::filesystem::path data;  // the category's photos; empty when they are not to be found
  std::string name;            // of the category
  std::optional<Split> split;
  std::optional<TrainingCurve> learn;
  std::optional<std::vector<MaskEntry>> masks;
  std::optional<Pairs> pairs;
  std::array<Arm, 3> arms;
  std::vector<Step> steps;

  /// Defect types in the order of the split, or as the pairs and metrics name them.
  std::vector<std::string> types() const;
  /// The piece that a photo shows: its group, or the photo itself.
  std::string piece(const std::string& photo) const;
};

/// Throws Error naming the folder or file.
Record read_record(const std::filesystem::path& run_folder);

}  // namespace kizu::report
