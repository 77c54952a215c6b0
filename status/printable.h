// scsi/base/printable.h, under this room's name.
#pragma once

#include "scsi/base/printable.h"

namespace shstore::status {

using base::printable;
using base::printable_json;
using base::printable_lines;
using base::printable_text;

}  // namespace shstore::status
