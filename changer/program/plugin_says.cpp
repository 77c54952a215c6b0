#include "changer/program/plugin_says.h"

#include <algorithm>

#include "reserve/record/state_file.h"

namespace shstore::changer::program {

bool job_relies(const config::SharedDevices& shared, const config::SharedDevice& device) {
  const auto state = record::read_state(record::state_path(shared.working_directory, shared.sd_name));
  if (!state || !record::is_alive(*state)) return false;
  return std::any_of(state->drives.begin(), state->drives.end(), [&](const record::DriveState& d) {
    return d.control_device == device.control_device && (!d.claims.empty() || d.promised_to || d.kept_for_open_device);
  });
}

}  // namespace shstore::changer::program
