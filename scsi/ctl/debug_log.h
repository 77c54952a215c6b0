// storage-ctl's debug log (debug_log=1).
#pragma once

#include <string>

#include "scsi/error.h"

namespace shstore::scsi::ctl {

/// Every message of spdlog from now on is a line at the end of this file, which is made with mode 0640 for the owner of its
/// folder: daemon and administrator write to it. Refused: a link, a file with several names, and whatever is no regular file.
/// A line that cannot be written is lost. What others sent cannot begin a line of its own.
Result<void> start_debug_log(const std::string& path);

}  // namespace shstore::scsi::ctl
