// What a drive itself says about its lock, read through the control device at this moment.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "changer/shared_devices.h"

namespace shstore::status {

struct LiveLock {
  std::string error;  ///< why the drive could not be asked; the rest is then unknown
  bool registered = false;
  bool locked = false;
  std::string blocked_by;  ///< "0xbac999" if another key holds the drive, else empty
  uint32_t generation = 0;
};

/// One answer per device, in the same order. PERSISTENT RESERVE IN only: nothing on the drives changes. The devices
/// are asked in parallel, so one that hangs costs its own deadline once.
std::vector<LiveLock> read_live(const std::vector<changer::SharedDevice>& devices);

}  // namespace shstore::status
