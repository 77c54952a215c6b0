// The drive that a load or an unload is about: what bacula-sd.conf says of it, and the way to it.
#pragma once

#include <memory>
#include <optional>
#include <string>

#include "changer/guard.h"
#include "changer/program/context.h"
#include "changer/robot_lock.h"
#include "scsi/logical_unit.h"

namespace shstore::changer::program {

struct ConfiguredDrive {
  config::SharedDevice device;
  bool shared = false;  ///< it has a Lock Command; otherwise only its names are known
  uint32_t index = 0;
  std::unique_ptr<scsi::Transport> transport{};
  std::unique_ptr<scsi::LogicalUnit> control{};  ///< nullptr: it has no Control Device
  std::optional<HostLock> host{};                ///< while a tape is put in, taken out, waited for or cleans
  std::optional<scsi::ProcessLock> processes{};  ///< while it is ours among the programs of this host
};

/// By the command line's ARCHIVE-DEVICE and DRIVE-INDEX. Failures: the file has no such Device or another Drive Index for it,
/// its lock cannot be understood, its Control Device cannot be opened.
Outcome<ConfiguredDrive> find_drive(Context& c);

/// check_identity() with what the drive says of itself. Where it cannot be known whether this is the library's drive, that is
/// noted, or refused with identity=required.
Outcome<void> check_identity(Context& c, ConfiguredDrive& drive, const Library& library);

}  // namespace shstore::changer::program
