#include "golden_case.h"

#include <gtest/gtest.h>

#include <cstdio>
#include <cstdlib>
#include <fstream>

namespace kizu::golden {

std::filesystem::path golden_folder() {
  const char* given = std::getenv("KIZU_GOLDEN");
  return given ? std::filesystem::path(given) : std::filesystem::path(KIZU_SOURCE_DIR) / "../shared/golden";
}

Case::Case(std::string name, std::filesystem::path folder, nlohmann::json json)
    : name_(std::move(name)), folder_(std::move(folder)), json_(std::move(json)) {}

std::vector<std::string> Case::names(const std::string& role) const {
  std::vector<std::string> found;
  for (const auto& [name, entry] : json_.at("tensors").items())
    if (entry.at("role") == role) found.push_back(name);
  return found;
}

torch::Tensor Case::tensor(const std::string& name) const {
  const std::string file = json_.at("tensors").at(name).at("file");
  auto known = files_.find(file);
  if (known == files_.end()) known = files_.emplace(file, read_tensors(folder_ / file)).first;
  return known->second.at(name);
}

NamedTensors Case::weights(const std::string& entry) const {
  const auto& description = json_.at(entry);
  const auto file = folder_ / description.at("file").get<std::string>();
  if (description.at("kind") == "stored") return read_tensors(file);
  std::ifstream in(file);
  const auto rule = nlohmann::json::parse(in);
  if (rule.at("rule") != "splitmix64-v1") throw std::runtime_error("unknown weight rule in " + file.string());
  NamedTensors filled;
  for (const auto& row : rule.at("tensors")) {
    const auto shape = row.at(1).get<std::vector<int64_t>>();
    filled[row.at(0)] = fill_by_rule(row.at(0), shape, rule.at("seed"), row.at(2), row.at(3));
  }
  return filled;
}

void Case::load(torch::nn::Module& module, const std::string& entry, const std::string& prefix) const {
  auto tensors = weights(entry);
  const auto first = tensors.lower_bound(prefix);
  const bool whole = first != tensors.end() && first->first.rfind(prefix, 0) == 0;
  const auto used = whole ? prefix : "";
  // Rules leave out what is no float: counters, which are zero.
  if (json_.at(entry).at("kind") == "rule")
    for (const auto& [name, own] : state_of(module, used))
      if (!own.is_floating_point()) tensors.emplace(name, torch::zeros_like(own));
  load_state(module, tensors, used, name_ + " " + entry);
}

namespace {

/// Appends a line to the file named by KIZU_GOLDEN_REPORT, if any: kind, case, output, largest error, atol,
/// and the largest share of the tolerance that an element used; tabs between. No output: the case has run.
void report(const Case& c, const std::string& output, double error, double atol, double share) {
  const char* file = std::getenv("KIZU_GOLDEN_REPORT");
  if (file == nullptr) return;
  std::ofstream(file, std::ios::app) << c.kind() << '\t' << c.name() << '\t' << output << '\t' << error
                                     << '\t' << atol << '\t' << share << '\n';
}

/// Largest |ours - theirs| - rtol |theirs|, which may not exceed atol; NaN only where the reference has it.
double excess(const torch::Tensor& ours, const torch::Tensor& theirs, double rtol) {
  if (ours.numel() == 0) return 0;
  const auto difference = (ours - theirs).abs() - rtol * theirs.abs();
  const auto agreed = (ours == theirs) | (ours.isnan() & theirs.isnan());
  return torch::where(agreed, torch::zeros_like(difference), difference).max().item<double>();
}

}  // namespace

void Case::compare(const std::string& output, const torch::Tensor& ours) {
  compared_.insert(output);
  const auto theirs = tensor(output);
  const auto& tolerance = json_.at("tolerance").at(output);
  const double atol = tolerance.at("atol"), rtol = tolerance.at("rtol");
  if (ours.numel() != theirs.numel() || (theirs.dim() > 1 && ours.sizes() != theirs.sizes())) {
    ADD_FAILURE() << name_ << " " << output << ": shape " << ours.sizes() << " instead of " << theirs.sizes();
    return;
  }
  if (!theirs.is_floating_point()) {
    const auto same = ours.detach().to(torch::kInt64).reshape(theirs.sizes()) == theirs.to(torch::kInt64);
    const auto wrong = theirs.numel() - same.sum().item<int64_t>();
    std::printf("[ measured ] %s | %s | %ld of %ld differ\n", name_.c_str(), output.c_str(), long(wrong),
                long(theirs.numel()));
    report(*this, output, static_cast<double>(wrong), 0, wrong == 0 ? 0 : 1);
    EXPECT_EQ(wrong, 0) << name_ << " " << output;
    return;
  }
  const auto mine = ours.detach().cpu().to(torch::kFloat64).reshape(theirs.sizes());
  const auto reference = theirs.to(torch::kFloat64);
  const double error = excess(mine, reference, 0);
  std::printf("[ measured ] %s | %s | error %.3g | atol %.3g rtol %.3g\n", name_.c_str(), output.c_str(),
              error, atol, rtol);
  const auto allowed = atol + rtol * reference.abs();
  const auto used = ((mine - reference).abs() / allowed).nan_to_num(0);
  report(*this, output, error, atol, used.numel() == 0 ? 0 : used.max().item<double>());
  const double over = excess(mine, reference, rtol);
  EXPECT_TRUE(over <= atol) << name_ << " " << output << ": error " << error << ", atol " << atol << ", rtol "
                            << rtol;
}

void Case::report_run() const {
  report(*this, "", 0, 0, 0);
}

std::set<std::string> Case::unchecked() const {
  std::set<std::string> left;
  for (const auto& name : names("output"))
    if (!compared_.count(name)) left.insert(name);
  return left;
}

std::map<std::string, Runner>& runners() {
  static std::map<std::string, Runner> registered;
  return registered;
}

torch::Tensor unit_by_rule(const std::string& name, int64_t count, uint64_t seed) {
  uint64_t state = 0xCBF29CE484222325ull;
  for (const unsigned char c : name) state = (state ^ c) * 0x100000001B3ull;
  state += seed * 0x9E3779B97F4A7C15ull;
  auto values = torch::empty({count}, torch::kFloat64);
  auto* v = values.data_ptr<double>();
  for (int64_t i = 0; i < count; ++i) {
    state += 0x9E3779B97F4A7C15ull;
    uint64_t z = state;
    z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9ull;
    z = (z ^ (z >> 27)) * 0x94D049BB133111EBull;
    z ^= z >> 31;
    v[i] = static_cast<double>(static_cast<int64_t>(z >> 40) - (int64_t{1} << 23)) / 8388608.0;
  }
  return values;
}

torch::Tensor fill_by_rule(const std::string& name, at::IntArrayRef shape, uint64_t seed, double offset,
                           double scale) {
  int64_t count = 1;
  for (const auto extent : shape) count *= extent;
  return (unit_by_rule(name, count, seed) * scale + offset).to(torch::kFloat32).reshape(shape);
}

}  // namespace kizu::golden
