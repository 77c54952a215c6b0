// Ending in order: what a process took must be given back on every way out that it can notice.
#pragma once

#include <atomic>
#include <cstdint>

namespace shstore::base {

/// Signals as bits: signal 1 is bit 0.
using SignalSet = std::atomic<uint64_t>;
constexpr uint64_t signal_bit(int signal) { return uint64_t{1} << (signal - 1); }

/// What a reader that went away means: `stop`, as for any other program in a pipe, or nothing, where the work must not be cut.
enum class BrokenPipe { stop, go_on };

/// Handles every signal that would end the process and does not tell of a crash of its own: from then on `stop` is true.
/// `sent`, if given, collects those that another process sent, which a child of ours has not got (^C at a terminal goes to
/// both). A file that reaches its limit (SIGXFSZ) is an error of write(2) and no more. Signals that were ignored when we
/// were started (nohup) stay ignored. Children start with the signals as we were given them. Once per process; both live as
/// long as it does.
void install_stop_signals(std::atomic<bool>& stop, SignalSet* sent = nullptr,
                          BrokenPipe broken_pipe = BrokenPipe::stop);

}  // namespace shstore::base
