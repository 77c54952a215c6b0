#include <fmt/format.h>

#include <algorithm>
#include <unordered_map>

#include "config/lint/device_path.h"
#include "config/lint/drive.h"
#include "config/lint/rules/rules.h"

namespace shstore::config::lint {
namespace {

/// A name that has the drive's own identity in it, so that it is the same drive on every host; else empty.
std::string_view name_of_drive(const SdDevice& device) {
  constexpr std::string_view kById = "/dev/tape/by-id/";
  const std::string_view path = *device.archive_device;
  if (!path.starts_with(kById)) return {};
  std::string_view name = path.substr(kById.size());
  if (name.ends_with("-nst")) name.remove_suffix(4);
  return name;
}

void compare(const Drive& first, const Drive& drive, Reporter& report) {
  const uint32_t a = *first.device->drive_index, b = *drive.device->drive_index;
  if (a == b || !first.changer || !drive.changer || first.sd == drive.sd) return;
  const auto where = [](const Drive& d) {
    return d.device->drive_index.given ? place(d.config(), d.device->drive_index) : place(d.config(), d.device->at);
  };
  Finding& finding =
      report.add(where(drive),
                 fmt::format("Device \"{}\" has Drive Index {}, but {} has {} for the same drive ({})",
                             *drive.device->name, b, name_of(*first.sd), a, *drive.device->archive_device),
                 "write the number that the library gives the drive, the same on every host: "
                 "shstore-changer inventory shows it");
  finding.notes.push_back({where(first), "the other one is here"});
}

void check(const Site& site, const Surroundings&, Reporter& report) {
  if (site.sds.size() < 2) return;
  std::unordered_map<std::string_view, Drive> first_with;
  std::vector<DriveRef> told;
  for (const Drive& drive : report.drives()) {
    const std::string_view name = name_of_drive(*drive.device);
    if (name.empty()) continue;
    const auto [entry, is_first] = first_with.try_emplace(name, drive);
    if (!is_first) {
      compare(entry->second, drive, report);
      told.push_back(drive.ref);
    }
  }
  for (const auto& group : site.same_drive) {
    for (size_t i = 1; i < group.size(); ++i) {
      if (std::find(told.begin(), told.end(), group[i]) == told.end())
        compare(drive_at(site, group.front()), drive_at(site, group[i]), report);
    }
  }
}

}  // namespace

const Rule shs051{
    "SHS051", Level::error, "one drive has different Drive Indexes on two hosts", check,
    R"(What: Two hosts name the same drive (by its /dev/tape/by-id name, or as their inventories know it) and give it
different Drive Indexes.

Why: The Drive Index is the number by which the robot is told where to put a tape: the library's own order, which is
the same for every host. With two numbers, one of the hosts loads its tapes into another drive than the one that it
then opens, and unloads those of another host.

Example:
    Device { Name = Drive-0; Archive Device = /dev/tape/by-id/scsi-HU1-nst; Drive Index = 0; ... }   # on cibou
    Device { Name = Drive-0; Archive Device = /dev/tape/by-id/scsi-HU1-nst; Drive Index = 1; ... }   # on dir

Fix: Ask the library: `shstore-changer /dev/sg2 inventory` lists each drive with its number and serial number.)"};

}  // namespace shstore::config::lint
