// What the plugin of one Storage Daemon tells about itself: the state file, as plain data and as JSON text. No I/O.
#pragma once

#include <chrono>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <tl/expected.hpp>
#include <vector>

#include "reserve/types.h"
#include "reserve/record/times.h"

namespace shstore::record {

inline constexpr std::string_view kStateSchema = "shstore-state/1";

/// How a limit ends that keeps every job from its drive.
inline constexpr std::string_view kEveryDeviceIsRefused = "every shared device is refused";
/// How one begins that is about the nodes of one device.
inline constexpr std::string_view kLimitOfADevice = "device \"";

struct JobClaim {
  uint32_t job = 0;
  WallTime since;
  std::string
      name{};  ///< Bacula's unique name of the job, %j of a Changer Command; empty: an older plugin wrote the state
  friend bool operator==(const JobClaim&, const JobClaim&) = default;
};

struct JobWaiting {
  uint32_t job = 0;
  WallTime since;
  reserve::Refusal refusal;
  friend bool operator==(const JobWaiting&, const JobWaiting&) = default;
};

/// What has happened on a drive since the daemon started.
struct DriveCounters {
  uint64_t locks_taken = 0;
  uint64_t conflicts =
      0;  ///< a job was told to wait because another daemon held the lock; its further tries do not count
  uint64_t locks_lost = 0;              ///< a lock that was held vanished, whether it could be taken back or not
  std::chrono::milliseconds waited{0};  ///< of all jobs that got the drive after waiting, together
  std::map<std::string, uint64_t> unit_attentions{};  ///< that the plugin's commands met: "29/00" -> 1
  friend bool operator==(const DriveCounters&, const DriveCounters&) = default;
};

/// Which drive was locked last, and through which nexus: for the next life of the daemon, and for storage-ctl.
struct LockedDrive {
  std::string serial, designator;  ///< INQUIRY pages 80h and 83h; empty: not known
  std::string address;             ///< "2:0:0:0"; empty: it was none of the kernel's
  std::string
      initiator;  ///< scsi::TransportId::text() of the registration that held the lock; empty: the drive does not tell
  std::string machine;  ///< scsi::machine_sign() of the machine that locked it; empty: it has none
  friend bool operator==(const LockedDrive&, const LockedDrive&) = default;
};

/// What the drive says of itself while it is used, as the plugin has read it last.
struct DriveHealth {
  WallTime read;
  std::string page;                 ///< "11h" (DT device status), or "2Eh" (TapeAlert)
  std::string cleaning{};           ///< "required", "requested"; empty: neither
  bool recovery_requested = false;  ///< page 11h, RRQST: it met an error that it cannot get over by itself
  std::string activity{};           ///< page 11h: "calibrating", "writing"; empty: nothing, or not told
  bool calibrates =
      false;  ///< it calibrates a cartridge, or is an LTO-9 drive that takes one in, which may be the same
  std::vector<uint8_t> alerts{};  ///< page 2Eh: the flags that have been up since the daemon started
  friend bool operator==(const DriveHealth&, const DriveHealth&) = default;
};

/// A Volume whose data may not be ended by a filemark, because whoever wrote it was cut off or writes still: who appends in that file of the
/// tape at that place or behind it is behind such data.
struct UnendedVolume {
  std::string volume;
  uint64_t file = 0;    ///< filemarks before it
  uint64_t object = 0;  ///< blocks and filemarks before it (READ POSITION, long form)
  friend bool operator==(const UnendedVolume&, const UnendedVolume&) = default;
};

/// One Device resource that is configured for locking.
struct DriveState {
  std::string name, archive_device, control_device, media_type, autochanger;
  uint32_t drive_index = 0;
  std::string key;      ///< "0xbac001"; empty if problem is not
  std::string problem;  ///< why the device cannot be locked at all
  bool registered = false, locked = false, kept_for_open_device = false;
  std::optional<WallTime> locked_since;
  std::string blocked_by;  ///< "0xbac999"; empty: nobody known
  std::string error;       ///< what last went wrong; empty once it went well again
  std::vector<JobClaim> claims;
  std::vector<JobWaiting> waiting;
  std::vector<JobClaim> paused{};  ///< the lock was given back under these, which wait for a Volume; without names
  bool lost = false;               ///< jobs rely on a lock that is gone
  std::optional<uint32_t> promised_to{};  ///< the lock was taken ahead for this job, which has been told to come
  std::string yielding_to{};              ///< the drive is free, and it is the turn of this key; empty: of nobody
  std::string opened_by{};  ///< who has it open, or had a moment ago, although no job asked for it; empty: nobody
  std::optional<WallTime> opened_since{};
  std::optional<WallTime> unused_since{};  ///< jobs have claims, and the device has been closed since
  std::optional<DriveCounters>
      counters{};  ///< nothing: the device cannot be locked, or an older plugin wrote the state
  std::optional<LockedDrive> locked_drive{};  ///< nothing: it never was locked, or an older plugin wrote the state
  bool other_product = false;                 ///< `blocked_by` has reserved the drive as no Storage Daemon does
  std::optional<DriveHealth> health{};        ///< nothing: not read yet, or the drive does not tell
  friend bool operator==(const DriveState&, const DriveState&) = default;
};

/// Hosts that wait for each other, as this daemon sees it: a ring, this host first. Each has a drive and waits for what the next one
/// has, the last one for what this host has.
struct MutualWait {
  struct Link {
    std::string key;             ///< "0xbac999"
    std::string has, waits_for;  ///< names of Device resources of this daemon
    friend bool operator==(const Link&, const Link&) = default;
  };
  WallTime since;
  std::vector<Link> ring{};
  uint32_t job = 0;                ///< of ours: it waits
  std::vector<uint32_t> having{};  ///< of ours: they have the drive that the last one waits for, and have not begun
  bool proven = false;             ///< if `job` ends, that drive comes free. If not: nobody is refused for it
  std::optional<WallTime> gives_in_at{};  ///< this host refuses `job` then, if nothing changes; nothing: it does not
  friend bool operator==(const MutualWait&, const MutualWait&) = default;
};

struct SdState {
  std::string sd_name;
  std::string plugin_version, bacula_version;
  int64_t pid = 0;
  int64_t pid_started = 0;  ///< the process's start in clock ticks since boot (proc(5), stat field 22): pids come again
  bool running = true;      ///< false: written by a daemon that ended in order and gave everything back
  WallTime started, updated;
  std::vector<std::string> limits;  ///< what this plugin cannot do in this daemon, in words
  std::vector<DriveState> drives;
  /// In which the pid counts: "pid:[4026531836]", as /proc/self/ns/pid shows it; empty: an older plugin wrote the state.
  std::string pid_namespace{};
  std::string plugin_file{};     ///< path of the plugin that the daemon loaded; empty: not known
  std::string plugin_file_id{};  ///< which file that was (file_id in state_file.h): another one may lie there now
  std::vector<MutualWait> mutual_waits{};  ///< those that have lasted for a while
  std::vector<UnendedVolume> unended{};    ///< the one that was written last is the last
  friend bool operator==(const SdState&, const SdState&) = default;
};

/// Pretty-printed JSON with a final newline.
std::string to_json(const SdState& state);
/// An error says what is wrong with the text, without a file name.
tl::expected<SdState, std::string> parse_state(std::string_view json);

}  // namespace shstore::record
