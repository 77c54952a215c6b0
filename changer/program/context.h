// What a command of shstore-changer works with. Devices, clock and what the plugin says are given, so that tests need none.
#pragma once

#include <functional>
#include <iosfwd>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "changer/cleaning.h"
#include "changer/drive_users.h"
#include "changer/guard.h"
#include "changer/outcome.h"
#include "changer/program/settings.h"
#include "config/shared/shared_devices.h"
#include "changer/waiting.h"
#include "scsi/process_lock.h"
#include "config/sd_config.h"
#include "scsi/local_ports.h"
#include "scsi/transport.h"

namespace shstore::changer::program {

/// The arguments in the order in which the Changer Command has them: %c %o %S %a %d.
struct Arguments {
  std::string changer_device, command;
  std::string slot, archive_device, drive_index, second_slot;
  Caller caller{};  ///< %j and %i behind them
};

/// The words of the command line; what is behind %d is the second slot of a transfer if it is a number, and else %j and %i.
Arguments arguments_of(std::vector<std::string> words);

/// What a command has moved, for the log.
struct Moved {
  uint16_t from = 0, to = 0;  ///< element addresses
  std::string barcode;
};

struct Context {
  Arguments arguments;
  bool json = false;
  std::string salt{};  ///< report: the file of the salt; empty: this host's
  Settings settings;
  config::SdConfig sd{};           ///< read for commands that need it
  config::SharedDevices shared{};  ///< of `sd`
  scsi::ReservationKey own_key{};  ///< with which the robot is reserved; 0: not known
  std::function<scsi::Result<std::unique_ptr<scsi::Transport>>(const std::string& path)> open;
  scsi::LocalPorts ports{};
  KeyText key_text;
  std::function<bool(const config::SharedDevice&)> job_holds_lock;  ///< HoldContext::job_holds_lock
  /// Before a tape of this drive is moved: those jobs of the running Storage Daemon that use it still have its lock. Refused if
  /// not, and then they have been failed.
  std::function<Outcome<void>(const config::SharedDevice&)> prove = [](const auto&) { return Outcome<void>{}; };
  std::function<DaemonUse(const config::SharedDevice&)> daemon_use{};               ///< empty: nothing is known
  std::function<std::vector<DeviceUser>(const std::string&, pid_t)> other_users{};  ///< empty: nobody
  /// Whether a drive asks to be cleaned, as the plugin has read it; nothing: nobody has. May be empty.
  std::function<std::optional<CleaningWish>(const config::SharedDevice&)> drive_wish{};
  /// By which other programs of this host are kept from the drive meanwhile; empty: they are not.
  std::function<scsi::ProcessLock(const config::SharedDevice&)> processes{};
  std::ostream& out;  ///< what the stock script prints
  std::ostream&
      err;  ///< notes and failures. bacula-sd reads both as one: a command that it parses must not note anything
  Waiting waiting;
  std::optional<Moved> moved{};
  std::function<void(const std::string&)> log{};  ///< the system's log, for what must be found later; may be empty

  /// One line for whoever reads the output, and for the system's log.
  void note(const std::string& text) const;
};

}  // namespace shstore::changer::program
