// On which drive each DCR of a job is.
//
// While bacula-sd looks for a drive it moves the job's DCR from one to the next (stored/reserve.c, reserve_device()
// and new_dcr()), also away from a drive for which DeviceTryOpen was granted, and no event says so. A job may have several
// DCRs: Virtual Full and Copy read with one and write with another.
#pragma once

#include <map>

#include "config/shared/shared_devices.h"

namespace shstore::plugin {

/// Of one job, used by its thread only.
class DcrMoves {
 public:
  /// The DCR looks at `device` now; nullptr: at one that is not shared. Returns the drive that the job has left by
  /// that, with no other DCR on it; nullptr: none. The address of a DCR that was freed may come again for another
  /// one: the drive of the first is left by then as well.
  const config::SharedDevice* to(const void* dcr, const config::SharedDevice* device);

 private:
  std::map<const void*, const config::SharedDevice*> on_;
};

}  // namespace shstore::plugin
