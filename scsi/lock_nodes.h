// The files by which the processes of one host find each other at a drive.
#pragma once

#include <string>
#include <vector>

namespace shstore::scsi {

/// Every path of this host to the logical unit behind a control device, in the order of H:C:T:L, so that two processes that
/// want all of them meet at the first: the generic nodes (sg) that sysfs gives for it, and the control device itself if it is
/// another file. They are told to be one logical unit by its name (wwid), its type and, where it has one, its serial number;
/// one without a name has but this path. For a socket of shstore-target: SOCKET.lock beside it, which need not be there yet.
/// Symbolic links are resolved. Opening what is listed does nothing to the drive. `sysfs` and `dev` are "/sys" and "/dev" but
/// in tests.
std::vector<std::string> lock_nodes(const std::string& control_device, const std::string& sysfs = "/sys",
                                    const std::string& dev = "/dev");

}  // namespace shstore::scsi
