// Running a program and waiting for its end.
#pragma once

#include <atomic>
#include <string>
#include <vector>

#include "scsi/error.h"

namespace shstore::scsi::ctl {

/// Without a shell; the program is looked up in PATH. Its exit status, or 128 + n if signal n killed it; an error if it
/// cannot be started. `signalled` is the last signal that this process got: SIGTERM and SIGHUP are passed on, as ^C
/// goes to the whole terminal and needs no passing on.
Result<int> run_child(const std::vector<std::string>& command, const std::atomic<int>& signalled);

}  // namespace shstore::scsi::ctl
