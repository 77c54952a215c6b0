// What a command of shstore-changer works with. Devices, clock and what the plugin says are given, so that tests need none.
#pragma once

#include <functional>
#include <iosfwd>
#include <memory>
#include <string>
#include <vector>

#include "changer/guard.h"
#include "changer/outcome.h"
#include "changer/program/settings.h"
#include "config/shared/shared_devices.h"
#include "changer/waiting.h"
#include "config/sd_config.h"
#include "scsi/local_ports.h"
#include "scsi/transport.h"

namespace shstore::changer::program {

/// The arguments in the order in which the Changer Command has them: %c %o %S %a %d.
struct Arguments {
  std::string changer_device, command;
  std::string slot, archive_device, drive_index, second_slot;
};

struct Context {
  Arguments arguments;
  bool json = false;
  Settings settings;
  config::SdConfig sd{};     ///< read for commands that need it
  config::SharedDevices shared{};    ///< of `sd`
  scsi::ReservationKey own_key{};  ///< with which the robot is reserved; 0: not known
  std::function<scsi::Result<std::unique_ptr<scsi::Transport>>(const std::string& path)> open;
  scsi::LocalPorts ports{};
  KeyText key_text;
  std::function<bool(const config::SharedDevice&)> job_relies;  ///< HoldSurroundings::job_relies
  /// Before a tape of this drive is moved: those jobs of the running Storage Daemon that use it still have its lock. Refused if
  /// not, and then they have been failed.
  std::function<Outcome<void>(const config::SharedDevice&)> prove = [](const auto&) { return Outcome<void>{}; };
  std::ostream& out;  ///< what the stock script prints
  std::ostream& err;  ///< notes and failures. bacula-sd reads both as one: a command that it parses must not note anything
  Waiting waiting;
};

}  // namespace shstore::changer::program
