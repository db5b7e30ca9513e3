#include "report/record.h"

#include <algorithm>
#include <cmath>

#include "core/error.h"
#include "core/utf8.h"
#include "report/fields.h"
#include "report/record_parts.h"

namespace kizu::report {
namespace fs = std::filesystem;

const std::array<MetricName, kMetricCount> kMetrics{{
    {"pixel_ap", "Pixel AP",
     "How well are the pixels of defects ranked above all others? Strict on small defects."},
    {"au_pro", "AU-PRO (0.3)",
     "How much of each single defect is covered, small ones counting as much as large?"},
    {"pixel_f1_max", "Pixel F1-max", "How well does the best outline fit the true one?"},
    {"pixel_auroc", "Pixel AUROC", "Are defect pixels scored above good ones? Near 1 even for weak models."},
    {"image_auroc", "Image AUROC", "Are photos with a defect scored above good photos?"},
    {"image_ap", "Image AP", "The same, with more weight on few false alarms."},
    {"image_f1_max", "Image F1-max", "Found defects against false alarms, at the best threshold."},
}};

namespace {

/// All texts in a value, however deep.
void collect(const Json& value, std::vector<std::string>& texts) {
  if (value.is_string()) texts.push_back(value.get<std::string>());
  if (value.is_structured())
    for (const Json& inner : value) collect(inner, texts);
}

/// The category's folder: the first place named in a run.json under which the split's photos stand.
fs::path find_data(const Record& record) {
  if (!record.split || record.split->photos.empty()) return {};
  std::vector<std::string> texts;
  for (const Step& step : record.steps)
    for (const char* part : {"inputs", "options"})
      if (step.run.contains(part)) collect(step.run[part], texts);
  const fs::path first = fs::u8path(record.split->photos.front().image);
  std::error_code ignored;
  for (const std::string& text : texts)
    for (const fs::path& folder : {fs::u8path(text), fs::u8path(text) / fs::u8path(record.split->category)})
      if (fs::is_regular_file(folder / first, ignored)) return folder;
  return {};
}

template <typename Part>
std::optional<Part> if_there(const fs::path& file, Part (*read)(const fs::path&)) {
  std::error_code ignored;
  if (!fs::exists(file, ignored)) return std::nullopt;
  return read(file);
}

void add_once(std::vector<std::string>& names, const std::string& name) {
  if (name != "good" && std::find(names.begin(), names.end(), name) == names.end()) names.push_back(name);
}

}  // namespace

Record read_record(const fs::path& run_folder) {
  std::error_code ignored;
  if (!fs::is_directory(run_folder, ignored))
    throw Error(run_folder.string() + ": there is no such run folder; name the --out folder of a run");
  Record record;
  record.folder = run_folder;
  record.split = if_there(run_folder / "split" / "split.json", read_split);
  record.learn = if_there(run_folder / "learn" / "curve.json", read_curve);
  record.masks = if_there(run_folder / "masks" / "masks.json", read_masks);
  record.pairs = if_there(run_folder / "pairs" / "pairs.json", read_pairs);
  const std::array<std::pair<const char*, const char*>, 3> arms{
      {{"before", "Before"}, {"after", "After"}, {"perlin", "Perlin only"}}};
  for (std::size_t i = 0; i < arms.size(); i++) {
    Arm& arm = record.arms[i];
    arm.key = arms[i].first;
    arm.name = arms[i].second;
    arm.training = if_there(run_folder / ("localizer-" + arm.key) / "curve.json", read_curve);
    arm.evaluation = if_there(run_folder / ("evaluation-" + arm.key) / "metrics.json", read_evaluation);
  }
  record.steps = read_steps(run_folder);
  record.data = find_data(record);
  record.name = record.split ? record.split->category : utf8(fs::absolute(run_folder).filename());
  return record;
}

std::vector<std::string> Record::types() const {
  std::vector<std::string> names;
  if (split)
    for (const std::string& type : split->types) add_once(names, type);
  if (pairs)
    for (const Yield& yield : pairs->types) add_once(names, yield.type);
  for (const Arm& arm : arms)
    if (arm.evaluation)
      for (const TypeMetrics& type : arm.evaluation->types) add_once(names, type.type);
  return names;
}

std::string Record::piece(const std::string& photo) const {
  if (split)
    for (const SplitPhoto& known : split->photos)
      if (known.image == photo && !known.group.empty()) return "group " + known.group;
  return "photo " + photo;
}

}  // namespace kizu::report
