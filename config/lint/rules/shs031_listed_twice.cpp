#include <fmt/format.h>

#include "config/lint/drive.h"
#include "config/lint/rules/rules.h"

namespace shstore::config::lint {
namespace {

/// Device lists are written on one directive or several; the place is that of the name.
Place place_of(const SdConfig& config, size_t changer, size_t listed) {
  return place(config, config.autochangers[changer].devices[listed]);
}

void check_sd(const SdConfig& config, const Membership& members, Reporter& report) {
  for (size_t c = 0; c < config.autochangers.size(); ++c) {
    for (const Membership::Listing& again : members.repeated[c]) {
      Finding& finding = report.add(place_of(config, c, again.listed),
                                    fmt::format("Autochanger \"{}\" lists Device \"{}\" twice",
                                                *config.autochangers[c].name, *config.devices[again.device].name),
                                    "remove one; if another drive was meant, write its name");
      finding.level = Level::warning;
    }
    for (const Membership::Listing& listing : members.drives[c]) {
      const size_t first = members.changers[listing.device].front();
      if (first == c) continue;
      Finding& finding = report.add(
          place_of(config, c, listing.listed),
          fmt::format("Device \"{}\" is in two Autochangers, \"{}\" and \"{}\"", *config.devices[listing.device].name,
                      *config.autochangers[first].name, *config.autochangers[c].name),
          "a drive is in one library: remove it from the other list");
      finding.notes.push_back({place(config, config.autochangers[first].at), "the first one is here"});
    }
  }
}

void check(const Site& site, const Surroundings&, Reporter& report) {
  for (size_t sd = 0; sd < site.sds.size(); ++sd) check_sd(site.sds[sd].config, site.members[sd], report);
}

}  // namespace

const Rule shs031{
    "SHS031", Level::error, "a Device is in two Autochangers", check,
    R"(What: Two Autochanger resources of one bacula-sd.conf list the same Device, or one lists it twice (a
warning).

Why: bacula-sd takes the Changer Device and Changer Command from the first Autochanger and everything else
from the last. A job that asks for one library makes the robot of the other load a tape.

Example:
    Autochanger { Name = LTO; Device = Drive-0, Drive-1; ... }
    Autochanger { Name = VTL; Device = Drive-1, Drive-2; ... }

Fix: List each drive in the Autochanger whose robot serves it, and nowhere else.)"};

}  // namespace shstore::config::lint
