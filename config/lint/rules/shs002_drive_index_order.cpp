#include <fmt/format.h>

#include <string_view>
#include <unordered_map>

#include "config/lint/library.h"
#include "config/lint/rules/rules.h"

namespace shstore::config::lint {
namespace {

using Indexes = std::unordered_map<std::string_view, uint32_t>;  ///< by the drive's serial number

struct KnownLibrary {
  Indexes index_of;
  bool is_complete = true;  ///< every drive's serial number is known
};

KnownLibrary known_library(const InventoryChanger& changer) {
  KnownLibrary library;
  for (const InventoryChanger::Drive& drive : changer.drives) {
    if (drive.serial.empty())
      library.is_complete = false;
    else
      library.index_of.try_emplace(drive.serial, drive.index);
  }
  return library;
}

void check_drive(const Drive& drive, const KnownLibrary& library, Reporter& report) {
  const InventoryDevice* const known = known_drive(drive);
  if (!known || known->serial.empty()) return;
  const SdDevice& device = *drive.device;
  const auto found = library.index_of.find(known->serial);
  if (found == library.index_of.end()) {
    if (!library.is_complete || library.index_of.empty()) return;
    report.add(place(drive.config(), device.archive_device),
               fmt::format("Device \"{}\" (serial {}) is not a drive of the library of Autochanger \"{}\"",
                           *device.name, known->serial, *drive.changer->name),
               "correct the Archive Device, or list the Device in the Autochanger of its library");
    return;
  }
  if (found->second == *device.drive_index) return;
  const bool given = device.drive_index.given;
  Finding& finding = report.add(
      given ? place(drive.config(), device.drive_index) : place(drive.config(), device.at),
      fmt::format("Device \"{}\" has Drive Index {}{}, but its drive (serial {}) is number {} of the library",
                  *device.name, *device.drive_index, given ? "" : ", the default", known->serial, found->second),
      fmt::format("write Drive Index = {}", found->second));
  finding.fix = fix_of(fmt::format("set Drive Index to {}", found->second),
                       {report.editor().set_directive(place(drive.config(), device.at),
                                                      directive_place(drive.config(), device.drive_index),
                                                      "Drive Index", std::to_string(found->second))});
}

void check(const Site& site, const Surroundings&, Reporter& report) {
  for (size_t sd = 0; sd < site.sds.size(); ++sd) {
    const SiteSd& daemon = site.sds[sd];
    if (!daemon.inventory) continue;
    for (size_t c = 0; c < daemon.config.autochangers.size(); ++c) {
      const SdAutochanger& changer = daemon.config.autochangers[c];
      const InventoryChanger* const known = daemon.inventory->changer_at(*changer.changer_device);
      if (!known) continue;
      const KnownLibrary library = known_library(*known);
      for (const Drive& drive : report.drives_of(sd, c)) {
        if (drive.changer == &changer) check_drive(drive, library, report);
      }
    }
  }
}

}  // namespace

const Rule shs002{"SHS002", Level::error, "a Drive Index is not the drive's number in the library", check,
                  R"(What: The host's inventory shows by serial numbers which drive of the library an Archive Device is,
and the Drive Index says another; or the drive is not in the library of its Autochanger at all.

Why: Bacula has the robot load the tape into drive number Drive Index, then opens the Archive Device, and
finds no tape or the tape of another job there. The order in which Linux numbers the drives has nothing to do
with the library's.

Example:
    Device { Name = Drive-0; Archive Device = /dev/nst0; Drive Index = 0; ... }   # is drive 1

Fix: Write the Drive Index that the message names. Where there is no inventory: `sg_inq /dev/sgN` shows a
drive's serial number, and `sg_read_element_status`, or the library's own panel, which drive has it.)"};

}  // namespace shstore::config::lint
