// The plugin in a program that is no daemon and uses a drive (btape, bls, bscan, bextract, bcopy): tool_lock.h decides.
#pragma once

#include "plugin/daemon.h"

namespace shstore::plugin {

/// Once, when the program has loaded us: from now on tool_event() locks what it uses.
void set_up_tool(const Daemon& program);

/// A global event of Bacula's. DeviceInit: locks the drive of `value` (a DEVRES), or ends the process with a sentence on standard
/// error before it has touched the drive. Nothing happens in a daemon.
void tool_event(uint32_t type, const void* value);

}  // namespace shstore::plugin
