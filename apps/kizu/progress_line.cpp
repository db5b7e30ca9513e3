#include "progress_line.h"

#include <unistd.h>

#include <chrono>
#include <iostream>

#include "core/stop.h"

namespace kizu {
namespace {

double now() {
  return std::chrono::duration<double>(std::chrono::steady_clock::now().time_since_epoch()).count();
}

}  // namespace

ProgressLine::ProgressLine() : terminal_(isatty(STDERR_FILENO) != 0) {}

ProgressLine::~ProgressLine() {
  end_line();
}

void ProgressLine::progressed(const std::string& step, int64_t done, int64_t total,
                              const std::string& detail) {
  const std::lock_guard lock(mutex_);
  const double time = now();
  const bool other = step != step_;
  if (other) end_line();
  const auto line = text_.line(step, done, total, detail, time);
  const bool last = done == total;
  if (!other && !last && time - shown_ < (terminal_ ? 0.2 : 15.0)) return;
  step_ = step;
  shown_ = time;
  if (terminal_) {
    std::cerr << '\r' << line << "\033[K" << std::flush;
    open_ = true;
    if (last) end_line();
  } else {
    std::cerr << line << '\n';
  }
}

void ProgressLine::said(const std::string& sentence) {
  const std::lock_guard lock(mutex_);
  end_line();
  std::cerr << sentence << '\n';
}

bool ProgressLine::wants_stop() {
  return stop_requested();
}

void ProgressLine::end_line() {
  if (open_) std::cerr << '\n';
  open_ = false;
}

}  // namespace kizu
