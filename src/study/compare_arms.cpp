#include <set>

#include "core/error.h"
#include "study/compare.h"

namespace kizu::study {
namespace {

// As many good photos in each; the last three are what kizu adds to the five before.
constexpr const char* kArms[][2] = {
    {"perlin", "good:0.4,perlin:0.6"},
    {"crop-paste", "good:0.4,crop_paste:0.6"},
    {"crop-paste-poisson", "good:0.4,crop_paste_poisson:0.6"},
    {"shots", "good:0.4,shots:0.6"},
    {"shots+crop-paste", "good:0.4,shots:0.2,crop_paste:0.4"},
    {"pairs", "good:0.4,pairs:0.6"},
    {"pairs+shots", "good:0.4,pairs:0.4,shots:0.2"},
    {"pairs+shots+crop-paste",
     "good:0.4,pairs:0.3,shots:0.1,crop_paste:0.2/good:0.4,shots:0.2,crop_paste:0.4"}};

void check_curve(const std::vector<int64_t>& curve, const char* option, int64_t most) {
  for (const int64_t number : curve) {
    if (number < 1 || number > most)
      throw Error(std::string(option) + ": numbers from 1 to " + std::to_string(most) + ", not " +
                  std::to_string(number));
  }
}

}  // namespace

std::vector<CompareArm> default_arms() {
  std::vector<CompareArm> arms;
  for (const auto& [name, mix] : kArms) arms.push_back({name, inspection::Curriculum::parse(mix)});
  return arms;
}

CompareArm parse_arm(const std::string& text) {
  const auto sign = text.find('=');
  if (sign != std::string::npos && sign > 0) {
    const auto name = text.substr(0, sign);
    if (pipeline::file_name_of(name) != name)
      throw Error("--mixes '" + text + "': the name cannot be that of a folder");
    return {name, inspection::Curriculum::parse(text.substr(sign + 1))};
  }
  std::string known;
  for (const auto& arm : default_arms()) {
    if (arm.name == text) return arm;
    known += (known.empty() ? "" : ", ") + arm.name;
  }
  throw Error("--mixes '" + text + "': write NAME=MIX, for instance mine=good:0.4,pairs:0.6, or one of " +
              known);
}

void CompareStep::check() const {
  split.check();
  learn.options.check();
  masks.check();
  generate.check();
  train.check();
  if (seeds < 1 || seeds > 100) throw Error("--seeds: 1 to 100");
  if (replicates < 100 || replicates > 100000) throw Error("--replicates: 100 to 100000");
  if (arms.size() < 2) throw Error("--mixes: name at least two, there is nothing to compare");
  std::set<std::string> names;
  for (const auto& arm : arms)
    if (!names.insert(arm.name).second) throw Error("--mixes: " + arm.name + " comes twice");
  check_curve(shots_curve, "--shots-curve", 10000);
  check_curve(pairs_curve, "--pairs-curve", 100000);
}

std::vector<std::string> too_small(const dataset::Split& split) {
  std::vector<std::string> why;
  for (const auto& type : split.types()) {
    const auto photos = split.test(type).size();
    if (photos < kFewestDefects)
      why.push_back(split.category + ": " + type + " has " + std::to_string(photos) +
                    " test photos, at least " + std::to_string(kFewestDefects) +
                    " are needed; add photos of it, or choose other types with --types");
  }
  const auto good = split.good_test().size();
  if (good < kFewestGood)
    why.push_back(split.category + ": there are " + std::to_string(good) + " good test photos, at least " +
                  std::to_string(kFewestGood) + " are needed to count false alarms");
  return why;
}

}  // namespace kizu::study
