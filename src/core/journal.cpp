#include "core/journal.h"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <ctime>
#include <fstream>

#include "core/atomic_file.h"
#include "core/memory.h"
#include "core/run_folder.h"

namespace kizu {
namespace {

double steady_seconds() {
  return std::chrono::duration<double>(std::chrono::steady_clock::now().time_since_epoch()).count();
}

std::string utc_now() {
  const std::time_t now = std::time(nullptr);
  std::tm parts{};
  gmtime_r(&now, &parts);
  char text[32];
  std::strftime(text, sizeof text, "%Y-%m-%dT%H:%M:%SZ", &parts);
  return text;
}

/// Calls `visit` for each whole event; a line torn by a kill is passed over.
template <typename Visit>
void for_each_event(const std::filesystem::path& folder, Visit visit) {
  std::ifstream lines(folder / "events.jsonl");
  for (std::string line; std::getline(lines, line);) {
    const Json event = Json::parse(line, nullptr, /*allow_exceptions=*/false);
    if (event.is_object()) visit(event);
  }
}

double number(const Json& event, const char* key) {
  const auto found = event.find(key);
  return found != event.end() && found->is_number() ? found->get<double>() : 0;
}

}  // namespace

Journal::Journal(const std::filesystem::path& file)
    : file_(file), opened_(steady_seconds()), peak_at_opening_(peak_resident_bytes()) {
  handle_ = ::open(file.c_str(), O_RDWR | O_CREAT | O_APPEND | O_CLOEXEC, 0666);
  if (handle_ < 0) throw_write_failure(file, errno);
  char last = '\n';
  const off_t size = ::lseek(handle_, 0, SEEK_END);
  if (size > 0 && ::pread(handle_, &last, 1, size - 1) == 1 && last != '\n' &&
      ::write(handle_, "\n", 1) != 1) {
    const int reason = errno;
    ::close(handle_);
    throw_write_failure(file, reason);
  }
  append({{"event", "start"}});
}

Journal::~Journal() {
  ::close(handle_);
}

double Journal::seconds() const {
  return steady_seconds() - opened_;
}

// The kernel's peak is that of the whole process. Where an earlier step of the same process was larger, the
// largest value seen at our own events stands in.
std::uint64_t Journal::peak() {
  largest_seen_ = std::max(largest_seen_, resident_bytes());
  const std::uint64_t process = peak_resident_bytes();
  return process > peak_at_opening_ ? process : largest_seen_;
}

void Journal::append(Json event) {
  const std::lock_guard<std::mutex> lock(mutex_);
  event["time"] = utc_now();
  event["seconds"] = std::max(0.0, static_cast<double>(static_cast<std::int64_t>(seconds() * 1000)) / 1000);
  event["peak_bytes"] = peak();
  const std::string line = event.dump(-1, ' ', false, Json::error_handler_t::replace) + "\n";
  for (std::size_t at = 0; at < line.size();) {
    const ssize_t put = ::write(handle_, line.data() + at, line.size() - at);
    if (put < 0 && errno == EINTR) continue;
    if (put < 0) throw_write_failure(file_, errno);
    at += static_cast<std::size_t>(put);
  }
}

JournalObserver::JournalObserver(RunFolder& run, Observer& next) : journal_(run.journal()), next_(next) {}

void JournalObserver::progressed(const std::string& step, int64_t done, int64_t total,
                                 const std::string& detail) {
  {
    const std::lock_guard<std::mutex> lock(mutex_);
    const double now = journal_.seconds();
    if (step != step_ || done == total || now - written_ >= 1) {
      step_ = step;
      written_ = now;
      journal_.append(
          {{"event", "progress"}, {"step", step}, {"done", done}, {"total", total}, {"detail", detail}});
    }
  }
  next_.progressed(step, done, total, detail);
}

void JournalObserver::said(const std::string& sentence) {
  journal_.append({{"event", "said"}, {"sentence", sentence}});
  next_.said(sentence);
}

double seconds_of(const std::filesystem::path& folder) {
  double finished_sessions = 0, session = 0;
  for_each_event(folder, [&](const Json& event) {
    if (event.contains("event") && event["event"] == "start") {
      finished_sessions += session;
      session = 0;
    }
    session = std::max(session, number(event, "seconds"));
  });
  return finished_sessions + session;
}

std::uint64_t peak_bytes_of(const std::filesystem::path& folder) {
  double peak = 0;
  for_each_event(folder, [&](const Json& event) { peak = std::max(peak, number(event, "peak_bytes")); });
  return static_cast<std::uint64_t>(peak);
}

}  // namespace kizu
