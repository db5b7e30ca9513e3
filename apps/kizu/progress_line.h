#pragma once
#include <mutex>

#include "core/observer.h"
#include "core/progress.h"

namespace kizu {

/// Shows progress on stderr: one line that rewrites itself in a terminal, a line now and then elsewhere.
class ProgressLine : public Observer {
 public:
  ProgressLine();
  ~ProgressLine() override;
  void progressed(const std::string& step, int64_t done, int64_t total, const std::string& detail) override;
  void said(const std::string& sentence) override;
  bool wants_stop() override;

 private:
  void end_line();

  std::mutex mutex_;
  ProgressText text_;
  std::string step_;
  double shown_ = -1e9;
  bool terminal_, open_ = false;
};

}  // namespace kizu
