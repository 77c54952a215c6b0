// What the engine says, in Bacula's style: the line under "Jobs waiting to reserve a drive:" and lines of the
// job log.
#pragma once

#include <string>
#include <utility>

#include "reserve/lock.h"
#include "reserve/mutual_wait.h"

namespace shstore::reserve {

/// One sentence without a newline. `device` is as Bacula prints it: "Drive-0" (/dev/nst0), quotes included.
///   3612 JobId=2 waiting because device "Drive-0" (/dev/nst0) is reserved by: 0xbac999.
///   3613 JobId=2 cannot lock device "Drive-0" (/dev/nst0): <reason>.
///   3615 JobId=2 waiting because it is the turn of 0xbac999 to use device "Drive-0" (/dev/nst0).
///   3616 JobId=2 waiting because device "Drive-0" (/dev/nst0) is kept for JobId=1, which has waited longer.
/// 3610 and 3612 to 3699 are free in Bacula 9.6 to 15 (stored/reserve.c).
std::string refusal_text(JobId job, const std::string& device, const Refusal& refusal);

/// 3614: the device has a Lock Command, but this plugin cannot make out how to lock it.
std::string misconfigured_text(JobId job, const std::string& device, const std::string& reason);

/// 3617: a job is refused for good because hosts wait for each other. `ring`: with the drives' names as people know them; `half`: the
/// JobId of its other half, 0 if it is one job.
std::string gives_in_text(JobId job, const std::string& device, const std::vector<MutualWait::Link>& ring, JobId half,
                          Duration still);
/// "0xbac001 has A and waits for B; 0xbac999 has B and waits for A"
std::string ring_text(const std::vector<MutualWait::Link>& ring);

/// Why a lock is not to be had or not to be relied on. `only_device`: no job relies on it, only the device that is still open in
/// this daemon, and something can be done about that.
std::string damage_text(const Damage& damage, bool only_device = false);

/// A job has got the drive: "shstore: device ... is locked with key 0xbac001", and for how long it had
/// waited.
std::string granted_text(const std::string& device, const std::string& key, const Answer& answer);

/// A job has ended, and its lock is lost or cannot be asked for.
std::string conclusion_text(const std::string& device, const Refusal& why, bool lost);

/// A device is open although no job asked for it, or closed although one has it: what that means, without a newline; and whether it
/// is a warning.
///   device "Drive-0" (/dev/nst0) was opened by mt (process 4711) and not by a job: it is locked with key 0xbac001 while it is open.
std::pair<std::string, bool> opened_text(const DriveView& view, const std::string& device, const std::string& key);

/// What a job is told of its lock; `from` and `until` are the notice's moments as the administrator's clock
/// shows them. Empty for JobNotice::come, which is no text.
std::string notice_text(const JobNotice& notice, const std::string& device, const std::string& from,
                        const std::string& until);

}  // namespace shstore::reserve
