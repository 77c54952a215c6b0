// What bacula-sd's own `status storage` says, as plain data. No I/O.
//
// Source: stored/status.c (list_running_jobs, list_jobs_waiting_on_reservation, list_one_device,
// send_blocked_status, send_device_status) and stored/vol_mgr.c (list_volumes), 9.6.7 to 15. With `setdebug
// level=1` the daemon says more, and that is read too.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace shstore::status {

/// A job that has tried a drive. Bacula lists a job here that still waits for one: with the drive it tried
/// last.
struct RunningJob {
  uint32_t job = 0;
  std::string name;
  std::string kind;  ///< "Full Backup"
  bool reading = false;
  std::string volume, pool, device;  ///< device: the name of the Device resource; all as last tried
  uint64_t files = 0, bytes = 0;
  bool spooling = false, despooling = false, waits_to_despool = false;
};

/// A line under "Jobs waiting to reserve a drive:", without its indent: "3612 JobId=3 waiting because ...".
struct WaitingLine {
  uint32_t job = 0;
  std::string text;
};

/// Of a device; only with `setdebug level=1`.
struct BaculaCounters {
  uint32_t writers = 0, reserved = 0;
  uint64_t usage = 0;
  bool reading = false;
};

struct BaculaDevice {
  std::string name, archive_device, type;  ///< type: "Vtape"
  bool exists = true;                      ///< bacula-sd could set it up
  bool open = false;
  std::string volume, pool,
      media_type;  ///< of an open device with a labeled Volume; pool empty: not known to bacula-sd
  bool appending = false;
  bool enabled = true, unmounted = false;
  std::vector<std::string> remarks;  ///< "Device is BLOCKED waiting for mount of volume "F1"," and the like
  std::optional<BaculaCounters> counters;
};

/// An entry of "Used Volume status:".
struct UsedVolume {
  std::string volume;
  std::string device;      ///< the name of the Device resource; empty: in no drive
  bool read_list = false;  ///< a Volume that is or will be read
  bool reading = false, in_use = false;
  uint32_t writers = 0, reserved = 0;
};

struct EndedJob {
  uint32_t job = 0;
  std::string name, status, finished;  ///< "backup-cibou", "OK", "22-Nov-26 19:43"
};

struct BaculaStatus {
  std::string sd_name, version;  ///< "cibou-sd", "9.6.7"
  std::vector<RunningJob> running;
  std::vector<std::string> waiting_for_client;  ///< unique job names: "backup-cibou.2026-11-22_19.44.01_03"
  std::vector<WaitingLine> waiting;
  std::vector<EndedJob> ended;
  std::vector<BaculaDevice> devices;
  std::vector<UsedVolume> volumes;
};

/// Reads what bconsole or `shstore-status --bacula-status` was given; what comes before the status, and lines
/// of no known form, are passed over. Nothing if there is no status of a Storage Daemon in the text.
std::optional<BaculaStatus> parse_bacula_status(std::string_view text);

}  // namespace shstore::status
