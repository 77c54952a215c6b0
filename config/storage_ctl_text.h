// storage-ctl.conf as text with places, for the linter.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "config/document.h"
#include "config/sd_config.h"

namespace shstore::config {

/// Unlike scsi::parse_storage_ctl_conf(), which decides about locks, this never stops at the first problem.
struct StorageCtlText {
  std::string path;
  Value<std::string> key;               ///< as written, quotes removed, not checked; the last one if there are several
  Value<uint64_t> max_lock_wait{1800};  ///< seconds
  std::vector<Diagnostic> diagnostics;  ///< in the order of the text; Location::file is 0
};

/// What storage-ctl refuses is an error, except a key that it cannot use or that is missing: that is left to whoever
/// looks at `key`. A setting that storage-ctl does not know is a warning.
StorageCtlText read_storage_ctl_text(std::string_view text, const std::string& path);

}  // namespace shstore::config
