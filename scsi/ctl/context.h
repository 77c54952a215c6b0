// What a command of storage-ctl works with. Clock, sleep, terminal and child processes are given, so that tests need none.
#pragma once

#include <atomic>
#include <chrono>
#include <functional>
#include <iosfwd>
#include <optional>
#include <string>
#include <vector>

#include "scsi/ctl/memory.h"
#include "scsi/ctl/json.h"
#include "scsi/drive_lock.h"
#include "scsi/process_lock.h"
#include "scsi/storage_ctl_conf.h"
#include "scsi/tape_users.h"

namespace shstore::scsi::ctl {

/// Stable: scripts rely on them. 24 is what sg_persist exits with for a reservation conflict.
enum class ExitStatus : int {
  ok = 0,
  usage = 1,
  config = 2,                 ///< storage-ctl.conf cannot be read or understood
  device = 3,                 ///< the device cannot be opened, does not answer, or failed
  refused = 4,                ///< the lock rules forbid it: duplicate key, not ours, state changed, not confirmed
  unsupported = 5,            ///< the device has no persistent reservations
  lock_lost = 6,              ///< exec: the command ran, but the lock was gone when it ended
  reservation_conflict = 24,  ///< another host holds the lock
  timeout = 75,               ///< waited max_lock_wait for the lock (EX_TEMPFAIL)
};

struct Options {
  bool json = false;                      ///< reading commands: JSON instead of text
  bool yes = false;                       ///< do not ask before breaking a lock
  bool no_abort = false;                  ///< preempt: PREEMPT instead of PREEMPT AND ABORT
  std::optional<ReservationKey> if_key;   ///< break only if this key holds the lock
  std::optional<uint32_t> if_generation;  ///< break only if the drive still shows this PRgeneration
  std::chrono::seconds timeout{0};        ///< exec: for how long the program may run; 0: for ever
  std::string archive;                    ///< the archive device that belongs to the control device; empty: not given
  std::string state{};                    ///< the plugin's state file; empty: looked for
  std::string control{};                  ///< DEVICE as it was given; Context::device may be another path to that drive
  std::string changer;                    ///< doctor: the robot of the drive's library
  std::string salt;                       ///< doctor --report: the file of the salt; empty: this host's
  bool report = false;                    ///< doctor: an anonymous card of the drive instead of checks
  std::vector<std::string> arguments;     ///< what follows the command: a key, or a program and its arguments
};

struct Context {
  std::string device;
  LogicalUnit* unit;    ///< null for commands that open the device themselves
  StorageCtlConf conf;  ///< conf.key is 0 where it could not be read and is not needed
  std::string conf_path;
  Options options;
  LocalPorts ports;
  std::ostream& out;  ///< data
  std::ostream& err;  ///< messages
  std::function<std::chrono::steady_clock::time_point()> now;
  std::function<void(std::chrono::milliseconds)> sleep;
  const std::atomic<bool>& stop;  ///< set by a signal: stop waiting, leave nothing behind
  /// Asks the person at the terminal; false if the answer is not yes or there is no terminal.
  std::function<bool(const std::string& question)> confirm;
  /// Runs a program to its end, or to that of Options::timeout; its exit status (scsi/ctl/child.h).
  std::function<Result<int>(const std::vector<std::string>& command)> run;
  /// What the plugins of this host know of the drive, and who has its tape open now.
  std::function<PluginMemory()> memory = [] { return PluginMemory{}; };
  std::function<TapeUsers()> tape_users = [] { return TapeUsers{}; };

  /// Keeps the other programs of this host away, below the reservation. Null: nobody does (tests of the lock alone).
  ProcessLock* processes = nullptr;
  /// doctor: is the plugin there? Empty: not asked.
  std::function<Check()> plugin_check{};

  /// On a terminal: how far a long wait is, written over what stood there before; an empty text takes it away. Empty: nobody looks.
  std::function<void(const std::string&)> progress{};

  DriveLock lock() const { return DriveLock(*unit, conf.key, ports); }
};

ExitStatus exit_status(const Error& error);
/// Prints the message and gives the exit status that belongs to it.
ExitStatus failed(const Context& context, const Error& error);

/// A command's last words: as it returns them.
inline int done(ExitStatus status) { return static_cast<int>(status); }
inline int error(const Context& context, const Error& error) { return done(failed(context, error)); }

}  // namespace shstore::scsi::ctl
