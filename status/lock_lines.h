// The lines that shstore adds to what Bacula says of a device, as the white paper's section 3 has them: each one printable(),
// without its line end. No I/O.
#pragma once

#include <string>
#include <vector>

#include "status/look/snapshot.h"

namespace shstore::status {

/// "Device is BLOCKED by another SD=0xbac999", or nothing. `names`: with the host's name behind the key; such
/// a line is no longer one that scripts which know the original can read.
std::string blocked_line(const SdSnapshot& sd, const DeviceSnapshot& device, bool names);

/// What else is to be said of the lock, a sentence each with its full stop.
std::vector<std::string> remark_lines(const SdSnapshot& sd, const DeviceSnapshot& device);

/// "shstore=1 registered=1 locked=0 blockedbySD=0xbac999"; a ? stands for what is not known.
std::string lock_line(const SdSnapshot& sd, const DeviceSnapshot& device, bool names);

/// "3612 JobId=2 waiting because device ... is reserved by: 0xbac999."
std::string waiting_line(const SdSnapshot& sd, const WaitingJob& waiting, bool names);

}  // namespace shstore::status
