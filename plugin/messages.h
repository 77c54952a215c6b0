// What the plugin says on its own, outside a call of bacula-sd's: to its jobs, to the daemon's and the system's log, to its own.
#pragma once

#include <optional>
#include <string>

#include "config/shared/shared_devices.h"
#include "plugin/admission.h"
#include "reserve/types.h"

namespace shstore::plugin {

struct Plugin;

// All of these may be called by any thread, and none of them asks a drive.

/// To the jobs that use the drive: whoever reads their log must not take it for a drive that hangs.
void tell_of_calibration(Plugin& p, const std::string& control);
/// What befell a job's lock.
void tell(Plugin& p, const config::SharedDevice& device, const reserve::JobNotice& notice);
/// Somebody without a job has opened the drive. The daemon's log often goes to a Director that is not connected, the system's is
/// always there.
void tell_opened(Plugin& p, const config::SharedDevice& device, const reserve::DriveView& view);
/// At the daemon's start: what keeps jobs from its drives.
void report_problems(const Plugin& p);
/// What the plugin cannot do here, once for each. Also to the first job that comes, because the daemon's own messages often go to a
/// Director that is not connected.
void tell_limits(Plugin& p, abi::Context& context);
/// Why this job gives its drives up, so that hosts that wait for each other go on; nothing if it does not.
std::optional<std::string> gives_in(const Plugin& p, const Job& job, const config::SharedDevice& device);

}  // namespace shstore::plugin
