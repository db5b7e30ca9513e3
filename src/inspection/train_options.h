#pragma once
#include <string>

#include "inspection/curriculum.h"
#include "inspection/localizer_net.h"
#include "inspection/samples.h"

namespace kizu::inspection {

/// kMuon (tensor/muon.h), at 20 times the rate of Adam, comes to a lower loss in as many steps on the light
/// net, whose filters are normed. The method has Adam.
enum class Optimiser { kAuto, kMuon, kAdam };
const char* name_of(Optimiser optimiser);
enum class Choose { kLast, kBest };
enum class RateSchedule { kCosine, kMilestones };

/// for_photos decides.
inline constexpr double kByPhotos = -1;

struct TrainOptions {
  TrainOptions() {  // for_photos decides
    samples.crop = 0;
    samples.turned = kByPhotos;
  }

  LocalizerConfig net;
  Curriculum mix = Mix::parse("good:0.3,pairs:0.35,shots:0.15,crop_paste:0.2");
  SampleOptions samples;
  int64_t work_size = 256;  // of the examples in the set; goes into the file for detection
  int64_t steps = 0;        // 0: whoever knows the number of defect types sets default_steps
  int64_t batch = 0;        // windows in a step; 0: for_photos decides
  Optimiser optimiser = Optimiser::kAuto;
  double rate = 1e-3;  // of Adam: twice that is worse, four times collapses (light net, magnetic tiles)
  RateSchedule schedule = RateSchedule::kCosine;
  double dice = 0.5;  // weight of the Dice loss beside the focal loss; 0 as in the paper
  double balanced =
      0.1;          // weight of the balanced cross-entropy; without it rare defects let a training go flat
  double clip = 1;  // largest norm of a gradient; 0: no limit
  double average = 0.99;  // moving average of the weights; 0 none
  double holdout = 0.15;  // share of the generated pairs kept for choosing and for the threshold
  Choose choose = Choose::kLast;
  /// Goes on at a constant rate until the loss on held-out pairs is flat, then lets the rate fall for half as
  /// many steps again. `steps` is then the most; the schedule above does not count.
  bool until_flat = false;
  int64_t look_every = 100;  // steps between two looks at the held-out loss
  int64_t flat_looks = 4;    // flat: the best of so many looks is
  double flat_gain = 0.01;   // not lower by this share than the best before
  uint64_t seed = 0;
  int64_t checkpoint_every = 100;
  int workers = 0;  // 0: one per core; the result does not depend on it

  /// Localizer, loss, rate and augmentation of the published code (method.md, 7.1).
  static TrainOptions reference();
  /// Side and number of windows where they are 0: 160 px, eight in a step; where the photos resemble each
  /// other pixel by pixel (`aligned`) the short side of a photo, at most 512 px, four in a step. There a
  /// defect may be that something is not where it belongs, which shows in the whole picture alone
  /// (docs/results.md, "Wider windows"). Where they do not, half of the windows on pairs have the defect
  /// turned in place, so that large defects are found by their texture and not by their outline alone
  /// ("Defects of pairs turned in place").
  TrainOptions for_photos(bool aligned) const;
  /// With windows no larger than photos of `longest` px at their longest side: what lies beyond all photos
  /// need not be shown.
  TrainOptions within(int64_t longest) const;
  /// Pixels of the windows in a step.
  int64_t step_pixels() const { return batch * samples.crop * samples.crop; }
  /// kAuto resolved: Muon for the light net, Adam for the method's.
  Optimiser chosen_optimiser() const;
  /// The last step at which the rate may begin to fall.
  int64_t latest_fall() const { return 2 * steps / 3; }
  /// More types need more steps: 400, and 800 for each. On the one product looked at, transistor, the loss on
  /// held-out pairs hardly falls after that (docs/results.md).
  static int64_t default_steps(int64_t types) { return 400 + 800 * types; }
  /// Throws Error naming the option.
  void check() const;
};

/// One line that differs whenever the options or the photos would lead to another localizer.
std::string fingerprint(const TrainOptions& options, const TrainingSet& set);

}  // namespace kizu::inspection
