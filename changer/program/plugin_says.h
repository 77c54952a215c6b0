// What the plugin of this host's Storage Daemon says of a drive, from its state file.
#pragma once

#include "changer/cleaning.h"
#include "changer/drive_users.h"
#include "changer/outcome.h"
#include "config/shared/shared_devices.h"

namespace shstore::changer::program {

/// True while a job of the running daemon relies on the drive's lock, or was told to come and take it. False where the plugin
/// says nothing: then nobody relies on it.
bool job_holds_lock(const config::SharedDevices& shared, const config::SharedDevice& device);

/// Which jobs of the running daemon have the drive, and the daemon's process. Nothing where the plugin says nothing.
DaemonUse daemon_use(const config::SharedDevices& shared, const config::SharedDevice& device);

/// Whether the drive asks to be cleaned, by a page that only the plugin may read; nothing: it has not read one, or the drive has
/// been cleaned since.
std::optional<CleaningWish> drive_wish(const config::SharedDevices& shared, const config::SharedDevice& device);

/// Waits until the plugin has proven on the drive that the jobs which use it still have its lock (config/shared/proof_channel.h). Also
/// refused if the plugin does not answer although such a job is there. Nothing to wait for where no daemon runs.
Outcome<void> prove_lock(const config::SharedDevices& shared, const config::SharedDevice& device);

}  // namespace shstore::changer::program
