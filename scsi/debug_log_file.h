// The file that debug_log=1 writes to: storage-ctl and the plugin, daemon and administrator at the same time.
#pragma once

#include <string>

#include "scsi/base/descriptor.h"
#include "scsi/error.h"

namespace shstore::scsi {

inline constexpr const char* kDebugLogFile = "/var/log/bacula/storage-ctl.log";

/// Opens it for appending; a new one has mode 0640 and the owner of its folder. Refused: a link, a file with several names, and whatever is
/// no regular file. Write each line with one write(2).
Result<base::Descriptor> open_debug_log(const std::string& path);

}  // namespace shstore::scsi
