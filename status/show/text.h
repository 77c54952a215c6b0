// A snapshot as Bacula's `status storage` prints it: the white paper's section 3. No I/O.
#pragma once

#include <string>
#include <vector>

#include "status/look/snapshot.h"

namespace shstore::status {

/// What the daemons are told of together, such as a key that they share: sentences, a line each. Mostly empty.
std::string common_text(const std::vector<SdSnapshot>& daemons);

/// `names`: every key with the name of its host, also in the lines that scripts may parse.
std::string to_text(const SdSnapshot& snapshot, bool names = false);

/// The snapshot's notes, one on a line.
std::string notes_text(const SdSnapshot& snapshot);

}  // namespace shstore::status
