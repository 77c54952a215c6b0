#include <fmt/format.h>

#include "config/command_words.h"
#include "config/lint/drive.h"
#include "config/lint/rules/rules.h"

namespace shstore::config::lint {
namespace {

/// Storage Daemons with a Lock Command somewhere.
std::vector<bool> locking_sds(std::span<const Drive> drives, size_t count) {
  std::vector<bool> result(count);
  for (const Drive& drive : drives) {
    if (drive.lock_command) result[drive.ref.sd] = true;
  }
  return result;
}

void check(const Site& site, const Surroundings&, Reporter& report) {
  const std::span<const Drive> drives = report.drives();
  const std::vector<bool> locks = locking_sds(drives, site.sds.size());
  for (const Drive& drive : drives) {
    const SdDevice& device = *drive.device;
    const bool has_control = !device.control_device->empty();
    if (drive.lock_command && !has_control) {
      const bool own = !drive.lock_is_inherited();
      Finding& finding =
          report.add(own ? place(drive.config(), device.lock_command) : place(drive.config(), device.at),
                     fmt::format("Device \"{}\" has a Lock Command{} but no Control Device to lock: every job that "
                                 "wants it is refused",
                                 *device.name, own ? "" : " from its Autochanger"),
                     "write Control Device = /dev/sgN, the SCSI generic node of this drive (`lsscsi -g`)");
      if (!own) finding.notes.push_back({place(drive.config(), *drive.lock_command), "the Lock Command is here"});
    }
    // A Control Device alone serves Alert Command and Worm Command; these are signs that it was meant for a
    // lock.
    const bool was_meant = locks[drive.ref.sd] || (device.always_open.given && !*device.always_open);
    if (has_control && !drive.lock_command && was_meant && !has_code(*device.alert_command, 'l')) {
      Finding& finding = report.add(
          place(drive.config(), device.control_device),
          fmt::format("Device \"{}\" has a Control Device but no Lock Command: it is not locked", *device.name),
          "write Lock Command = \"" SHSTORE_SCRIPTS_DIR
          "/storage-ctl %l %o\", or remove the Control "
          "Device if no other "
          "host uses this drive");
      finding.level = Level::warning;
    }
  }
}

}  // namespace

const Rule shs008{
    "SHS008", Level::error, "a Lock Command without a Control Device, or the reverse", check,
    R"(What: A Device has a Lock Command, of its own or from its Autochanger, and no Control Device. Or, as a
warning, it has a Control Device, AlwaysOpen = no or neighbours with a Lock Command, and none itself,
nor an Alert Command with %l.

Why: Both are needed for a lock: the command, and the SCSI node that it is for. Without the Control Device
the plugin refuses every job. Without the Lock Command bacula-sd and the plugin take the drive for one that
nobody shares, and say nothing: two hosts write to one tape.

Example:
    Device {
      Name = Drive-0
      Archive Device = /dev/nst0
      Control Device = /dev/sg0
      AlwaysOpen = no                         # Lock Command is missing
    }

Fix: Write both, in every Device that another host can see as well:
    Control Device = /dev/sg0
    Lock Command = ")" SHSTORE_SCRIPTS_DIR R"(/storage-ctl %l %o")"};

}  // namespace shstore::config::lint
