// Reading that a signal ends at once. Everything else is finished: a tape that moves goes on moving without us, and a lock
// must be given back.
#pragma once

#include <atomic>
#include <functional>
#include <memory>
#include <string>

#include "scsi/transport.h"

namespace shstore::changer {

using OpenTransport = std::function<scsi::Result<std::unique_ptr<scsi::Transport>>(const std::string& path)>;

/// Opens with `open`. A command that only looks (READ ELEMENT STATUS, MODE SENSE, INQUIRY, LOG SENSE) fails with
/// an error of kind interrupted as soon as `stop` is true; the device is then opened anew for the next command, while a thread
/// of this process waits for the old answer. Do not use after `stop` or `open` are gone; the process may end before that thread.
OpenTransport interruptible(OpenTransport open, const std::atomic<bool>& stop);

}  // namespace shstore::changer
