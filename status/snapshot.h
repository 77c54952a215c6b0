// Everything that is known about one Storage Daemon at one moment: its configuration, what its plugin wrote down and
// what the drives say, joined. No I/O.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "changer/shared_devices.h"
#include "config/sd_config.h"
#include "status/live.h"
#include "status/state.h"

namespace shstore::status {

struct DeviceSnapshot {
  std::string name, archive_device, media_type, autochanger;
  bool shared = false;      ///< has a Lock Command; if not, nothing below is meant
  bool protected_ = false;  ///< the plugin runs in the daemon and can lock this device ("shstore=1")
  LiveLock live;
  std::vector<JobClaim> claims;
  std::string error;  ///< what the plugin last met
};

struct WaitingJob {
  std::string device;  ///< "Drive-0" (/dev/nst0), quotes included
  JobWaiting waiting;
};

struct SdSnapshot {
  std::string sd_name;
  std::vector<std::string> notes;  ///< sentences for the administrator, e.g. that the daemon does not run
  std::vector<WaitingJob> waiting;
  std::vector<DeviceSnapshot> devices;  ///< in the order of bacula-sd.conf
};

/// The plugin's state, or why there is none.
struct KnownState {
  std::optional<SdState> state;
  bool alive = false;
  std::string error;
};

/// `live` has one entry per shared device, in the order of `shared.devices`.
SdSnapshot join(const config::SdConfig& config, const changer::SharedDevices& shared, const KnownState& known,
                const std::vector<LiveLock>& live);

}  // namespace shstore::status
