// A snapshot as Bacula's `status storage` prints it: the white paper's section 3. No I/O.
#pragma once

#include <string>

#include "status/snapshot.h"

namespace shstore::status {

std::string to_text(const SdSnapshot& snapshot);

}  // namespace shstore::status
