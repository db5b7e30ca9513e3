#pragma once
#include <filesystem>
#include <functional>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "anomaly/generation.h"
#include "anomaly/start_trial.h"
#include "core/observer.h"
#include "pipeline/steps.h"
#include "tensor/worker_pool.h"

namespace kizu::pipeline {

/// A pair, the photo it was painted on, and the mask's record.
struct MadePair {
  anomaly::CheckedPair made;
  Image good;
  Json mask;
};
/// Paints into `mask`; where the surface swallows the defect, into the mask's spares in turn (the same shot's
/// defect at other places), until one is clear. The attempts add up.
MadePair paint_until_clear(const Json& mask, uint64_t seed,
                           const std::function<MadePair(const Json& mask, uint64_t seed)>& paint);

/// Makes the pairs of a run, one by one, each from a mask's record of masks/masks.json, and writes them.
class PairMaker {
 public:
  /// `inputs`: the hashes of "model" and "embeddings"; `workers`: how many threads will call `make`. Throws
  /// Error when shots, embeddings or base cannot be read.
  PairMaker(const Workspace& workspace, const GenerateStep& step, const Json& inputs,
            const std::filesystem::path& folder, int workers);

  /// Decides for a type, unless the step says it, what its pairs are drawn from; `masks` are those of all
  /// types.
  void try_starts(const std::vector<Json>& masks, const std::string& type, WorkerPool& pool,
                  Observer& observer);
  /// Looks whether a type replaces pieces of the product, and else decides, unless the step says it, how
  /// severe it is painted: before the first of its pairs is made.
  void weigh(const std::vector<Json>& masks, const std::string& type);
  double severity_of(const std::string& type) const;
  /// How the trial came out; null where nothing was tried.
  Json start_of(const std::string& type) const;

  /// The record of the `number`th pair of its type. One that lies there already is read, not made again.
  /// Where the type has not been tried yet, the pair starts from its shot and is redrawn a little only.
  Json make(int worker, const Json& mask, int64_t number) const;

  static Json describe(const GenerateStep& step, uint64_t seed);

 private:
  struct Scene {
    std::string type;
    Image good;
    Mask mask;
  };
  Scene scene_of(const Json& mask) const;
  MadePair paint(int worker, const Json& mask, uint64_t seed) const;
  double trial(int worker, const Json& mask, int64_t index, const anomaly::Start& start) const;
  anomaly::GenerateOptions options_for(const std::string& type, const Mask& where) const;
  anomaly::GenerateOptions with(const anomaly::Start& start, const std::string& type) const;
  anomaly::Donor donor_of(const std::string& type, const Json& mask) const;
  void write(const anomaly::CheckedPair& made, const Image& good, const std::filesystem::path& stem,
             Json& record) const;

  const Workspace& workspace_;
  const GenerateStep& step_;
  std::filesystem::path folder_;
  anomaly::Embeddings embeddings_;
  std::vector<ldm::CompactModel> models_;
  std::map<std::string, anomaly::Standard> standards_;
  std::map<std::string, std::vector<anomaly::Shot>> shots_;
  std::map<std::string, std::vector<std::string>> names_;  // of the shots' masks, in the same order
  std::map<std::string, anomaly::StartTrial> trials_;
  std::map<std::string, double> severities_;
  std::set<std::string> structural_;  // types that lie on a piece of the product in place (surroundings.h)
  std::string model_hash_, embeddings_hash_;
};

}  // namespace kizu::pipeline
