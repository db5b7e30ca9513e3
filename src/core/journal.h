#pragma once
#include <cstdint>
#include <filesystem>
#include <mutex>
#include <string>

#include "core/json.h"
#include "core/observer.h"

namespace kizu {

class RunFolder;

/// events.jsonl of a run folder: one JSON object a line, appended, never rewritten. Everything that differs
/// between two equal runs (times, memory) stands here and nowhere else. Each line has "time" (UTC), "seconds"
/// since this process opened the journal, "peak_bytes" since then, and "event": start, progress, said or end.
class Journal {
 public:
  /// Begins a session: appends a start event.
  explicit Journal(const std::filesystem::path& file);
  ~Journal();
  Journal(const Journal&) = delete;
  Journal& operator=(const Journal&) = delete;

  /// Adds time, seconds and memory to `event` and appends it. Safe to call from several threads.
  void append(Json event);
  /// Since the journal was opened.
  double seconds() const;

 private:
  std::uint64_t peak();

  std::filesystem::path file_;
  int handle_ = -1;
  double opened_ = 0;
  std::uint64_t peak_at_opening_ = 0;
  std::uint64_t largest_seen_ = 0;
  std::mutex mutex_;
};

/// Passes everything on and writes it into the journal of a run, progress at most once a second.
class JournalObserver : public Observer {
 public:
  JournalObserver(RunFolder& run, Observer& next);
  void progressed(const std::string& step, int64_t done, int64_t total, const std::string& detail) override;
  void said(const std::string& sentence) override;
  bool wants_stop() override { return next_.wants_stop(); }

 private:
  Journal& journal_;
  Observer& next_;
  std::mutex mutex_;
  std::string step_;
  double written_ = -1e9;
};

/// Time spent on a run folder in all sessions, also in those that were killed (up to their last second).
double seconds_of(const std::filesystem::path& folder);
/// The largest memory of its sessions; 0 when unknown.
std::uint64_t peak_bytes_of(const std::filesystem::path& folder);

}  // namespace kizu
