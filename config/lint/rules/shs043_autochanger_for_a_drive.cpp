#include <fmt/format.h>

#include "config/lint/library.h"
#include "config/lint/rules/rules.h"

namespace shstore::config::lint {
namespace {

bool has_robot_of_its_own(const SdDevice& device) {
  return *device.autochanger && device.changer_device.given && device.changer_command.given;
}

void check(const Site& site, const Surroundings&, Reporter& report) {
  for (size_t i = 0; i < site.links.size(); ++i) {
    const StorageLink& link = site.links[i];
    const DirStorage& storage = site.director->storages[i];
    if (!storage.is_autochanger_resource || !link.sd || link.target != StorageLink::Target::device) continue;
    const Drive drive = drive_at(site, {*link.sd, link.index});
    if (!drive.changer && has_robot_of_its_own(*drive.device)) continue;
    Finding& finding = report.add(
        place(*site.director, storage.devices.front()),
        drive.changer ? fmt::format("Autochanger \"{}\" has Device = {}, which is one drive of \"{}\": the others are "
                                    "never used",
                                    *storage.name, *drive.device->name, *drive.changer->name)
                      : fmt::format("Autochanger \"{}\" has Device = {}, which is a single Device without a robot",
                                    *storage.name, *drive.device->name),
        drive.changer
            ? fmt::format("write Device = {}; if one drive is meant, make it a Storage resource", *drive.changer->name)
            : std::string("write Storage { instead of Autochanger {"));
    finding.notes.push_back({place(drive.config(), drive.device->name), "the Device is here"});
  }
}

}  // namespace

const Rule shs043{"SHS043", Level::warning, "an Autochanger resource of the Director names a single drive", check,
                  R"(What: The Device of an Autochanger resource in bacula-dir.conf is the name of a Device, not of an
Autochanger, in bacula-sd.conf, and that Device has no Changer Device and Changer Command of its own.

Why: The Director expects a robot there. If the Device is one drive of a library, jobs use that drive only
and `update slots` counts its tapes for this resource. If there is no robot at all, `update slots` and label
barcodes fail, and tapes are believed to be in a changer that does not exist.

Example:
    Autochanger { Name = LTO; Device = Drive-0, Drive-1; ... }          # bacula-sd.conf
    Autochanger { Name = Changer-1; Device = Drive-0; ... }             # bacula-dir.conf

Fix: Name the Autochanger of bacula-sd.conf: Device = LTO. For a single drive use a Storage resource, with
Autochanger = Changer-1 if it is in a library.)"};

}  // namespace shstore::config::lint
