// Waiting for a drive that was loaded, and for a robot that is busy.
#pragma once

#include <functional>
#include <string>

#include "changer/library.h"
#include "changer/outcome.h"
#include "changer/waiting.h"
#include "scsi/changer_unit.h"
#include "scsi/drive_health.h"

namespace shstore::changer {

/// Until the drive has taken the tape in and found its beginning; status timeout after `until`, with what it said last.
///
/// A tape device of the kernel is asked through its tape driver, as mtx-changer does: the drive tells of the new tape only
/// once (UNIT ATTENTION 28/00), and if it told us, the driver would go on counting files where the old tape was. Any other
/// drive (of shstore-target) is asked through its control device.
/// `may_calibrate`: the failure explains that, if the drive is still becoming ready.
Outcome<void> wait_until_ready(const std::string& archive_device, scsi::LogicalUnit* control, const Waiting& waiting,
                               Waiting::TimePoint until, bool may_calibrate = false);

using scsi::calibrates;
/// What an administrator must know of that.
inline constexpr const char* kCalibration =
    "a new LTO-9 cartridge is calibrated at its first load, which takes 20 minutes to 2 hours. Do not interrupt it: the drive ignores "
    "an unload meanwhile and goes on after a power cycle. Raise Maximum Changer Wait in bacula-sd.conf (and ready_wait in "
    "shstore-changer.conf, if it is set) to 2 hours and more, or load every new cartridge once by hand before its first job";

/// The library's state. Waits while the robot starts up or another host has reserved it even against reading, and says why (where
/// `say` is given); what does not pass by waiting is a failure at once. `identities`: as MediumChanger::read_element_status.
Outcome<Library> read_library(scsi::MediumChanger& changer, const Waiting& waiting, Waiting::TimePoint until,
                              bool identities = true, const std::function<void(const std::string&)>& say = {});

}  // namespace shstore::changer
