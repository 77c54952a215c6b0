// What the engine knows of a drive's lock, as one of three states, and of the device in this daemon.
// docs/engine-states.md has the picture; values only, what follows from them is in drive.cpp and drive_finish.cpp.
//
// An Instant in a state is a moment to come: once it is over, how long ago makes no difference. What is only shown, or tells
// who came first, is a Since.
#pragma once

#include <variant>

#include "reserve/action.h"
#include "reserve/gap.h"

namespace shstore::reserve {

/// The lock is another host's, or nobody's.
struct Away {
  /// The keys were wiped while another host held the lock: it comes first until then.
  struct Cleared {
    HostKey holder{};
    Instant until{};
    friend bool operator==(const Cleared&, const Cleared&) = default;
  };
  bool registered = false;           ///< our key is on the drive
  Action next = Action::none;        ///< what the last look was for: join, take
  std::optional<HostKey> holder{};   ///< as last seen
  std::optional<HostKey> turn_of{};  ///< the drive is free, and it is the turn of this host, which waits
  std::optional<Cleared> cleared{};
  friend bool operator==(const Away&, const Away&) = default;
};

/// The lock is ours.
struct Ours {
  Since since{};
  Instant turn_ends{};           ///< while other hosts wait, no job joins after this
  Since proven{};                ///< last
  Instant verify_open_by{};      ///< it is to be proven again, while the device is open
  Instant verify_closed_by{};    ///< or closed
  Instant verify_at{};           ///< or at another moment
  std::optional<Trace> trace{};  ///< as it was proven; nothing: the drive was not looked at
  bool may_be_released = false;  ///< a release has failed: it may have been done
  friend bool operator==(const Ours&, const Ours&) = default;
};

/// The lock vanished under those who rely on it, nobody had it when that was seen, and it is being taken back.
struct Vanished {
  bool registered = false;
  bool take = true;  ///< at once
  Instant retry_at{};
  Since proven{};  ///< last
  std::optional<Trace> before{};
  Trace found{};
  bool reset = false;  ///< the drive said that it had been reset
  friend bool operator==(const Vanished&, const Vanished&) = default;
};

using Lock = std::variant<Away, Ours, Vanished>;

/// Why those who have a claim, or the device while it is open, cannot go on; no job joins them.
struct Damage {
  enum class Kind {
    reset,     ///< the drive was reset or switched off
    doubtful,  ///< the lock was gone for a while, and somebody else may have used the drive
    taken,     ///< another host has taken the drive
    gone,      ///< this host has lost its path to the drive
    unproven,  ///< a job changed its Volume, and the drive did not say whose the lock was
    cut_off,   ///< what is appended there would not be restored whole
    moved,     ///< its tape stands where it should not
    foreign,   ///< the device was open in the daemon, for no job, while another host had the drive
  };
  Kind kind = Kind::doubtful;
  HostKey by{};         ///< taken, foreign: who; empty where a Lock Command of the site's own does not tell
  std::string found{};  ///< unproven, cut_off, moved: in words
  friend bool operator==(const Damage&, const Damage&) = default;
};

/// The device in this daemon.
struct Device {
  enum class State {
    closed,
    may_be_open,  ///< a job had it, and no release has found it closed since
    open,         ///< a release found it open
  };
  enum class Seen { not_yet, open, closed };
  State state = State::closed;
  Seen seen = Seen::not_yet;            ///< while jobs use the drive
  std::optional<Since> closed_since{};  ///< as seen so
  std::optional<Instant> idle_at{};     ///< from then on the lock may be given back (Timing::idle_release)
  void not_closed() {
    closed_since.reset();
    idle_at.reset();
  }
  friend bool operator==(const Device&, const Device&) = default;
};

/// Whether a lock that an earlier life of this daemon left behind has been looked for.
struct Unrecovered {
  friend bool operator==(const Unrecovered&, const Unrecovered&) = default;
};
struct Recovered {
  friend bool operator==(const Recovered&, const Recovered&) = default;
};
struct RecoverAgain {  ///< the drive could not be asked
  Instant at{};
  Duration pause{};
  friend bool operator==(const RecoverAgain&, const RecoverAgain&) = default;
};
using Recovery = std::variant<Unrecovered, Recovered, RecoverAgain>;

}  // namespace shstore::reserve
