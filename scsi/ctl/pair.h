// Where a command is sent that was given an Archive Device too: to that drive, by the path through which it is written.
#pragma once

#include <iosfwd>
#include <string>

#include "scsi/error.h"

namespace shstore::scsi::ctl {

/// The path to open in place of `device`. What is to be said besides goes to `err`. Refused: the two are two drives.
Result<std::string> device_to_lock(const std::string& device, const std::string& archive, std::ostream& err);

}  // namespace shstore::scsi::ctl
