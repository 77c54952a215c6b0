#include <fmt/format.h>

#include "config/lint/drive.h"
#include "config/lint/rules/rules.h"

namespace shstore::config::lint {
namespace {

constexpr uint32_t kGroupReadsAndWrites = 0060;
constexpr uint32_t kOthersReadAndWrite = 0006;

bool only_root_may_open(const FileFacts& node) {
  if (node.owner != "root") return false;
  if ((node.mode & kOthersReadAndWrite) == kOthersReadAndWrite) return false;
  return node.group == "root" || (node.mode & kGroupReadsAndWrites) != kGroupReadsAndWrites;
}

void check_node(const Drive& drive, const TextValue& path, std::string_view directive, const Surroundings& around,
                Reporter& report) {
  if (!path->starts_with('/')) return;
  const FileFacts node = around.file(std::string(*path));
  const std::string_view name = *drive.device->name;
  if (!node.exists) {
    report.add(place(drive.config(), path),
               fmt::format("Device \"{}\": {} {} does not exist on this host", name, directive, *path),
               "look with `lsscsi -g` whether the drive is visible and which nodes it has");
  } else if (only_root_may_open(node)) {
    Finding& finding = report.add(
        place(drive.config(), path),
        fmt::format("Device \"{}\": only root may open {} {} ({}:{} {:04o})", name, directive, *path, node.owner,
                    node.group, node.mode & 07777),
        path->starts_with("/dev/") ? "let the group of bacula-sd's user (tape) read and write it, by a udev rule"
                                   : "if it is a socket of shstore-target, start that as the user that runs bacula-sd: "
                                     "`runuser -u bacula -- shstore-target ...`");
    finding.level = Level::warning;
  }
}

void check(const Site&, const Surroundings& around, Reporter& report) {
  for (const Drive& drive : report.drives()) {
    const SdDevice& device = *drive.device;
    if (!drive.sd->is_here || !*device.enabled) continue;
    if (drive.is_tape) check_node(drive, device.archive_device, "Archive Device", around, report);
    if (device.control_device.given) check_node(drive, device.control_device, "Control Device", around, report);
  }
}

}  // namespace

const Rule shs019{
    "SHS019", Level::error, "a drive's node does not exist, or bacula-sd may not open it", check,
    R"(What: Only for the host that the linter runs on: the Archive Device of a tape or a Control Device does
not exist; or it belongs to root, and neither a group nor others may read and write it (a warning:
bacula-sd may run as root).

Why: With a Control Device that does not exist Bacula 9.6 ends at its start ("Unable to stat ControlDevice").
With one that it may not open no lock can be taken, so every job that wants the drive is refused. On Debian
bacula-sd runs as user bacula in group tape; /dev/nst and /dev/sg of tape drives are root:tape 0660 there.

Example:
    Control Device = /dev/sg4      # crw------- 1 root root 21, 4 /dev/sg4

Fix: `lsscsi -g` shows the nodes of this host. If the node is there, give it to the group, in
/etc/udev/rules.d/90-bacula.rules:
    SUBSYSTEM=="scsi_generic", ATTRS{type}=="1", GROUP="tape", MODE="0660")"};

}  // namespace shstore::config::lint
