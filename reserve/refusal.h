// The line under "Jobs waiting to reserve a drive:" and in the job log, in Bacula's style.
#pragma once

#include <string>

#include "reserve/types.h"

namespace shstore::reserve {

/// One sentence without a newline. `device` is as Bacula prints it: "Drive-0" (/dev/nst0), quotes included.
///   3612 JobId=2 waiting because device "Drive-0" (/dev/nst0) is reserved by: 0xbac999.
///   3613 JobId=2 cannot lock device "Drive-0" (/dev/nst0): <reason>.
/// 3610 and 3612 to 3699 are free in Bacula 9.6 to 15 (stored/reserve.c).
std::string refusal_text(JobId job, const std::string& device, const Refusal& refusal);

/// 3614: the device has a Lock Command, but this plugin cannot make out how to lock it.
std::string misconfigured_text(JobId job, const std::string& device, const std::string& reason);

}  // namespace shstore::reserve
