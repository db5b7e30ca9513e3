#pragma once
#include <cstdint>
#include <string>

namespace kizu {

/// Receives what a long job has to say. The library never prints: the program makes of this a progress line,
/// the run folder its events.jsonl, a test a list.
class Observer {
 public:
  virtual ~Observer() = default;
  /// `done` of `total` units of `step` are finished; `detail` is a short remark such as "loss 0.21".
  virtual void progressed(const std::string& step, int64_t done, int64_t total, const std::string& detail) {
    (void)step, (void)done, (void)total, (void)detail;
  }
  /// One sentence for a person: a warning, a decision that was taken, a result.
  virtual void said(const std::string& sentence) { (void)sentence; }
  /// Asked between units of work; on true the job saves its state and throws Interrupted.
  virtual bool wants_stop() { return false; }
};

}  // namespace kizu
