#include <fmt/format.h>

#include <algorithm>

#include "config/lint/device_path.h"
#include "config/lint/drive.h"
#include "config/lint/rules/rules.h"

namespace shstore::config::lint {
namespace {

/// Another name of the same device, of the same kind, that does not change; empty if the inventory knows
/// none.
std::string lasting_name(const Drive& drive, std::string_view node, NodeKind kind) {
  const InventoryDevice* const device = drive.sd->inventory ? drive.sd->inventory->device_at(node) : nullptr;
  if (!device) return {};
  const auto lasts = [&](std::string_view name) { return node_kind(name) == kind && !is_numbered_node(name); };
  const auto found = std::find_if(device->nodes.begin(), device->nodes.end(), lasts);
  return found == device->nodes.end() ? std::string() : *found;
}

void report_node(const Drive& drive, const TextValue& node, std::string_view directive, const std::string& help,
                 Reporter& report) {
  report.add(place(drive.config(), node),
             fmt::format("Device \"{}\" is shared, and its {} {} may be another drive after the next boot",
                         *drive.device->name, directive, *node),
             help);
}

void check(const Site&, const Surroundings&, Reporter& report) {
  for (const Drive& drive : report.drives()) {
    if (!drive.lock_command || !drive.has_numbered_node) continue;
    const SdDevice& device = *drive.device;
    if (drive.is_tape && is_numbered_node(*device.archive_device)) {
      const std::string name = lasting_name(drive, *device.archive_device, NodeKind::tape);
      report_node(
          drive, device.archive_device, "Archive Device",
          name.empty()
              ? "write the drive's name in /dev/tape/by-nexus that ends in -nst: `ls -l /dev/tape/by-nexus` shows it"
              : fmt::format("write Archive Device = {}", name),
          report);
    }
    if (!is_numbered_node(*device.control_device)) continue;
    const std::string name = lasting_name(drive, *device.control_device, NodeKind::generic);
    // Without an inventory there is nothing to advise: udev makes no such name for a drive's generic node by
    // itself.
    if (!name.empty()) {
      report_node(drive, device.control_device, "Control Device", fmt::format("write Control Device = {}", name),
                  report);
    }
  }
}

}  // namespace

const Rule shs006{
    "SHS006", Level::warning, "a shared drive is named by a number that changes", check,
    R"(What: The Archive Device of a drive with a Lock Command is /dev/nstN. The Control Device /dev/sgN is
reported where the host's inventory knows a lasting name for it.

Why: Linux numbers tape drives and SCSI generic nodes in the order in which it finds them, each by itself.
After a reboot, or when a drive was switched off, /dev/nst0 and /dev/sg0 may be other drives than before, and
not even the same one. The plugin refuses to lock a drive through another drive's Control Device, so jobs
stop.

Example:
    Archive Device = /dev/nst0

Fix: Write the names that the udev rule of this software makes, for both nodes; `ls -l /dev/tape/by-nexus`
shows them: the drive's serial number, and the side of this host by which it is reached.
    Archive Device = /dev/tape/by-nexus/HU19477B2C-fc-2100001b32aaaa01-nst
    Control Device = /dev/tape/by-nexus/HU19477B2C-fc-2100001b32aaaa01-sg
udev's own names (/dev/tape/by-id/scsi-350014380023560a3-nst) do as well where the drive has one path to this
host; with two, udev deals them out at random and anew at each trigger.)"};

}  // namespace shstore::config::lint
