// Who of this host uses a drive that a tape is to be taken out of: its own jobs, and other programs.
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <string>
#include <vector>

#include "changer/outcome.h"

namespace shstore::changer {

struct JobOnDrive {
  uint32_t id = 0;
  std::string name;  ///< Bacula's unique name; empty: not known
};

/// What the plugin says of one drive.
struct DaemonUse {
  pid_t daemon = 0;  ///< 0: no daemon runs, or no plugin in it
  std::vector<JobOnDrive> jobs{};
};

/// Who runs the Changer Command: %j, and %i where a daemon knows it. bacula-sd gives "*System*" for what bconsole asks for.
struct Caller {
  std::string job{};  ///< empty: the Changer Command does not pass %j
  std::string id{};
  bool known() const { return !job.empty(); }
  bool is_job() const { return known() && job.front() != '*'; }
};

/// May this caller take the tape out? Refused (status refused) while other jobs have the drive and the caller is none of them. Where
/// the Changer Command passes no %j, nobody can tell, and the returned text says so; otherwise it is empty.
Outcome<std::string> may_unload(const Caller& caller, const DaemonUse& use, const std::string& drive);

/// A process that has a device open.
struct DeviceUser {
  pid_t pid = 0;  ///< 0: somebody, but the kernel does not show who to this user
  std::string program;
};

/// Other processes than this one and `daemon` that have the device open, as far as this user may see them. The kernel's tape
/// driver lets a device be opened once, so that one of somebody else is noticed in any case. `proc`: "/proc" but in tests.
std::vector<DeviceUser> other_users(const std::string& archive_device, pid_t daemon, const std::string& proc = "/proc");

}  // namespace shstore::changer
