// What a drive says of its own state, in sentences. No I/O.
#pragma once

#include <string>
#include <vector>

#include "reserve/record/state.h"
#include "status/look/snapshot.h"

namespace shstore::status {

/// What somebody has to see to, without full stops: "asks to be cleaned", "has met an error ...". None for a drive that is well.
std::vector<std::string> health_complaints(const record::DriveHealth& health);

/// The same of what the plugin of a running daemon has read of this device.
std::vector<std::string> health_complaints_of(const DeviceSnapshot& device);

/// What it is doing, where that must not be interrupted: "is calibrating ..."; else empty.
std::string health_activity(const record::DriveHealth& health);

}  // namespace shstore::status
