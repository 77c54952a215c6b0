// Hosts that perhaps wait for each other, in an administrator's words. No I/O.
#pragma once

#include <string>
#include <vector>

#include "status/look/snapshot.h"

namespace shstore::status {

/// What the plugin of a daemon that runs says of that, as of its last state.
std::vector<record::MutualWait> mutual_waits_of(const SdSnapshot& sd);

/// "0xbac001 (cibou) has "Drive-0" and waits for "Drive-1"; ..."
std::string ring_words(const SdSnapshot& sd, const record::MutualWait& wait);

/// What is the matter, and what ends it: sentences without their full stops.
std::vector<std::string> mutual_wait_words(const SdSnapshot& sd, const record::MutualWait& wait);

/// The latter alone.
std::string mutual_wait_end(const record::MutualWait& wait);

}  // namespace shstore::status
