#pragma once
#include <filesystem>
#include <functional>
#include <memory>
#include <string>

#include "core/journal.h"
#include "core/json.h"

namespace kizu {

/// One step of work = one folder with run.json, events.jsonl and what the step makes. run.json says which
/// verb, options and inputs (with their hashes) the content belongs to, and holds no times: equal runs, equal
/// bytes.
///
/// Opening it decides what is to be done:
/// - absent or empty: created, state "running"
/// - same verb, options and inputs, "complete": is_complete(), nothing is touched or locked
/// - the same, "running": resumed, the files stay; the step goes on from its own checkpoint
/// - the same verb with other options or inputs: the old content is removed, subfolders too (so a folder that
///   holds the folders of other steps must not be one itself)
/// - another verb, or not a folder that kizu made: Error, nothing is touched
/// While it is open another process (or a second RunFolder) that opens the same folder gets an Error.
class RunFolder {
 public:
  /// `may_begin` is called before anything is touched, unless the run is complete: what it throws (too little
  /// memory, say) leaves the folder as it was.
  RunFolder(const std::filesystem::path& folder, const std::string& verb, const Json& options,
            const Json& inputs, const std::function<void()>& may_begin = nullptr);
  ~RunFolder();
  RunFolder(const RunFolder&) = delete;
  RunFolder& operator=(const RunFolder&) = delete;

  /// Options of the whole process, such as {"exact": true}, that change what its steps write: from now on
  /// they are among the options of every run. Set before any work begins.
  static void every_run_has(const Json& options);

  bool is_complete() const { return complete_; }
  /// An interrupted run is being continued.
  bool is_resumed() const { return resumed_; }
  const std::filesystem::path& path() const { return folder_; }
  /// SHA-256 over verb, options and inputs.
  const std::string& fingerprint() const { return fingerprint_; }
  /// Not for a complete run.
  Journal& journal();

  /// Last of all: writes "complete" and the results (no times in them).
  void finish(const Json& results);

 private:
  void write_state(const char* state, const Json& results = nullptr);
  void lock();
  void clear();

  std::filesystem::path folder_;
  std::string verb_;
  Json options_, inputs_;
  std::string fingerprint_;
  bool complete_ = false, resumed_ = false;
  int lock_ = -1;
  std::unique_ptr<Journal> journal_;
};

/// run.json of a folder: {"program": "kizu", "verb", "options", "inputs", "fingerprint", "state", "results"}.
/// Error when the folder is not one that kizu made.
Json read_run(const std::filesystem::path& folder);

}  // namespace kizu
