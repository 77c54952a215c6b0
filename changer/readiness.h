// Waiting for a drive that was loaded, and for a robot that is busy.
#pragma once

#include <functional>
#include <string>

#include "changer/library.h"
#include "changer/outcome.h"
#include "changer/waiting.h"
#include "scsi/changer_unit.h"

namespace shstore::changer {

/// Until the drive has taken the tape in and found its beginning; status timeout after `until`, with what it said last.
///
/// A tape device of the kernel is asked through its tape driver, as mtx-changer does: the drive tells of the new tape only
/// once (UNIT ATTENTION 28/00), and if it told us, the driver would go on counting files where the old tape was. Any other
/// drive (of shstore-target) is asked through its control device.
Outcome<void> wait_until_ready(const std::string& archive_device, scsi::LogicalUnit* control, const Waiting& waiting,
                               Waiting::TimePoint until);

/// The library's state. Waits while the robot starts up or another host has reserved it even against reading, and says why (where
/// `say` is given); what does not pass by waiting is a failure at once. `identities`: as MediumChanger::read_element_status.
Outcome<Library> read_library(scsi::MediumChanger& changer, const Waiting& waiting, Waiting::TimePoint until,
                              bool identities = true, const std::function<void(const std::string&)>& say = {});

}  // namespace shstore::changer
