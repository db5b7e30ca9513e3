#include "core/stop.h"

#include <atomic>
#include <csignal>

namespace kizu {
namespace {

std::atomic<bool> requested{false};
static_assert(std::atomic<bool>::is_always_lock_free, "only lock-free atomics are safe in a signal handler");

void request(int) {
  requested = true;
}

}  // namespace

void catch_stop_signals() {
  struct sigaction action {};
  action.sa_handler = request;
  action.sa_flags = static_cast<int>(SA_RESETHAND);  // the second signal finds the default again
  sigemptyset(&action.sa_mask);
  sigaction(SIGINT, &action, nullptr);
  sigaction(SIGTERM, &action, nullptr);
  std::signal(SIGXFSZ, SIG_IGN);
}

bool stop_requested() {
  return requested;
}

void clear_stop_request() {
  requested = false;
}

}  // namespace kizu
