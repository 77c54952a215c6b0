// Who held a drive from when to when, put together from what each Storage Daemon wrote down. No I/O.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <vector>

#include "reserve/record/history.h"

namespace shstore::status {

/// What one daemon knows of one drive.
struct DriveRecord {
  std::string drive;                             ///< the name of its Device resource there
  std::string key;                               ///< that daemon's
  std::span<const record::HistoryEvent> events;  ///< all of that daemon's
  bool runs = false;                             ///< it runs now: its last event still tells how things are
  record::WallTime last_sign{};                  ///< of life, besides its events; for a daemon that does not run
};

struct Stretch {
  enum class Kind {
    held,     ///< a daemon held the lock, or was seen to by another one
    unknown,  ///< nobody was there who could tell
  };
  Kind kind = Kind::held;
  record::WallTime from{}, until{};
  std::string key{};  ///< held: whose lock; unknown: who held it when it was last heard of, or empty
  /// The daemon that says so itself (an index); nothing: another one saw it, or nobody.
  std::optional<size_t> daemon{};
  bool lost = false;             ///< it ended while jobs relied on it
  std::vector<uint32_t> jobs{};  ///< that used the drive meanwhile, each once, in the order of their beginning
  friend bool operator==(const Stretch&, const Stretch&) = default;
};

/// A job that waited for the drive.
struct Wait {
  size_t daemon = 0;  ///< whose job
  uint32_t job = 0;
  std::string key{};  ///< the host that it waited for; empty: not known
  record::WallTime from{}, until{};
  bool over = true;  ///< false: it waits still
  friend bool operator==(const Wait&, const Wait&) = default;
};

struct Timeline {
  std::vector<Stretch>
      stretches;            ///< in the order of time, not overlapping; between them nobody is known to hold the drive
  std::vector<Wait> waits;  ///< in the order of their beginning
};

/// The time from `from` to `until`, which is now. A daemon's own word counts for more than what others saw. A drive is
/// unknown while no daemon ran, and while one that was killed with the lock has not come back and nobody else was seen
/// with it. What was shorter than a second is shown as one second.
Timeline timeline(std::span<const DriveRecord> daemons, record::WallTime from, record::WallTime until);

}  // namespace shstore::status
