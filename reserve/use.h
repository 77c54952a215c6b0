// Who has the archive device open, as far as it can be seen. bacula-sd opens it for label, mount and relabel in bconsole without
// asking anybody, and so do btape and every other program of this host.
#pragma once

#include <string>

#include "reserve/types.h"

namespace shstore::reserve {

struct DeviceUse {
  bool daemon = false;   ///< this daemon has it open
  std::string other{};   ///< another program of this host has: "mt (process 4711)", or "another program"; empty: none
  bool known = true;     ///< false: another program may have it open, and nobody can tell
  bool touched = false;  ///< it was opened since the last look, if only for a moment
  friend bool operator==(const DeviceUse&, const DeviceUse&) = default;
};

/// The device as it is seen to be open, and what that means while no job has a claim.
struct Opened {
  DeviceUse use{};               ///< as last seen
  bool of_job = false;           ///< the daemon opened it for a job that had a claim, and has not closed it since
  std::optional<Since> since{};  ///< it is open, or was a moment ago, with no claim
  Instant keep_until{};          ///< the lock is kept so long: one open of bacula-sd is open, rewind, close, open
  Instant look_at{};             ///< the lock is another host's, or its turn: the drive is looked at again for it then
  bool guarded = false;          ///< whoever has it open has taken the lock for itself: it is not to be kept after that
  bool in_turn = false;          ///< the turn among the hosts is watched for it
  bool open() const { return use.daemon || by_stranger(); }
  /// Another program: no job of ours may use the drive beside it.
  bool by_stranger() const { return !use.other.empty() || !use.known; }
  /// In words for the display; empty: nobody.
  std::string who() const;
  friend bool operator==(const Opened&, const Opened&) = default;
};

}  // namespace shstore::reserve
