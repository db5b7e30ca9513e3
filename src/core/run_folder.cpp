#include "core/run_folder.h"

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include <cerrno>
#include <stdexcept>
#include <vector>

#include "core/atomic_file.h"
#include "core/error.h"
#include "core/sha256.h"

namespace kizu {
namespace fs = std::filesystem;
namespace {

constexpr const char* kRecord = "run.json";
constexpr const char* kLock = ".lock";

/// Entries of the folder but for the lock and what a killed writer left.
std::vector<fs::path> contents(const fs::path& folder) {
  std::vector<fs::path> found;
  std::error_code failure;
  for (fs::directory_iterator it(folder, failure), end; !failure && it != end; it.increment(failure))
    if (it->path().filename() != kLock && !is_leftover(it->path())) found.push_back(it->path());
  if (failure)
    throw Error("cannot list " + folder.string() + ": " + failure.message() + "; allow reading it");
  return found;
}

/// The record of an earlier run in this folder, null when there is none.
Json earlier_run(const fs::path& folder) {
  std::error_code failure;
  if (!fs::exists(fs::symlink_status(folder, failure))) return nullptr;
  if (!fs::is_directory(folder, failure))
    throw Error(folder.string() + " is not a folder; choose another --out");
  if (fs::exists(folder / kRecord, failure)) return read_run(folder);
  if (!contents(folder).empty())
    throw Error(folder.string() + " is not empty and was not made by kizu; choose another --out");
  return nullptr;
}

Json& process_options() {
  static Json options = Json::object();
  return options;
}

}  // namespace

void RunFolder::every_run_has(const Json& options) {
  process_options() = options;
}

Json read_run(const fs::path& folder) {
  const fs::path file = folder / kRecord;
  Json record = read_json(file);
  const auto text = [&](const char* key) {
    return record.is_object() && record.contains(key) && record[key].is_string()
               ? record[key].get<std::string>()
               : "";
  };
  if (text("program") != "kizu" || text("verb").empty() || text("fingerprint").empty() ||
      text("state").empty())
    throw Error(file.string() + " was not written by kizu; choose another folder");
  return record;
}

RunFolder::RunFolder(const fs::path& folder, const std::string& verb, const Json& options, const Json& inputs,
                     const std::function<void()>& may_begin)
    : folder_(folder), verb_(verb), options_(options), inputs_(inputs) {
  for (const auto& [key, value] : process_options().items()) options_[key] = value;
  fingerprint_ = sha256(to_text({{"verb", verb}, {"options", options_}, {"inputs", inputs}}));
  const auto is_same = [&](const Json& run) { return run.is_object() && run["fingerprint"] == fingerprint_; };
  const Json seen = earlier_run(folder_);
  if (is_same(seen) && seen["state"] == "complete") {
    complete_ = true;
    return;
  }
  if (may_begin) may_begin();
  make_folders(folder_);
  try {
    lock();
    const Json earlier = earlier_run(folder_);  // again: another process may have ended since
    if (earlier.is_object() && earlier["verb"] != verb_)
      throw Error(folder_.string() + " holds a run of \"kizu " + earlier["verb"].get<std::string>() +
                  "\"; choose another --out for \"kizu " + verb_ + "\"");
    if (is_same(earlier) && earlier["state"] == "complete") {
      complete_ = true;
      return;
    }
    resumed_ = is_same(earlier) && earlier["state"] == "running";
    if (!resumed_) clear();
    remove_leftovers(folder_);
    journal_ = std::make_unique<Journal>(folder_ / "events.jsonl");
  } catch (...) {
    // A folder that never got its record (a full disk) goes again; remove() spares what is not empty.
    std::error_code unknown;
    if (lock_ >= 0 && !fs::exists(folder_ / kRecord, unknown)) {
      fs::remove(folder_ / kLock, unknown);
      fs::remove(folder_, unknown);
    }
    if (lock_ >= 0) ::close(lock_);
    throw;
  }
}

RunFolder::~RunFolder() {
  if (lock_ >= 0) ::close(lock_);
}

void RunFolder::lock() {
  const fs::path file = folder_ / kLock;
  lock_ = ::open(file.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0666);
  if (lock_ < 0) throw_write_failure(file, errno);
  // A file system without locks must not forbid the work.
  if (::flock(lock_, LOCK_EX | LOCK_NB) == 0 || errno != EWOULDBLOCK) return;
  ::close(lock_);
  lock_ = -1;
  throw Error(folder_.string() + " is in use by another kizu process; wait for it or choose another --out");
}

// A kill between the two records leaves "clearing", which no fingerprint takes for a run to be resumed.
void RunFolder::clear() {
  write_state("clearing");
  for (const fs::path& entry : contents(folder_)) {
    if (entry.filename() == kRecord) continue;
    std::error_code failure;
    fs::remove_all(entry, failure);
    if (failure)
      throw Error("cannot remove " + entry.string() + ": " + failure.message() + "; choose another --out");
  }
  write_state("running");
}

Journal& RunFolder::journal() {
  if (!journal_) throw std::logic_error("RunFolder: a complete run has no open journal");
  return *journal_;
}

void RunFolder::write_state(const char* state, const Json& results) {
  Json record = {{"program", "kizu"}, {"verb", verb_},  {"options", options_},
                 {"inputs", inputs_}, {"state", state}, {"fingerprint", fingerprint_}};
  if (!results.is_null()) record["results"] = results;
  write_json(folder_ / kRecord, record);
}

void RunFolder::finish(const Json& results) {
  journal().append({{"event", "end"}});
  write_state("complete", results.is_null() ? Json::object() : results);
  complete_ = true;
}

}  // namespace kizu
