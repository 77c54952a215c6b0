#include <fmt/format.h>

#include "config/lint/drive.h"
#include "config/lint/rules/rules.h"

namespace shstore::config::lint {
namespace {

void check(const Site&, const Surroundings&, Reporter& report) {
  for (const Drive& drive : report.drives()) {
    const SdDevice& device = *drive.device;
    if (!drive.lock_command || !*device.always_open) continue;
    const bool given = device.always_open.given;
    Finding& finding = report.add(
        given ? place(drive.config(), device.always_open) : place(drive.config(), device.at),
        fmt::format("Device \"{}\" has a Lock Command and AlwaysOpen = yes{}: no other host ever gets the drive",
                    *device.name, given ? "" : ", which is the default"),
        "write AlwaysOpen = no");
    finding.fix = fix_of(
        "set AlwaysOpen to no",
        {report.editor().set_directive(place(drive.config(), device.at),
                                       directive_place(drive.config(), device.always_open), "AlwaysOpen", "no")});
  }
}

}  // namespace

const Rule shs007{"SHS007", Level::error, "a shared drive is kept open", check,
                  R"(What: A Device with a Lock Command has AlwaysOpen = yes, or no AlwaysOpen, which means yes.

Why: The lock is held for as long as bacula-sd has the device open. With AlwaysOpen = yes it opens the drive
when it starts and keeps it, so that the first host to start has the drive and the others wait for ever.

Example:
    Device {
      Name = Drive-0
      Lock Command = ")" SHSTORE_SCRIPTS_DIR R"(/storage-ctl %l %o"
      ...                                     # AlwaysOpen is missing
    }

Fix: Write AlwaysOpen = no in every Device that has a Lock Command, on every host.)"};

}  // namespace shstore::config::lint
