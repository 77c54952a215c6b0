// Reading what an inventory tells: sysfs, the devices, and the files that configurations name. The edge.
#pragma once

#include <chrono>
#include <string>
#include <vector>

#include "config/inventory.h"
#include "config/sd_config.h"
#include "scsi/base/progress.h"
#include "status/inventory/identify.h"
#include "status/inventory/kernel_devices.h"

namespace shstore::status::inventory {

struct Sources {
  Roots roots;
  Open open = scsi::open_transport;
  std::chrono::milliseconds deadline{6000};  ///< how long all devices together are waited for
  base::ShowProgress progress{};             ///< a large library takes its time
};

struct Gathered {
  config::Inventory inventory;        ///< without host and time
  std::vector<std::string> problems;  ///< what could not be learned and should have been, as sentences
  std::vector<std::string> notes;     ///< what the administrator should know besides
};

/// The kernel's tape drives and changers; then what the configurations name besides: control devices and robots that sysfs
/// does not show, such as sockets of shstore-target. Leaves threads behind as ask_all() does.
Gathered gather_inventory(const std::vector<config::SdConfig>& configs, const Sources& sources);

}  // namespace shstore::status::inventory
