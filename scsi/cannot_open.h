// Why a device could not be opened, and what an administrator types next.
#pragma once

#include <string>

#include "scsi/error.h"

namespace shstore::scsi {

/// Kind device: "cannot open control device PATH: REASON. NEXT". `error` is errno of stat(2), open(2) or connect(2); NEXT names a
/// command, and is left out where none would tell more.
tl::unexpected<Error> cannot_open(const std::string& path, int error);

}  // namespace shstore::scsi
