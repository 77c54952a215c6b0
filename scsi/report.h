// What `storage-ctl query` prints: the white paper's section 3.2, in sg_persist's words. No I/O.
#pragma once

#include <string>

#include "scsi/drive_lock.h"
#include "scsi/inquiry.h"
#include "scsi/persistent_reserve.h"

namespace shstore::scsi {

/// Lines end in '\n'.
std::string query_text(const StandardInquiry& inquiry, const FullStatus& status);

/// For drives without READ FULL STATUS: keys and holder, without the initiators.
std::string query_text(const StandardInquiry& inquiry, const LockState& state);

/// What REPORT CAPABILITIES said, one property on a line; nothing: the drive does not know that command.
std::string capabilities_text(const std::optional<Capabilities>& capabilities, bool full_status);

/// "00      21 00 00 1b 32 1f 43 65    !...2.Ce": 16 bytes a line, offsets in hex.
std::string hex_dump(ByteView bytes);

}  // namespace shstore::scsi
