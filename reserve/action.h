// What the engine asks for, and how it went.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "reserve/types.h"

namespace shstore::reserve {

/// What has to be done to the drive now.
enum class Action {
  none,
  recover,     ///< first of all: look for a lock that an earlier life of this daemon left behind
  look,        ///< see who is registered and who holds the lock; changes nothing on the drive
  join,        ///< register our key, and no more: we wait
  take,        ///< register our key and take the lock; if it is ours, prove that
  release,     ///< give the lock back, unless the device is still open in this daemon
  unregister,  ///< nobody waits any more: take our key off the drive
  see_closed,  ///< the lock is not ours: see whether the device is closed; asks the drive nothing
};

/// How an action ended.
struct Outcome {
  enum class Kind {
    done,        ///< as asked. take: the lock is held by us
    blocked,     ///< take: another daemon holds the lock
    still_open,  ///< release, see_closed: the daemon still has the device open
    failed,      ///< nothing is known: `text` says why
  };
  Kind kind = Kind::done;
  std::string holder{};  ///< blocked: the holder's key
  std::string text{};    ///< failed: the reason
  /// look, done: what was seen. take, done: what it is now. release, done: what it was just before.
  std::optional<LockReading> reading{};
  /// What the drive reported besides while this was done ("29/00"), for those who count.
  std::vector<std::string> attentions{};
  /// failed: the path by which the lock was taken is no more; the lock is nobody's that could use it.
  bool path_gone = false;
  /// take, failed: another program of this host has the drive, and its lock, for itself.
  bool in_use_here = false;
  bool other_product =
      false;               ///< blocked, or `reading` has a holder: it has reserved the drive as no Storage Daemon does
  bool was_reset = false;  ///< as LockReading::was_reset, of a port that has no reading
  friend bool operator==(const Outcome&, const Outcome&) = default;
};

}  // namespace shstore::reserve
