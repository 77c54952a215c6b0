// A library's contents as text, so that they survive the process. No I/O.
#pragma once

#include <string>
#include <string_view>

#include "scsi/error.h"
#include "scsi/target/library.h"
#include "scsi/target/san.h"

namespace shstore::scsi::target {

/// JSON, one medium on a line: {"element": 256, "barcode": "A00001L4", "source": 1024, "loaded": true}.
std::string state_text(const Contents& contents);

/// The reverse. An error of kind config if `text` is no such text or holds other media than the changer's, or
/// one where it has no element; `file` is used in messages.
Result<Contents> parse_state(std::string_view text, const Changer& changer, const std::string& file);

}  // namespace shstore::scsi::target
