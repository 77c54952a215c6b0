#include <fmt/format.h>

#include "config/lint/device_path.h"
#include "config/lint/drive.h"
#include "config/lint/rules/rules.h"

namespace shstore::config::lint {
namespace {

/// For Linux's own names only: of the others it is not certain that there is such a node.
std::optional<Fix> fix_of_node(const SdConfig& config, const SdDevice& device, Reporter& report) {
  const std::string_view node = *device.archive_device;
  const std::string right = non_rewinding(node);
  const bool is_plain = node.starts_with("/dev/st") && right == "/dev/n" + std::string(node.substr(5)) &&
                        node.size() > 7 && node.find_first_not_of("0123456789", 7) == std::string::npos;
  if (!is_plain) return std::nullopt;
  return fix_of(fmt::format("set Archive Device to {}", right),
                {report.editor().replace_value(name_place(config, device.archive_device), right)});
}

void check(const Site&, const Surroundings&, Reporter& report) {
  for (const Drive& drive : report.drives()) {
    const SdDevice& device = *drive.device;
    const SiteSd& sd = *drive.sd;
    if (drive.is_tape && drive.archive == NodeKind::rewinding) {
      Finding& finding = report.add(
          place(sd.config, device.archive_device),
          fmt::format("Device \"{}\": {} rewinds the tape whenever it is closed", *device.name, *device.archive_device),
          fmt::format("write Archive Device = {}", non_rewinding(*device.archive_device)));
      finding.fix = fix_of_node(sd.config, device, report);
    }
    if (drive.control == NodeKind::tape || drive.control == NodeKind::rewinding) {
      report.add(place(sd.config, device.control_device),
                 fmt::format("Device \"{}\": its Control Device {} is a tape's node, which cannot be opened while "
                             "bacula-sd has the tape open",
                             *device.name, *device.control_device),
                 "write the drive's SCSI generic node, which `lsscsi -g` shows: /dev/sgN");
    }
  }
}

}  // namespace

const Rule shs005{"SHS005", Level::error, "a drive is opened by a rewinding node, or locked through a tape's node",
                  check,
                  R"(What: The Archive Device of a tape is a node that rewinds when it is closed (/dev/st0,
/dev/tape/by-id/... without -nst, /dev/rmt/0 without n, /dev/sa0), or the Control Device is a tape's
node instead of a SCSI generic one.

Why: Bacula remembers where on the tape it is. With AlwaysOpen = no, which shared drives need, it closes the
drive between jobs, and a rewinding node moves the tape behind its back: btape's tests fail, and what is
written next may begin at the front of the tape. Locks are taken by SCSI commands on the Control Device while
the Archive Device is open, and a tape's node can be open only once.

Example:
    Archive Device = /dev/st0
    Control Device = /dev/nst0

Fix: Use the node that does not rewind and the generic node of the same drive:
    Archive Device = /dev/nst0
    Control Device = /dev/sg0)"};

}  // namespace shstore::config::lint
