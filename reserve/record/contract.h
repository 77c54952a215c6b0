// What one process may rely on of what another one writes down: the plugin its state and history, shstore-changer and
// shstore-status their readers.
#pragma once

#include <chrono>

namespace shstore::record {

/// A change (a claim that begins, a job that waits) is in the state file within this; two writes are so far apart.
inline constexpr std::chrono::milliseconds kPublishedWithin{300};

/// Who must not miss what has just happened looks so long, or once more after it: the above and the time that writing takes.
inline constexpr std::chrono::milliseconds kSurelyPublished{500};

/// State and history are written at least so often, also where nothing happens.
inline constexpr std::chrono::minutes kSignOfLife{10};

/// A state that is older, of a daemon that runs, is not to be relied on: two signs of life are missing.
inline constexpr std::chrono::minutes kStateIsOld{25};
static_assert(kStateIsOld > 2 * kSignOfLife);

}  // namespace shstore::record
