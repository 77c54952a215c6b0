// Which processes of this host have a tape node of a drive open, by whatever path to it.
#pragma once

#include <string>
#include <vector>

#include "scsi/same_drive.h"

namespace shstore::scsi {

struct TapeUsers {
  std::vector<std::string> who{};  ///< "bacula-sd (pid 812)"
  bool unseen = false;             ///< there are processes whose descriptors this user may not see
};

/// `drive`: as read_node() has it. A tape node whose device is gone counts too: it may have been that drive's. This process's own
/// descriptors are left out. `proc` and `sysfs` are other folders in tests.
TapeUsers tape_users(const DeviceNode& drive, const std::string& proc = "/proc", const std::string& sysfs = "/sys");

}  // namespace shstore::scsi
