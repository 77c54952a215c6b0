// What shstore-status is told of this daemon: its drives, its limits, who waits for whom.
#pragma once

#include <string>
#include <vector>

#include "reserve/record/state_file.h"

namespace shstore::plugin {

struct Plugin;

/// What the plugin cannot do here, a sentence without a full stop each. Any thread.
std::vector<std::string> limits_of(const Plugin& p);
/// The state as it is written to the state file. Any thread; asks no drive.
record::SdState collect_state(const Plugin& p);

}  // namespace shstore::plugin
