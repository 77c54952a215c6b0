// What the plugin of this host's Storage Daemon says of a drive, from its state file.
#pragma once

#include "config/shared/shared_devices.h"

namespace shstore::changer::program {

/// True while a job of the running daemon relies on the drive's lock, or was told to come and take it. False where the plugin
/// says nothing: then nobody relies on it.
bool job_relies(const config::SharedDevices& shared, const config::SharedDevice& device);

}  // namespace shstore::changer::program
