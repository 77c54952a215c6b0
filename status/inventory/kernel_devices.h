// The tape drives and changers of this host as the kernel shows them in sysfs, and every path below /dev that leads to
// each.
#pragma once

#include <string>
#include <vector>

#include "status/inventory/scsi_device.h"

namespace shstore::status::inventory {

/// Where the kernel's file systems are; somewhere else in tests. Paths in results are below "/dev" all the same.
struct Roots {
  std::string sys = "/sys";
  std::string dev = "/dev";
};

/// By host, channel, target and LUN. Nothing is asked: identities hold what the kernel read when it found the devices.
/// What cannot be read is left out.
///
/// Nodes: those of the tape drivers without rewind first (nst0), then with rewind (st0), the generic one (sg0), their
/// variants (nst0a) and the changer driver's (sch0), as far as they exist; then symbolic links in /dev, by name, but those
/// of /dev/char. (60-persistent-storage-tape.rules makes by-id and by-path there, sites make their own.)
std::vector<ScsiDevice> kernel_devices(const Roots& roots = {});

}  // namespace shstore::status::inventory
