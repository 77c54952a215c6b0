// Words of the reservation engine. It knows neither Bacula nor SCSI: keys and devices are names to it.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace shstore::reserve {

/// Given by the caller; the engine never asks a clock. Steady, so that setting the time delays no release.
using Instant = std::chrono::steady_clock::time_point;

/// One life of a job in this daemon (Bacula's plugin context). Never used twice.
using Owner = uint64_t;
using JobId = uint32_t;  ///< 0: the daemon itself, when it opens devices at start

/// Why a job does not get a drive.
struct Refusal {
  enum class Kind {
    held_by_other,  ///< another Storage Daemon holds the lock; `holder` says who
    error,          ///< the lock could not be taken; `reason` says why
  };
  Kind kind = Kind::error;
  std::string holder;  ///< the holder's key, "0xbac999"
  std::string reason;
  friend bool operator==(const Refusal&, const Refusal&) = default;
};

/// What happened to a request of a job.
struct Answer {
  bool granted = false;
  Refusal refusal;    ///< if not granted
  bool news = false;  ///< the job has not been told this before: worth a line in its log
};

struct ClaimView {
  JobId job = 0;
  Instant since;
};

struct WaitingView {
  JobId job = 0;
  Instant since;
  Refusal refusal;  ///< the latest
};

/// One drive at one moment, for those who look.
struct DriveView {
  bool registered = false;  ///< our key is on the drive: we hold the lock or a job of ours waits for it
  bool locked = false;
  bool kept_for_open_device = false;  ///< no job claims the drive, but the daemon still has it open
  std::optional<Instant> locked_since;
  std::string blocked_by;  ///< key of the other daemon that holds the lock, as last seen; empty: nobody known
  std::string error;       ///< what last went wrong with the lock; empty once it went well again
  std::vector<ClaimView> claims;
  std::vector<WaitingView> waiting;
};

}  // namespace shstore::reserve
