// Running a program and waiting for its end, and for that of everything that it started.
#pragma once

#include <chrono>
#include <functional>
#include <iosfwd>
#include <string>
#include <vector>

#include "scsi/base/stop_signals.h"
#include "scsi/error.h"

namespace shstore::scsi::ctl {

/// Without a shell; the program is looked up in PATH. Its exit status, or 128 + n if signal n killed it; an error if it
/// cannot be started. What it started and left running is waited for, too, also what it put into the background: it may be
/// using the drive. `err` is told so, with its name and number. `sent`: the signals that were sent to this process, which are
/// passed on to the program or, once that has ended, to what it left. Makes this process the reaper of its descendants.
/// `timeout`, if it is not 0: what runs by then is sent SIGTERM, and SIGKILL ten seconds later, and the status is 124, as of
/// timeout(1): bls, for one, asks for ever for a tape when its input is at its end. `every_second` is called about so often.
Result<int> run_child(const std::vector<std::string>& command, base::SignalSet& sent, std::ostream& err,
                      std::chrono::seconds timeout = {}, const std::function<void()>& every_second = {});

}  // namespace shstore::scsi::ctl
