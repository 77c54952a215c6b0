#include <fmt/format.h>

#include "config/lint/device_path.h"
#include "config/lint/drive.h"
#include "config/lint/rules/rules.h"

namespace shstore::config::lint {
namespace {

void check(const Site& site, const Surroundings&, Reporter& report) {
  for (const SiteSd& sd : site.sds) {
    for (const SdDevice& device : sd.config.devices) {
      if (is_tape(device) && node_kind(*device.archive_device) == NodeKind::rewinding) {
        report.add(place(sd.config, device.archive_device),
                   fmt::format("Device \"{}\": {} rewinds the tape whenever it is closed", *device.name,
                               *device.archive_device),
                   fmt::format("write Archive Device = {}", non_rewinding(*device.archive_device)));
      }
      if (is_tape_node(*device.control_device)) {
        report.add(place(sd.config, device.control_device),
                   fmt::format("Device \"{}\": its Control Device {} is a tape's node, which cannot be opened while "
                               "bacula-sd has the tape open",
                               *device.name, *device.control_device),
                   "write the drive's SCSI generic node, which `lsscsi -g` shows: /dev/sgN");
      }
    }
  }
}

}  // namespace

const Rule shs005{
    "SHS005", Level::error, "a drive is opened by a rewinding node, or locked through a tape's node", check,
    R"(What: The Archive Device of a tape is a node that rewinds when it is closed (/dev/st0, /dev/tape/by-id/... without
-nst, /dev/rmt/0 without n, /dev/sa0), or the Control Device is a tape's node instead of a SCSI generic one.

Why: Bacula remembers where on the tape it is. With AlwaysOpen = no, which shared drives need, it closes the drive between
jobs, and a rewinding node moves the tape behind its back: btape's tests fail, and what is written next may begin at the
front of the tape. Locks are taken by SCSI commands on the Control Device while the Archive Device is open, and a tape's
node can be open only once.

Example:
    Archive Device = /dev/st0
    Control Device = /dev/nst0

Fix: Use the node that does not rewind and the generic node of the same drive:
    Archive Device = /dev/nst0
    Control Device = /dev/sg0)"};

}  // namespace shstore::config::lint
