// The last guard of what is on a tape, while the path to its drive is down in the middle of a backup.
//
// A command that was under way ends with an error at once, and bacula-sd, which takes an EIO for something that may pass, sends the
// block again, up to three times (stored/block.c); st holds that write until the path is back. If the drive lost its power meanwhile,
// it answers with a unit attention, and the next try, microseconds later, is written at the beginning of the tape, over the label
// and all that was there: too soon for anybody to stop it. So SPACE to the end of data is put before the write that waits, several
// times, since each unit attention is told to one command: what is written then lands behind what is on the tape. A drive that kept
// its position while a daemon appends stands at the end of data anyway, and under another host's lock the command is refused.
//
// It cannot help where the write comes when the path is back, and where the drive was reset with no outage.
#pragma once

#include <string>
#include <utility>

#include "scsi/attribute_file.h"
#include "scsi/error.h"

namespace shstore::scsi {

/// What the kernel says of a device, asked again and again: one pread(2) each time. Not thread-safe.
class DeviceState {
 public:
  explicit DeviceState(std::string sysfs = "/sys") : sysfs_(std::move(sysfs)) {}
  /// The state of the device in `sysfs_device` ("/devices/.../2:0:0:0"): "running", "blocked", "transport-offline", ...; empty: none.
  std::string of(const std::string& sysfs_device);

 private:
  std::string sysfs_;
  AttributeFile file_;
};

/// Does so, and does not wait. Only for a generic SCSI node, and only while this host appends to the tape and a write of its waits.
Result<void> put_end_of_data_first(const std::string& control_device);

}  // namespace shstore::scsi
