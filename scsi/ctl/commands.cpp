#include "scsi/ctl/commands.h"

#include <algorithm>
#include <array>
#include <ostream>

#include "scsi/base/printable.h"

namespace shstore::scsi::ctl {
namespace {

constexpr std::array kCommands = {
    ControlCommand{"query", "", false, true, "show every registration and the lock, with the initiators they belong to",
                   query},
    ControlCommand{"regkeys", "", false, true, "print the registered keys, one on a line", regkeys},
    ControlCommand{"wholocked", "", false, true, "print the key that holds the lock; nothing if the drive is free",
                   wholocked},
    ControlCommand{"explain", "", false, true, "say in one sentence whose lock it is and what to do next", explain},
    ControlCommand{"capabilities", "", false, true, "show what the drive can do with persistent reservations",
                   capabilities},
    ControlCommand{"doctor", "", false, false, "check this host, its configuration and the device", doctor},
    ControlCommand{"register", "", true, true, "register this host's key", register_key},
    ControlCommand{"lock", "", true, true, "take the lock, waiting up to max_lock_wait seconds for it", lock},
    ControlCommand{"trylock", "", true, true, "take the lock or fail at once (exit status 24: another host holds it)",
                   trylock},
    ControlCommand{"unlock", "", true, true, "give this host's lock back; its registration stays", unlock},
    ControlCommand{"unregister", "", true, true, "remove this host's registration, and its lock with it", unregister},
    ControlCommand{"prove", "", true, true, "prove on this drive that its lock keeps another host away", prove},
    ControlCommand{"exec", "-- PROGRAM...", true, true, "run a program under the lock: btape, bls, mt, ...", exec},
    ControlCommand{"reclaim", "", true, true,
                   "give back a lock that a crash of this host left behind, on any port of it", reclaim},
    ControlCommand{"confirm", "", false, true, "say that an exchanged drive is the right one (with --archive)",
                   confirm},
    ControlCommand{"preempt", "KEY", true, true, "remove the lock and registration of one dead host", preempt},
    ControlCommand{"clear", "", true, true, "DANGER: remove every lock and registration of every host", clear},
};

}  // namespace

std::span<const ControlCommand> commands() { return kCommands; }

const ControlCommand* find_command(std::string_view name) {
  const auto* found = std::find_if(kCommands.begin(), kCommands.end(), [&](const auto& c) { return c.name == name; });
  return found == kCommands.end() ? nullptr : found;
}

ExitStatus exit_status(const Error& error) {
  switch (error.kind) {
    case Error::Kind::usage: return ExitStatus::usage;
    case Error::Kind::config: return ExitStatus::config;
    case Error::Kind::refused:
    case Error::Kind::spc2_reserve: return ExitStatus::refused;
    case Error::Kind::unsupported: return ExitStatus::unsupported;
    case Error::Kind::device:
    case Error::Kind::protocol:
    case Error::Kind::timeout: return ExitStatus::device;
    case Error::Kind::interrupted: return ExitStatus::timeout;
  }
  return ExitStatus::device;
}

ExitStatus failed(const Context& context, const Error& error) {
  context.err << "storage-ctl: " << base::printable(error.message) << '\n';
  return exit_status(error);
}

}  // namespace shstore::scsi::ctl
