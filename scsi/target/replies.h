// The replies that every simulated device gives.
#pragma once

#include "scsi/sense.h"
#include "scsi/transport.h"

namespace shstore::scsi::target {

Reply check_condition(SenseKey key, uint16_t asc_ascq);
/// CHECK CONDITION with ILLEGAL REQUEST.
Reply illegal(uint16_t asc_ascq);
Reply good(Bytes data = {});
/// Data cut to the CDB's ALLOCATION LENGTH; the residue is not an error (SPC-4 4.2.5.6).
Reply good(Bytes data, size_t allocation_length);

}  // namespace shstore::scsi::target
