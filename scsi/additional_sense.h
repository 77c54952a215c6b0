// The words of additional sense codes. No I/O.
#pragma once

#include <cstdint>
#include <string>

namespace shstore::scsi {

/// SPC's words for an additional sense code (asc << 8 | ascq), "power on, reset, or bus device reset occurred"; empty for one
/// that has none, as vendors' own.
std::string additional_sense_text(uint16_t code);

}  // namespace shstore::scsi
