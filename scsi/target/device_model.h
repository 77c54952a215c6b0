// What tells a tape drive from a robot: the commands that SPC-4 leaves to the kind of device. No I/O.
#pragma once

#include <chrono>
#include <memory>
#include <optional>

#include "scsi/target/command_table.h"
#include "scsi/target/library.h"
#include "scsi/log_sense.h"
#include "scsi/transport.h"

namespace shstore::scsi::target {

class DeviceModel {
 public:
  virtual ~DeviceModel() = default;
  DeviceModel() = default;
  DeviceModel(const DeviceModel&) = delete;
  DeviceModel& operator=(const DeviceModel&) = delete;

  virtual uint8_t type() const = 0;  ///< PERIPHERAL DEVICE TYPE
  /// Nothing for a CDB whose operation code it does not know. `cdb` is not empty.
  virtual std::optional<CommandRule> find_command(ByteView cdb) const = 0;
  /// A command that LogicalUnitServer does not execute itself; its CDB is long enough for its operation code.
  virtual Reply execute(ByteView cdb, Handling handling) = 0;
  /// How long something moves before execute() may be called; 0 for most commands.
  virtual std::chrono::milliseconds motion(ByteView, Handling) const { return {}; }
};

/// What tells one tape drive from another beside its name.
struct DriveTraits {
  /// Up when the drive is switched on and again after each load, until page 2Eh is read. Page 11h goes on asking for the
  /// cleaning that flags 20 and 21 mean, until a cleaning cartridge ("CLN...") was loaded.
  TapeAlerts alerts{};
  std::vector<uint8_t> log_pages{log_page::sequential_access_device, log_page::dt_device_status, log_page::tape_alert};
  bool has_read_position = true;
};

/// A tape drive; `drive` of `library`, which outlives it, or of none: then it is empty for ever.
std::unique_ptr<DeviceModel> make_tape_drive(Library* library, size_t drive, DriveTraits traits = {});

/// The robot of `library`, which outlives it.
std::unique_ptr<DeviceModel> make_robot(Library& library, std::chrono::milliseconds move_time);

}  // namespace shstore::scsi::target
