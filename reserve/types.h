// Words of the reservation engine. It knows neither Bacula nor SCSI: keys and devices are names to it.
#pragma once

#include <chrono>
#include <compare>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace shstore::reserve {

/// Given by the caller; the engine never asks a clock. Steady, so that setting the time delays no release.
using Instant = std::chrono::steady_clock::time_point;
using Duration = std::chrono::milliseconds;

/// One life of a job in this daemon (Bacula's plugin context). Never used twice.
using JobContext = uint64_t;
using JobId = uint32_t;       ///< 0: the daemon itself, when it opens devices at start
using HostKey = std::string;  ///< "0xbac999"

/// A moment that is shown, or that tells who came first; nothing is ever done because of how long ago it was.
struct Since {
  Instant at{};
  friend auto operator<=>(const Since&, const Since&) = default;
};

/// What a look at the drive shows (READ KEYS and READ RESERVATION).
struct LockReading {
  std::string holder;               ///< the key that holds the lock, "0xbac999"; empty: the drive is free
  bool ours = false;                ///< the lock is ours, proven to be this host's and of our type
  bool registered = false;          ///< our key is on the drive
  std::vector<std::string> others;  ///< the other keys that are, each once
  uint32_t generation = 0;          ///< PRGENERATION: counts registrations and preemptions since power on
  /// The drive said, since the last reading, that it had been reset: where its tape stands is unknown.
  bool was_reset = false;
  /// PRGENERATION is known to count unregistering too, as SPC-4 has it. Linux's own target does not.
  bool counts_unregistering = false;
  /// Its tape stands where it cannot stand by what was written since the last reading: "at least block 5 expected, 2 found".
  std::string moved{};
  /// What is being appended follows data that was cut off, so that it will not be restored whole: in words.
  std::string cut_off{};
  /// The holder has registered its key anew, and nobody came or went: it says that it may soon give the drive back.
  bool release_near = false;
  friend bool operator==(const LockReading&, const LockReading&) = default;
};

/// Why a job does not get a drive.
struct Refusal {
  enum class Kind {
    held_by_other,  ///< another Storage Daemon holds the lock; `holder` says who
    error,          ///< the lock could not be taken; `reason` says why
    yielding,       ///< it is another Storage Daemon's turn, which waits for the drive; `holder` says whose
    promised,       ///< the lock is ours, but another job of this daemon has waited longer; `job` is it
  };
  Kind kind = Kind::error;
  HostKey holder;  ///< "0xbac999"; held_by_other: empty where a Lock Command of the site's own does not tell
  std::string reason;
  JobId job{};  ///< promised: for whom
  friend bool operator==(const Refusal&, const Refusal&) = default;
};

/// What happened to a request of a job.
struct Answer {
  bool granted = false;
  Refusal refusal;                   ///< if not granted
  bool news = false;                 ///< the job has not been told this before: worth a line in its log
  std::optional<Duration> waited{};  ///< granted: for how long the job had waited, if it had
  std::string waited_for{};          ///< and for whom, as it was told last; may be empty
  friend bool operator==(const Answer&, const Answer&) = default;
};

/// Something that a job must hear of although it asked nothing.
struct JobNotice {
  enum class Kind {
    come,         ///< the lock is ours: a job that waits for it should ask again, now
    regained,     ///< the lock had vanished and was taken back; nobody else can have used the drive between
    doubtful,     ///< the same, but somebody may have: the job must not go on
    lost,         ///< another Storage Daemon has taken the drive: the job must not go on
    reset,        ///< the drive was reset or switched off under the job: it must not go on
    gone,         ///< this host has lost its path to the drive, and the lock with it: it must not go on
    unproven,     ///< it changes its Volume, and the drive does not say whose the lock is: it must not go on
    moved,        ///< its tape stands where it should not: it must not go on
    cut_off,      ///< it appends behind data that no filemark ends: it must not go on
    not_retaken,  ///< the lock was given back while it waited for a Volume, and cannot be had again: it must not go on
  };
  Kind kind = Kind::come;
  JobContext owner = 0;
  JobId job = 0;
  HostKey holder{};     ///< lost, not_retaken: who has it
  std::string found{};  ///< unproven, cut_off, moved, not_retaken with no holder: in words
  Instant from{};       ///< regained, doubtful, lost, reset: the lock was proven last
  Instant until{};      ///< and this was noticed, or the lock was ours again
  bool fatal() const { return kind != Kind::come && kind != Kind::regained; }
  friend bool operator==(const JobNotice&, const JobNotice&) = default;
};

struct ClaimView {
  JobId job = 0;
  Instant since;
  JobContext owner = 0;
  friend bool operator==(const ClaimView&, const ClaimView&) = default;
};

struct WaitingView {
  JobId job = 0;
  Instant since;
  Refusal refusal;  ///< the latest
  JobContext owner = 0;
  friend bool operator==(const WaitingView&, const WaitingView&) = default;
};

/// One drive at one moment, for those who look.
struct DriveView {
  bool registered = false;  ///< our key is on the drive: we hold the lock or a job of ours waits for it
  bool locked = false;
  bool lost = false;  ///< jobs of ours, or a device that is still open, rely on a lock that is or was gone
  bool kept_for_open_device = false;  ///< no job claims the drive, but the daemon still has it open
  std::optional<Instant> locked_since;
  std::optional<JobId> promised_to;  ///< the lock was taken ahead for this job, which has not come yet
  std::string opened_by;  ///< who has it open, or had a moment ago, although no job asked for it; empty: nobody
  std::optional<Instant> opened_since;
  std::optional<Instant> unused_since;  ///< jobs have claims, and the device has been closed since
  std::string yielding_to;              ///< the drive is free, but it is the turn of this key, which waits
  std::string blocked_by;           ///< key of the other daemon that holds the lock, as last seen; empty: nobody known
  std::string error;                ///< what last went wrong with the lock; empty once it went well again
  std::vector<std::string> others;  ///< other keys on the drive, as last seen
  std::vector<ClaimView> claims;
  std::vector<ClaimView> paused{};  ///< the lock was given back under these, which wait for a Volume
  std::vector<WaitingView> waiting;
  friend bool operator==(const DriveView&, const DriveView&) = default;
};

}  // namespace shstore::reserve
