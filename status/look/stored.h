// Storage Daemons as their plugins have written them down, and nothing else: no bacula-sd.conf (which has a password in it) is
// read and no drive is asked. For a reader that must not be able to do more than that. I/O: files only.
#pragma once

#include <string>
#include <vector>

#include "reserve/record/history.h"
#include "status/look/snapshot.h"

namespace shstore::status {

/// One daemon.
struct StoredSd {
  std::string file;  ///< its state file
  SdSnapshot snapshot;
  record::History history{};
  std::string history_error{};  ///< why there is none
};

struct StoredReading {
  std::vector<StoredSd> daemons;  ///< in the order of their files
  std::vector<Unreadable> unreadable;
};

/// The most files of a folder that are read; more is told as Unreadable.
inline constexpr size_t kMostStates = 64;

/// Reads each of `places`: a state file, or a folder (a Working Directory) with all the state files in it. Never throws.
StoredReading read_stored(const std::vector<std::string>& places);

/// What a state tells by itself. A lock is what the plugin last knew of it; of a daemon that has ended it is not known. Other
/// hosts have no names here: they stand in storage-ctl.conf.
SdSnapshot snapshot_of_state(const KnownState& known, const Circumstances& circumstances);

}  // namespace shstore::status
