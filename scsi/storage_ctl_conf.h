// storage-ctl.conf (white paper 2.10). The original is sourced by a shell script; ours is data and is only parsed.
#pragma once

#include <chrono>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "scsi/error.h"
#include "scsi/reservation_key.h"

namespace shstore::scsi {

/// The least that mutual_wait may be, but 0: looks are seconds apart.
inline constexpr unsigned kShortestMutualWait = 15;

struct StorageCtlConf {
  ReservationKey key;
  bool debug_log = false;
  std::string sg_persist;  ///< SG_PERSIST: accepted, unused
  std::chrono::seconds max_lock_wait{1800};
  /// False: the plugin does not look who else on the host opens the drives.
  bool watch_opens = true;
  std::string notify;  ///< a program that bacula-sd's plugin runs when something happens; empty: none
  std::chrono::seconds notify_wait{600};  ///< for how long a job waits before that is an event
  /// After how long the plugin gives the lock back under jobs that keep the device closed; zero: never.
  std::chrono::seconds idle_lock_release{0};
  /// How long hosts must have waited for each other without any change before this one refuses a job of its own; zero: never.
  std::chrono::seconds mutual_wait{600};
  /// peer_bac999=dir: the names of the other hosts, for people. No lock depends on them, so one that cannot be understood is
  /// among the unknown.
  std::map<ReservationKey, std::string> peers;
  std::vector<std::string> unknown;  ///< settings this version does not know, as "NAME at line N"
};

/// `NAME=VALUE` lines, `#` comments, values bare or in single or double quotes. Anything a shell would execute or
/// expand ($, `, ;, |, &) is refused with the reason. `file` is used in messages: "storage-ctl.conf:7: ...".
Result<StorageCtlConf> parse_storage_ctl_conf(std::string_view text, const std::string& file);

/// Reads and parses `path`; refuses a file that other users may write, because it decides who holds which drive.
Result<StorageCtlConf> load_storage_ctl_conf(const std::string& path);

}  // namespace shstore::scsi
