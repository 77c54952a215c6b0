#include <fmt/format.h>

#include "config/lint/drive.h"
#include "config/lint/rules/rules.h"

namespace shstore::config::lint {
namespace {

void check_path(const Drive& drive, const TextValue& path, std::string_view directive, Reporter& report) {
  if (path->empty() || path->starts_with('/') || path->starts_with('@')) return;  // @ begins a template's
  report.add(place(drive.config(), path),
             fmt::format("Device \"{}\": {} \"{}\" is not a whole path", *drive.device->name, directive, *path),
             "write it from / on");
}

void check(const Site&, const Surroundings&, Reporter& report) {
  for (const Drive& drive : report.drives()) {
    if (drive.is_tape_like) check_path(drive, drive.device->archive_device, "Archive Device", report);
    check_path(drive, drive.device->control_device, "Control Device", report);
  }
}

}  // namespace

const Rule shs040{"SHS040", Level::error, "a drive's path does not begin with /", check,
                  R"(What: A Control Device, or the Archive Device of a tape, is a relative path.

Why: It is looked up in the directory that bacula-sd happens to run in, and storage-ctl, started by hand,
looks in another. Bacula 9.6 ends at its start when it does not find the Control Device.

Example:
    Control Device = sg0

Fix: Control Device = /dev/sg0)"};

}  // namespace shstore::config::lint
