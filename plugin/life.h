// The plugin's threads, from the daemon's first job context to its end.
#pragma once

#include "plugin/abi/bacula_abi.h"

namespace shstore::plugin {

struct Plugin;

/// Threads are started by the first job context, which is the daemon's own when it opens its devices: loadPlugin runs before
/// bacula-sd gives up root's privileges. What the machine has no thread for is tried again with each job that comes; a drive's own
/// is tried by each job that wants the drive.
void start(Plugin& p, abi::Context& context);

/// unloadPlugin: the daemon ends in order, and its devices are still open. What is held for them goes back when it calls exit().
void stop(Plugin& p);

}  // namespace shstore::plugin
