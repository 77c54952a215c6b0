#include "changer/program/plugin_says.h"

#include <algorithm>

#include "status/state_file.h"

namespace shstore::changer::program {

bool job_relies(const SharedDevices& shared, const SharedDevice& device) {
  const auto state = status::read_state(status::state_path(shared.working_directory, shared.sd_name));
  if (!state || !status::is_alive(*state)) return false;
  return std::any_of(state->drives.begin(), state->drives.end(), [&](const status::DriveState& d) {
    return d.control_device == device.control_device && (!d.claims.empty() || d.promised_to || d.kept_for_open_device);
  });
}

DaemonUse daemon_use(const SharedDevices& shared, const SharedDevice& device) {
  DaemonUse use;
  const auto state = status::read_state(status::state_path(shared.working_directory, shared.sd_name));
  if (!state || !status::is_alive(*state)) return use;
  use.daemon = static_cast<pid_t>(state->pid);
  for (const auto& drive : state->drives) {
    if (drive.control_device != device.control_device) continue;
    for (const auto& claim : drive.claims) use.jobs.push_back({claim.job, claim.name});
  }
  return use;
}

}  // namespace shstore::changer::program
