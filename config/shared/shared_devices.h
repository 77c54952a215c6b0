// The drives of one Storage Daemon that are shared with others, and how each is locked: bacula-sd.conf and
// storage-ctl.conf joined. What the plugin, shstore-status and shstore-changer mean by "a shared drive".
#pragma once

#include <chrono>
#include <functional>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "config/sd_config.h"
#include "scsi/storage_ctl_conf.h"

namespace shstore::config {

/// A Device resource with a Lock Command.
struct SharedDevice {
  std::string name, archive_device, control_device, media_type, autochanger;
  uint32_t drive_index = 0;
  scsi::ReservationKey key;  ///< valid if problem and command are empty
  std::string problem;       ///< why it cannot be locked; every job that wants it is refused with this
  /// Not empty: it is locked by this command of the site's own, in words whose device codes are not expanded yet.
  std::vector<std::string> command{};
  std::string changer_device{};
  bool watch_opens = true;  ///< storage-ctl.conf's, as the next
  std::chrono::seconds max_lock_wait{1800};
  std::string notify{};  ///< storage-ctl.conf's, empty: none
  std::chrono::seconds notify_wait{600};
  std::chrono::seconds idle_lock_release{0};  ///< zero: off
  std::chrono::seconds mutual_wait{600};      ///< zero: off
  bool has_alert_command = false;             ///< bacula-sd reads the drive's TapeAlert flags itself
  /// "0xbac001"; empty where the site's own command knows it alone.
  std::string key_text() const { return command.empty() ? scsi::to_text(key) : std::string{}; }
  std::string display() const { return '"' + name + "\" (" + archive_device + ')'; }
};

struct SharedDevices {
  std::string sd_name;
  std::string working_directory;
  std::vector<SharedDevice> devices;
  std::vector<std::string> unshared_archives;           ///< archive devices of Device resources without a Lock Command
  std::map<scsi::ReservationKey, std::string> peers{};  ///< names of other hosts, from storage-ctl.conf
  std::set<std::string> unshared_media_types{};         ///< of Device resources without a Lock Command
  bool debug_log = false;                               ///< a storage-ctl.conf of these says debug_log=1
  std::string unreadable;                               ///< why bacula-sd.conf could not be understood; empty: it was
};

/// A file beside the daemon's state in which programs remember something about one drive: WORKING-DIRECTORY/SD.DEVICE.WHAT, where
/// blanks in names are "_". Empty: there is no working directory.
std::string drive_file(const SharedDevices& all, const SharedDevice& device, std::string_view what);

/// What a job may do with a device, given what Bacula says of it ("*None*" or empty: not set).
struct Unshared {};  ///< none of our business
struct Misconfigured {
  std::string reason;
};
using Verdict = std::variant<Unshared, Misconfigured, const SharedDevice*>;

using ConfLoader = std::function<scsi::Result<scsi::StorageCtlConf>(const std::string& path)>;

/// storage-ctl.conf from the disk.
ConfLoader disk_conf_loader();

/// Never fails: what cannot be understood becomes a problem of the device that needs it.
SharedDevices shared_devices(const SdConfig& config, const ConfLoader& load_conf);

/// A device that is configured for locking but cannot be understood is Misconfigured, never Unshared.
Verdict judge(const SharedDevices& all, std::string_view archive_device, std::string_view control_device);

/// The words of the device's command for one operation ("trylock", "unlock", ...), with the device codes expanded. Codes
/// of a job or a volume give what Bacula gives where there is none: "*None*", or slot 0.
std::vector<std::string> expand_command(const SharedDevice& device, const std::string& operation);

}  // namespace shstore::config
