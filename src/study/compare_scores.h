#pragma once
#include <array>
#include <string>
#include <vector>

#include "image/masks.h"
#include "metrics/comparison.h"
#include "study/compare_plan.h"

namespace kizu::study {

inline constexpr std::size_t kComparedCount = 7;
/// The compared metrics (keys in metrics.json) in their order.
inline constexpr std::array<const char*, kComparedCount> kCompared = {
    "pixel_auroc", "pixel_ap", "pixel_f1_max", "au_pro", "image_auroc", "image_ap", "image_f1_max"};

/// Which defects are measured together, always against all good photos.
struct CompareScope {
  std::string name;          // "" = all, a defect type, kSmall or kLarge
  std::vector<bool> has;     // for each test photo
  std::size_t type_row = 0;  // of a type: its place among the types in metrics.json, from 1
  static constexpr const char* kSmall = "small or thin defects";
  static constexpr const char* kLarge = "larger defects";
};
/// The plain mean over the defect types, which is no scope of photos: all pixels together are mostly those of
/// the types with the largest defects.
inline constexpr const char* kTypesAlike = "mean of the types";

/// A defect is small when the longer side of its largest region is under 12 px, thin when no 3 x 3 px of its
/// mask are all defect.
bool is_small_or_thin(const Mask& mask);

/// The test photos of a category and how they are drawn again.
class TestPhotos {
 public:
  /// `split`: that of any seed, they agree in the test photos. `replicates` drawings. `data`: where the masks
  /// lie, for the scopes by size; empty: without those.
  TestPhotos(const dataset::Split& split, int64_t replicates, const std::filesystem::path& data = {});

  const std::vector<dataset::SplitPhoto>& photos() const { return photos_; }
  /// All, then each type, then small and large ones where there are both.
  const std::vector<CompareScope>& scopes() const { return scopes_; }
  /// What is measured: the scopes, and kTypesAlike where there are several types.
  std::vector<std::string> measured() const;
  const std::vector<std::vector<double>>& weights() const { return weights_; }
  /// Independent pieces among the test photos of a type (or dataset::kGood).
  std::size_t pieces(const std::string& type) const { return bootstrap_.pieces(type); }
  /// Which seeds replicate r takes, of `seeds`.
  std::vector<std::vector<std::size_t>> draws(std::size_t seeds) const;

 private:
  std::vector<dataset::SplitPhoto> photos_;
  std::vector<CompareScope> scopes_;
  metrics::Bootstrap bootstrap_;
  std::vector<std::vector<double>> weights_;  // [replicate][photo]
};

/// The metrics of one trained localizer: [TestPhotos::measured][metric]. Values are the exact ones of
/// metrics.json, but those of the scopes by size come from binned scores, as all replicates do.
using Scores = std::vector<std::array<metrics::Sampled, kComparedCount>>;

/// Reads evaluation-<name>. Throws Error when it does not belong to these photos.
Scores read_scores(const CompareTraining& training, const TestPhotos& photos);

}  // namespace kizu::study
