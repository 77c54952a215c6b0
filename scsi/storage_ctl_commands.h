// What storage-ctl can do: one table row per command. The program itself (storage_ctl.cpp) only reads its arguments.
#pragma once

#include <atomic>
#include <chrono>
#include <functional>
#include <iosfwd>
#include <span>
#include <string_view>

#include "scsi/drive_lock.h"
#include "scsi/storage_ctl_conf.h"

namespace shstore::scsi {

/// Stable: scripts rely on them. 24 is what sg_persist exits with for a reservation conflict.
enum class ExitStatus : int {
  ok = 0,
  usage = 1,
  config = 2,       ///< storage-ctl.conf cannot be read or understood
  device = 3,       ///< the device cannot be opened, does not answer, or failed
  refused = 4,      ///< the lock rules forbid it: duplicate key, not ours, read-back differs
  unsupported = 5,  ///< the device has no persistent reservations
  reservation_conflict = 24,  ///< another host holds the lock
  timeout = 75,     ///< waited max_lock_wait for the lock (EX_TEMPFAIL)
};

ExitStatus exit_status(const Error& error);

/// What a command works with. Clock, sleep and the stop flag are given, so that waiting is tested without waiting.
struct ControlContext {
  LogicalUnit& unit;
  StorageCtlConf conf;  ///< conf.key is 0 for commands that need none
  std::ostream& out;    ///< data
  std::ostream& err;    ///< messages
  std::function<std::chrono::steady_clock::time_point()> now;
  std::function<void(std::chrono::milliseconds)> sleep;
  const std::atomic<bool>& stop;  ///< set by ^C: stop waiting, leave nothing behind
};

struct ControlCommand {
  std::string_view name;
  bool needs_key;
  std::string_view summary;  ///< one line for --help
  ExitStatus (*run)(ControlContext&);
};

std::span<const ControlCommand> control_commands();
const ControlCommand* find_control_command(std::string_view name);

}  // namespace shstore::scsi
