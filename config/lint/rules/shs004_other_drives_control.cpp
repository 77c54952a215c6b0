#include <fmt/format.h>

#include <algorithm>

#include "config/lint/device_path.h"
#include "config/lint/drive.h"
#include "config/lint/rules/rules.h"

namespace shstore::config::lint {
namespace {

bool are_different(const InventoryDevice& a, const InventoryDevice& b) {
  if (!a.serial.empty() && !b.serial.empty()) return a.serial != b.serial;
  return !a.hctl.empty() && !b.hctl.empty() && a.hctl != b.hctl;
}

std::string described(const InventoryDevice& device) {
  return device.serial.empty() ? fmt::format("at {}", device.hctl) : fmt::format("serial {}", device.serial);
}

std::string help_for(const InventoryDevice& drive) {
  const auto is_generic = [](std::string_view node) { return node_kind(node) == NodeKind::generic; };
  const auto found = std::find_if(drive.nodes.begin(), drive.nodes.end(), is_generic);
  return found == drive.nodes.end() ? std::string("write the generic node of the drive that the Archive Device is")
                                    : fmt::format("write Control Device = {}", *found);
}

void check(const Site&, const Surroundings&, Reporter& report) {
  for (const Drive& drive : report.drives()) {
    const SdDevice& device = *drive.device;
    if (!drive.sd->inventory || device.control_device->empty()) continue;
    const InventoryDevice* const archive = drive.sd->inventory->device_at(*device.archive_device);
    const InventoryDevice* const control = drive.sd->inventory->device_at(*device.control_device);
    if (!archive || !control || !are_different(*archive, *control)) continue;
    if (control->type == "changer") continue;  // SHS039
    Finding& finding = report.add(
        place(drive.config(), device.control_device),
        fmt::format("Device \"{}\": the Control Device {} is another drive ({}) than the Archive Device {} ({})",
                    *device.name, *device.control_device, described(*control), *device.archive_device,
                    described(*archive)),
        help_for(*archive));
    finding.notes.push_back({place(drive.config(), device.archive_device), "the Archive Device is here"});
  }
}

}  // namespace

const Rule shs004{"SHS004", Level::error, "Control Device and Archive Device are different drives", check,
                  R"(What: By the host's inventory the two paths of one Device lead to two drives: their serial numbers
differ, or, where these are unknown, their addresses.

Why: The lock is taken on the Control Device and the tape is written through the Archive Device. If they are
two drives, the one that is written to is not locked, and the other is taken away from everybody for nothing.
The plugin notices it and refuses every job; the linter tells before a job needs the drive.

Example:
    Archive Device = /dev/nst0     # serial HU19477B2C
    Control Device = /dev/sg1      # serial HU19477B7F

Fix: Write the generic node of the same drive. `lsscsi -g` shows both on one line.)"};

}  // namespace shstore::config::lint
