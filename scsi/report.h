// What `storage-ctl query` prints: the white paper's section 3.2, in sg_persist's words. No I/O.
#pragma once

#include <string>

#include "scsi/inquiry.h"
#include "scsi/persistent_reserve.h"

namespace shstore::scsi {

/// Lines end in '\n'.
std::string query_text(const StandardInquiry& inquiry, const FullStatus& status);

/// "00      21 00 00 1b 32 1f 43 65    !...2.Ce": 16 bytes a line, offsets in hex.
std::string hex_dump(ByteView bytes);

}  // namespace shstore::scsi
