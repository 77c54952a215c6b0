// Everything that is known about one Storage Daemon at one moment: its configuration, what its plugin wrote
// down, what the drives say and what bacula-sd itself says, joined. Plain data, no I/O; every renderer shows
// this.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "changer/shared_devices.h"
#include "config/sd_config.h"
#include "status/bacula_status.h"
#include "status/live.h"
#include "status/peer_names.h"
#include "status/state.h"

namespace shstore::status {

struct DeviceSnapshot {
  std::string name, archive_device, media_type, autochanger;
  bool shared = false;      ///< has a Lock Command; if not, nothing below is meant
  bool protected_ = false;  ///< the plugin runs in the daemon and can lock this device ("shstore=1")
  LiveLock live;
  std::vector<JobClaim> claims;
  std::string error;  ///< what the plugin last met
  std::string control_device{};
  uint32_t drive_index = 0;
  std::string key{};      ///< this host's, "0xbac001"; empty: not known
  std::string problem{};  ///< why the device cannot be locked at all, from the configuration
  /// What the plugin says, of a daemon that runs; as in DriveState.
  std::optional<DriveState> plugin{};
  /// What bacula-sd says of the device; nothing: not asked, or it does not know the device.
  std::optional<BaculaDevice> bacula{};

  /// "Drive-0" (/dev/nst0), quotes included: as Bacula writes it.
  std::string display() const { return '"' + name + "\" (" + archive_device + ')'; }
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
  WallTime taken{};                     ///< the moment of this snapshot
  bool plugin_runs = false;             ///< the daemon runs and has loaded the plugin
  /// The state as the plugin wrote it last, also that of a daemon that has died; nothing: there is none.
  std::optional<SdState> state{};
  PeerNames names{};  ///< of this host's key and of others'
};

/// The plugin's state, or why there is none.
struct KnownState {
  std::optional<SdState> state;
  bool alive = false;
  std::string error;
};

/// What is known besides, of the moment and of the other hosts.
struct Circumstances {
  WallTime taken{};
  PeerNames names{};
  const BaculaStatus* bacula = nullptr;  ///< nullptr: bacula-sd was not asked
};

/// `live` has one entry per shared device, in the order of `shared.devices`.
SdSnapshot join(const config::SdConfig& config, const changer::SharedDevices& shared, const KnownState& known,
                const std::vector<LiveLock>& live, const Circumstances& circumstances = {});

}  // namespace shstore::status
