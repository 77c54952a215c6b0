// What happened to the locks of one Storage Daemon: the lines of its history file, as plain data. No I/O.
//
// <Working Directory>/<sd name>.shstore.history holds one JSON object a line, oldest first:
//
//   {"at":"2026-11-22T10:48:52Z","event":"lock-taken","drive":"Drive-0","key":"0xbac001"}
//
//   at     when, in UTC
//   event  one of the words below; a reader passes over words that it does not know
//   drive  the name of the Device resource; not in what is said of the daemon
//   key    lock-*: this host's key; blocked, unblocked: that of the host which has the drive; wait-begins: that of the
//          host which the job waits for. Missing where it is not known
//   by     lock-lost: the key that has the drive now. Missing where it is not known
//   job    wait-*, use-*: the JobId; 0 is the daemon itself, which opens its devices when it starts
//
//   started, stopped           the daemon began; the daemon ended in order and gave everything back
//   running                    nothing happened for a while, and the daemon was still there
//   lock-taken, lock-released  the lock of the drive
//   lock-lost                  the same as released, but jobs relied on it
//   blocked, unblocked         another host was seen to hold the drive, and not to hold it any more
//   wait-begins, wait-ends     a job asked for the drive and was refused; it got it, got another, or gave up
//   use-begins, use-ends       a job was given the drive; it ended
//
// A daemon that was killed leaves no "stopped", and its last line may be torn: it is passed over.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "reserve/record/state.h"

namespace shstore::record {

struct HistoryEvent {
  enum class Kind {
    started,
    stopped,
    running,
    lock_taken,
    lock_released,
    lock_lost,
    blocked,
    unblocked,
    wait_begins,
    wait_ends,
    use_begins,
    use_ends,
  };
  WallTime at{};
  Kind kind = Kind::running;
  std::string drive{}, key{}, by{};
  uint32_t job = 0;
  friend bool operator==(const HistoryEvent&, const HistoryEvent&) = default;
};

using History = std::vector<HistoryEvent>;

/// What happened between two states of one life of the daemon, in the order of time; `before` is nullptr for the first
/// state of a life. What came and went in between is not seen, but a lock or a job that ended and began anew is.
History changes(const SdState* before, const SdState& after);

/// With its newline.
std::string to_line(const HistoryEvent& event);
/// Nothing if the line is torn or of another kind.
std::optional<HistoryEvent> parse_line(std::string_view line);
/// The lines that are understood, in their order.
History parse_history(std::string_view text);

/// What happened since `oldest`, and of the time before what is still so then: whether the daemon runs, locks that are
/// held, jobs that wait or use a drive.
History since(const History& history, WallTime oldest);

}  // namespace shstore::record
