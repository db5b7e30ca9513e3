#pragma once

namespace kizu {

/// From now on SIGINT and SIGTERM only set a flag, the first time; a second one ends the process at once. A
/// file size limit (SIGXFSZ) becomes a failed write instead of death. Once, by the program; a library's host
/// may leave it.
void catch_stop_signals();
/// True after a signal. What Observer::wants_stop() of the program returns.
bool stop_requested();
/// Forgets a signal that came.
void clear_stop_request();

}  // namespace kizu
