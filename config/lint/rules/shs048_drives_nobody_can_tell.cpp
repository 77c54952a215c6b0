#include <fmt/format.h>

#include <algorithm>

#include "config/lint/library.h"
#include "config/lint/rules/rules.h"

namespace shstore::config::lint {
namespace {

bool tells_all(const InventoryChanger& library) {
  return std::none_of(library.drives.begin(), library.drives.end(),
                      [](const auto& drive) { return drive.serial.empty(); });
}

bool has(const InventoryChanger& library, std::string_view serial) {
  return std::any_of(library.drives.begin(), library.drives.end(),
                     [&](const auto& drive) { return drive.serial == serial; });
}

// Devices whose drive the inventory knows, and whose number in the library it does not. SHS002 is about the others.
std::string unchecked(const Site& site, size_t sd, size_t changer, const InventoryChanger& library) {
  std::string names;
  for (const Drive& drive : drives_of(site, sd, changer)) {
    const InventoryDevice* const known = known_drive(drive);
    const bool compared = known != nullptr && !known->serial.empty() && has(library, known->serial);
    if (known != nullptr && !compared) names += fmt::format("{}\"{}\"", names.empty() ? "" : ", ", *drive.device->name);
  }
  return names;
}

void check(const Site& site, const Surroundings&, Reporter& report) {
  for (size_t sd = 0; sd < site.sds.size(); ++sd) {
    const SiteSd& daemon = site.sds[sd];
    if (!daemon.inventory) continue;
    for (size_t c = 0; c < daemon.config.autochangers.size(); ++c) {
      const SdAutochanger& changer = daemon.config.autochangers[c];
      const InventoryChanger* const library = daemon.inventory->changer_at(*changer.changer_device);
      if (library == nullptr || library->drives.empty() || tells_all(*library)) continue;
      const auto names = unchecked(site, sd, c, *library);
      if (names.empty()) continue;
      report.add(
          place(daemon.config, changer.changer_device),
          fmt::format(
              "Autochanger \"{}\": whether the Drive Index of {} is right could not be checked: the library does not tell "
              "the serial numbers of all its drives",
              *changer.name, names),
          "compare once by hand: load a tape into each drive by the library's panel, and see which Archive Device has it");
    }
  }
}

}  // namespace

const Rule shs048{
    "SHS048", Level::info, "the order of a library's drives could not be checked", check,
    R"(What: A host's inventory knows the drives behind the Archive Devices of an Autochanger, but the library
does not tell which of its drives they are: the serial numbers of its drives are missing in it.

Why: Bacula has the robot load the tape into drive number Drive Index, then opens the Archive Device. The
order in which Linux numbers the drives has nothing to do with the library's: /dev/nst0 may well be the
library's drive 1. Where serial numbers are known on both sides, SHS002 compares them. Here nobody has, and
shstore-changer does not know it either, says so at every move, and moves (`identity=required` in
shstore-changer.conf lets it refuse).

Example:
    "changers": [ { ..., "drives": [ { "element": 500, "index": 0, "serial": null }, ... ] } ]

Fix: Write the inventory anew as a user that may open the robot (`shstore-status --inventory`). Where the
library does not tell, load a tape into each drive by its panel and see which Archive Device has it.)"};

}  // namespace shstore::config::lint
