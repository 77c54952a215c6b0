// Is this device able, and is this host set up? One check after the other, each with what to do about it.
#pragma once

#include <string>
#include <vector>

#include "scsi/ctl/json.h"
#include "scsi/local_ports.h"

namespace shstore::scsi::ctl {

struct Patient {
  std::string control_device;
  std::string archive_device;  ///< empty: not given, and then not compared
  std::string conf_path;
  std::string sysfs = "/sys";
  LocalPorts ports;
  const std::atomic<bool>* stop = nullptr;  ///< as LogicalUnit has it
  std::string
      changer_device{};  ///< the robot of the library that the drive is in; empty: not given, and then not asked
};

/// Is the key this host's alone? `count`: how often it is registered; `elsewhere`: how many of these are no ports of this
/// host's, nothing if the drive does not tell.
Check check_key(ReservationKey key, size_t count, std::optional<size_t> elsewhere);

/// Asks with INQUIRY and PERSISTENT RESERVE IN only: nothing on the drive changes.
std::vector<Check> examine(const Patient& patient);

/// "ok       config   /etc/bacula/scripts/storage-ctl.conf: key 0xbac001"
std::string doctor_text(const std::vector<Check>& checks);

}  // namespace shstore::scsi::ctl
