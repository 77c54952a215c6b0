// What is known about one Storage Daemon, as input for reserve::select(): bacula-sd.conf, bacula-sd's own
// status, the plugin's state file and the drives' locks, joined. No I/O.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "reserve/selection/selection.h"
#include "status/look/bacula_status.h"
#include "status/look/snapshot.h"

namespace shstore::status {

struct SdKnowledge {
  const config::SdConfig& config;
  const config::SharedDevices& shared;
  const SdSnapshot& snapshot;                 ///< devices in the order of config.devices
  bool plugin_runs = false;                   ///< if not, no lock keeps a job of this daemon from a drive
  const std::optional<BaculaStatus>& bacula;  ///< nothing: not asked
};

/// The drives in the order of config.devices. Bacula 15 and later try the read-only drives of a changer
/// first.
reserve::SdModel sd_model(const SdKnowledge& known);

/// What the drives do, without the job `asked`: its own promise is not in its way. What is not known is taken
/// to be as after the daemon's start, but for the pool of a closed drive: bacula-sd keeps it and does not
/// print it. If `asked` waits already, its tries have left its pool there.
reserve::SdUse sd_use(const SdKnowledge& known, uint32_t asked);

/// What the administrator said about the job, before what is known otherwise.
struct WishHints {
  std::string device, pool, media_type;
  std::optional<bool> reads, prefers_mounted;
  std::vector<std::string> volumes;  ///< Volumes that the Director may offer, in its order
};

struct KnownWish {
  reserve::JobWish wish;
  std::vector<std::string> unknown;  ///< what was taken to be so, as sentences without their full stops
};

/// The name of a Volume that stands for any free one of the pool.
inline constexpr std::string_view kAnyFreeVolume = "(any free Volume of the pool)";

/// `running`: the job's entry in bacula-sd's status, or nullptr.
KnownWish job_wish(const SdKnowledge& known, uint32_t job, const RunningJob* running, const WishHints& hints);

}  // namespace shstore::status
