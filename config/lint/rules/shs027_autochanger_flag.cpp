#include <fmt/format.h>

#include "config/lint/drive.h"
#include "config/lint/rules/rules.h"

namespace shstore::config::lint {
namespace {

void check(const Site&, const Surroundings&, Reporter& report) {
  for (const Drive& drive : report.drives()) {
    const SdDevice& device = *drive.device;
    if (!drive.changer && *device.autochanger && (!device.changer_device.given || !device.changer_command.given)) {
      report.add(
          place(drive.config(), device.autochanger),
          fmt::format("Device \"{}\" has Autochanger = yes, but no Autochanger lists it: nothing loads its tapes",
                      *device.name),
          fmt::format("add {} to the Device list of its Autochanger", *device.name));
    }
    if (drive.changer && device.autochanger.given && !*device.autochanger) {
      Finding& finding =
          report.add(place(drive.config(), device.autochanger),
                     fmt::format("Autochanger = no of Device \"{}\" has no effect: Autochanger \"{}\" lists it",
                                 *device.name, *drive.changer->name),
                     "write Autochanger = yes, or remove the drive from the Autochanger's list");
      finding.level = Level::info;
    }
  }
}

}  // namespace

const Rule shs027{"SHS027", Level::warning, "Autochanger = yes and the Autochanger's list contradict each other", check,
                  R"(What: A Device has Autochanger = yes but is in the list of no Autochanger and has no Changer Device
and Changer Command of its own; or it has Autochanger = no and is in such a list (info).

Why: The list decides: bacula-sd treats every listed Device as part of the Autochanger, whatever the Device
says. A Device that only says so itself has no robot: its jobs stop with "No Changer Device ... Manual load
of Volume may be required".

Example:
    Autochanger { Name = LTO; Device = Drive-0; ... }
    Device { Name = Drive-1; Autochanger = yes; Drive Index = 1; ... }   # forgotten in the list

Fix: List the drive (Device = Drive-0, Drive-1), or remove Autochanger = yes from a drive alone.)"};

}  // namespace shstore::config::lint
