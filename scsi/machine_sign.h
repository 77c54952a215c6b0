// What tells this machine from one that was cloned from its disk.
#pragma once

#include <string>
#include <vector>

namespace shstore::scsi {

/// Of /etc/machine-id and the permanent addresses of the network cards: a clone may bring the one along, but not the others. Digits
/// from which neither can be read back. Empty: one of them is not known (a container), and then the machine has no sign.
std::string sign_of(const std::string& machine_id, std::vector<std::string> permanent_addresses);

/// This machine's.
std::string machine_sign();

}  // namespace shstore::scsi
