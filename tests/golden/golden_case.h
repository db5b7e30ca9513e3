#pragma once
#include <torch/torch.h>

#include <filesystem>
#include <functional>
#include <map>
#include <nlohmann/json.hpp>
#include <set>
#include <string>

#include "tensor/convert.h"

namespace kizu::golden {

/// $KIZU_GOLDEN, or ../shared/golden beside the source tree, which need not exist.
std::filesystem::path golden_folder();

/// One folder with a case.json: inputs and outputs of the reference implementation for one computation.
/// A runner takes everything from it: settings, names, weights and tolerances.
class Case {
 public:
  /// `name` is the folder relative to the golden root, for instance "unet/tiny".
  Case(std::string name, std::filesystem::path folder, nlohmann::json json);

  const std::string& name() const { return name_; }
  const std::filesystem::path& folder() const { return folder_; }
  const nlohmann::json& json() const { return json_; }
  const nlohmann::json& config() const { return json_.at("config"); }
  std::string kind() const { return json_.at("kind"); }

  bool has(const std::string& tensor) const { return json_.at("tensors").contains(tensor); }
  std::vector<std::string> names(const std::string& role) const;
  /// The stored tensor, whatever its role, in the dtype of the file.
  torch::Tensor tensor(const std::string& name) const;
  /// The same as float32: integers of a mask become 0.0, 1.0 ...
  torch::Tensor as_float(const std::string& name) const { return tensor(name).to(torch::kFloat32); }

  /// Weights stored beside the case or filled by rule; `entry` is the key in case.json.
  NamedTensors weights(const std::string& entry = "weights") const;
  /// Puts the weights into the module; every name and shape must fit. Weights that have the names of a whole
  /// model are those that start with `prefix`; weights of the part alone do not have it.
  void load(torch::nn::Module& module, const std::string& entry = "weights",
            const std::string& prefix = "") const;

  /// Expects `ours` to agree with the stored output within the tolerance of case.json (integers: equal) and
  /// prints the largest error that was measured.
  void compare(const std::string& output, const torch::Tensor& ours);
  /// Says in the report that the case has run.
  void report_run() const;
  /// Outputs that no compare() has looked at: the test fails on them.
  std::set<std::string> unchecked() const;

 private:
  std::string name_;
  std::filesystem::path folder_;
  nlohmann::json json_;
  std::set<std::string> compared_;
  mutable std::map<std::string, NamedTensors> files_;
};

using Runner = std::function<void(Case&)>;

/// Runners by kind of case.
std::map<std::string, Runner>& runners();
struct Registration {
  Registration(const char* kind, Runner runner) { runners().emplace(kind, std::move(runner)); }
};

/// The rule for weights that are not stored: splitmix64 seeded by the tensor's name (golden/README.md).
torch::Tensor fill_by_rule(const std::string& name, at::IntArrayRef shape, uint64_t seed, double offset,
                           double scale);
/// The value in [-1, 1) of every element, before offset and scale.
torch::Tensor unit_by_rule(const std::string& name, int64_t count, uint64_t seed);

#define KIZU_GOLDEN_JOIN2(a, b) a##b
#define KIZU_GOLDEN_JOIN(a, b) KIZU_GOLDEN_JOIN2(a, b)
/// Registers the runner of a kind of case, at namespace scope: KIZU_GOLDEN_KIND("diffusion.ddim", run_ddim);
#define KIZU_GOLDEN_KIND(kind, run) \
  static const ::kizu::golden::Registration KIZU_GOLDEN_JOIN(kRegistered, __COUNTER__)(kind, run)

}  // namespace kizu::golden
