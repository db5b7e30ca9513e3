#include "core/progress.h"

#include <algorithm>
#include <cmath>

namespace kizu {
namespace {

std::string two_digits(std::int64_t number) {
  return (number < 10 ? "0" : "") + std::to_string(number);
}

}  // namespace

std::string clock_text(double seconds) {
  if (!(seconds >= 0) || seconds > 1e9) return "?";
  const auto all = static_cast<std::int64_t>(std::llround(seconds));
  const std::int64_t hours = all / 3600, minutes = all / 60 % 60;
  if (hours > 0) return std::to_string(hours) + ":" + two_digits(minutes) + ":" + two_digits(all % 60);
  return std::to_string(minutes) + ":" + two_digits(all % 60);
}

std::string progress_text(const std::string& step, std::int64_t done, std::int64_t total, double elapsed,
                          const std::string& detail, std::int64_t done_before) {
  const std::string count = std::to_string(done), of = std::to_string(total);
  std::string line = step + "  ";
  if (total <= 0) {
    line += count;
  } else {
    const std::int64_t shown = std::clamp<std::int64_t>(done, 0, total);
    const auto percent =
        static_cast<std::int64_t>(100.0 * static_cast<double>(shown) / static_cast<double>(total));
    // The count is padded to the width of the total, so that the line does not jump.
    line += std::string(of.size() > count.size() ? of.size() - count.size() : 0, ' ') + count + "/" + of +
            "  " +
            (percent < 10    ? "  "
             : percent < 100 ? " "
                             : "") +
            std::to_string(percent) + " %";
    if (shown == total)
      line += "  " + clock_text(elapsed);
    else if (shown > done_before)
      line += "  " +
              clock_text(elapsed * static_cast<double>(total - shown) /
                         static_cast<double>(shown - done_before)) +
              " left";
  }
  return detail.empty() ? line : line + "  " + detail;
}

std::string ProgressText::line(const std::string& step, std::int64_t done, std::int64_t total,
                               const std::string& detail, double now) {
  if (step != step_ || done < done_before_) {
    step_ = step;
    done_before_ = done;
    began_ = now;
  }
  return progress_text(step, done, total, now - began_, detail, done_before_);
}

}  // namespace kizu
