// How the parts of the plugin are put together for the daemon's configuration.
#pragma once

namespace shstore::plugin {

struct Plugin;

/// Reads the daemon's configuration and the state that its earlier life left, and makes every part; starts no thread and sends no
/// command. By loadPlugin, once. `hand_off`: whether jobs that wait are woken when a drive comes free (tests/bench compares).
void set_up(Plugin& p, bool hand_off);

}  // namespace shstore::plugin
