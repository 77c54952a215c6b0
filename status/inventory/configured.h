// What a bacula-sd.conf names that an inventory tells of. No I/O.
#pragma once

#include <string>
#include <vector>

#include "config/sd_config.h"

namespace shstore::status::inventory {

/// Paths, each once, in the order of the file.
struct Configured {
  std::vector<std::string> control_devices;
  std::vector<std::string> changer_devices;  ///< robots, and what virtual changers have there: files, /dev/null
  /// What locking depends on: the plugin, the Lock Commands' programs, their storage-ctl.conf. Those with a whole path.
  std::vector<std::string> files;
};

Configured configured(const config::SdConfig& config);

}  // namespace shstore::status::inventory
