// Everything that is known about one Storage Daemon at one moment: its configuration, what its plugin wrote
// down, what the drives say and what bacula-sd itself says, joined. Plain data, no I/O; every renderer shows
// this.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "config/shared/shared_devices.h"
#include "config/sd_config.h"
#include "status/look/bacula_status.h"
#include "status/look/daemon_process.h"
#include "status/look/live.h"
#include "status/look/peer_names.h"
#include "reserve/record/state.h"

namespace shstore::status {

struct DeviceSnapshot {
  std::string name, archive_device, media_type, autochanger;
  bool shared = false;      ///< has a Lock Command; if not, nothing below is meant
  bool protected_ = false;  ///< the plugin runs in the daemon and can lock this device ("shstore=1")
  LiveLock live;
  std::vector<record::JobClaim> claims;
  std::string error;  ///< what the plugin last met
  std::string control_device{};
  uint32_t drive_index = 0;
  std::string key{};      ///< this host's, "0xbac001"; empty: not known
  std::string problem{};  ///< why the device cannot be locked at all, from the configuration
  /// What the plugin says, of a daemon that runs; as in DriveState.
  std::optional<record::DriveState> plugin{};
  /// What bacula-sd says of the device; nothing: not asked, or it does not know the device.
  std::optional<BaculaDevice> bacula{};

  std::string unchecked{};  ///< as KnownState::unchecked; empty: it was checked, or nothing was moved yet

  /// "Drive-0" (/dev/nst0), quotes included: as Bacula writes it.
  std::string display() const { return '"' + name + "\" (" + archive_device + ')'; }
};

/// What is known of the daemon itself.
enum class Life {
  runs,            ///< with the plugin
  ended,           ///< the process that wrote the state is gone
  without_plugin,  ///< a bacula-sd runs with this configuration, and the plugin is not in it: nothing is locked for its jobs
  unknown,         ///< there is no state that can be read, or it cannot be told whether its writer is there
};
/// "runs", "ended", "without-plugin", "unknown": stable words for programs.
std::string word(Life life);

struct WaitingJob {
  std::string device;  ///< "Drive-0" (/dev/nst0), quotes included
  record::JobWaiting waiting;
};

struct SdSnapshot {
  std::string sd_name;
  std::vector<std::string> notes;  ///< sentences for the administrator, e.g. that the daemon does not run
  std::vector<WaitingJob> waiting;
  std::vector<DeviceSnapshot> devices;  ///< in the order of bacula-sd.conf
  record::WallTime taken{};             ///< the moment of this snapshot
  Life life = Life::unknown;
  /// The state as the plugin wrote it last, also that of a daemon that has died; nothing: there is none.
  std::optional<record::SdState> state{};
  PeerNames names{};  ///< of this host's key and of others'
  /// The sentence about its life, where something is wrong with that; without its full stop.
  std::string daemon_problem{};
  std::string daemon_note{};   ///< the same with what to do, as `notes` has it
  bool state_missing = false;  ///< there is no state file at all: the plugin has never run here
  /// Another file lies where the daemon found its plugin, or none: the sentence about it, without its full stop.
  std::string plugin_replaced{};
  bool state_is_old = false;           ///< older than record::kStateIsOld, and the daemon runs
  std::string configuration_errors{};  ///< what of bacula-sd.conf could not be understood; empty: all was
  std::string bacula_error{};  ///< why bacula-sd's own status is missing; empty: it is there, or was not asked for

  bool plugin_runs() const { return life == Life::runs; }
};

/// Why a daemon cannot be shown: its configuration cannot be read.
struct Unreadable {
  std::string file;
  std::string message;  ///< lines without a final newline: the reader's, and what they amount to

  /// What they amount to, and the first reason.
  std::string in_one_line() const;
};

/// The plugin's state, or why there is none.
struct KnownState {
  std::optional<record::SdState> state;
  bool alive = false;
  std::string error;
  bool missing = false;  ///< there is no such file
  bool hidden = false;   ///< it cannot be told whether the state's writer is alive
  DaemonProcess process{};
  /// Why shstore-changer could not tell at the last move whether a Device is the library's drive of its index; by the Device's name.
  std::map<std::string, std::string> unchecked{};
  std::string plugin_file_id_now{};  ///< of the file that lies at state->plugin_file; empty: there is none
};

/// What is known besides, of the moment and of the other hosts.
struct Circumstances {
  record::WallTime taken{};
  PeerNames names{};
  const BaculaStatus* bacula = nullptr;  ///< nullptr: bacula-sd was not asked
  std::string bacula_error{};            ///< or why it did not tell
};

/// `live` has one entry per shared device, in the order of `shared.devices`.
SdSnapshot join(const config::SdConfig& config, const config::SharedDevices& shared, const KnownState& known,
                const std::vector<LiveLock>& live, const Circumstances& circumstances = {});

/// Unit attentions, "29/00", with what they mean.
std::string attentions_in_words(const std::vector<std::string>& codes);

/// The note about those that our reading has kept from the plugin; the device has some.
std::string attention_note(const DeviceSnapshot& device);

}  // namespace shstore::status
