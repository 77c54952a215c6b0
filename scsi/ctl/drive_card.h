// doctor --report: what a drive is and can, as JSON without its identity, for docs/libraries.md. Its schema is
// docs/drive-card.schema.json. Asks with INQUIRY, PERSISTENT RESERVE IN, LOG SENSE and TEST UNIT READY: nothing on the drive changes,
// no page is read that clears something.
#pragma once

#include <string>

#include "scsi/base/anonymous.h"
#include "scsi/logical_unit.h"

namespace shstore::scsi::ctl {

inline constexpr const char* kDriveCardSchema = "shstore-drive-card/1";

/// An error: the device does not even tell what it is.
Result<std::string> drive_card(LogicalUnit& drive, const base::Anonymizer& hidden);

}  // namespace shstore::scsi::ctl
