// LOAD UNLOAD of a tape drive, beside what LogicalUnit knows of every device.
#pragma once

#include <chrono>

#include "scsi/logical_unit.h"

namespace shstore::scsi {

/// Rewinding a whole tape and giving it out.
inline constexpr std::chrono::milliseconds kUnloadDeadline{600'000};

enum class UnloadResult {
  done,
  reservation_conflict,  ///< another host holds the drive
  no_medium,             ///< there is none, or it was unloaded before
  removal_prevented,     ///< a host has locked it in
};

/// Unloads: the tape is rewound and waits in the drive's mouth for the robot. An Error of kind timeout says
/// that the drive may still be rewinding.
Result<UnloadResult> unload_tape(LogicalUnit& drive, std::chrono::milliseconds deadline = kUnloadDeadline);

/// Loads the tape that waits in the drive's mouth.
Result<UnloadResult> load_tape(LogicalUnit& drive, std::chrono::milliseconds deadline = kUnloadDeadline);

}  // namespace shstore::scsi
