// Why a device could not be opened, and what an administrator types next.
#pragma once

#include <string>

#include "scsi/error.h"

namespace shstore::scsi {

/// NEXT below, which names a command; empty: none would tell more. `error` is an errno of stat(2), open(2) or connect(2).
std::string what_to_type(const std::string& path, int error);

/// Kind device: "cannot open control device PATH: REASON. NEXT".
tl::unexpected<Error> cannot_open(const std::string& path, int error);

}  // namespace shstore::scsi
