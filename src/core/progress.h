#pragma once
#include <cstdint>
#include <string>

namespace kizu {

/// "0:21", "12:05", "1:02:03"; negative and unknown times become "?".
std::string clock_text(double seconds);

/// A line such as `generate   37/200  18 %  0:21 left  loss 0.21`. `elapsed` seconds were spent on the units
/// after `done_before` (what a resumed job found already done). With an unknown total (0) only the count is
/// shown.
std::string progress_text(const std::string& step, std::int64_t done, std::int64_t total, double elapsed,
                          const std::string& detail, std::int64_t done_before = 0);

/// Keeps, for the running step, when it was first heard of and how much was done then.
class ProgressText {
 public:
  /// `now` in seconds of any steady clock.
  std::string line(const std::string& step, std::int64_t done, std::int64_t total, const std::string& detail,
                   double now);

 private:
  std::string step_;
  std::int64_t done_before_ = 0;
  double began_ = 0;
};

}  // namespace kizu
