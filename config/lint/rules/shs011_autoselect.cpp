#include <fmt/format.h>

#include <set>

#include "config/lint/drive.h"
#include "config/lint/rules/rules.h"

namespace shstore::config::lint {
namespace {

/// The drives that a Storage of the Director names, and the Storage Daemons that it uses at all.
struct Named {
  std::set<DriveRef> drives;
  std::set<size_t> sds;
  std::set<size_t> misunderstood;  ///< a name that does not fit (SHS014) may be meant for any drive of these
};

Named named_by_director(const Site& site) {
  Named named;
  for (const StorageLink& link : site.links) {
    if (!link.sd) continue;
    named.sds.insert(*link.sd);
    for (const DeviceTarget& target : link.devices) {
      if (target.kind == DeviceTarget::Kind::device) named.drives.insert({*link.sd, target.index});
      if (target.kind == DeviceTarget::Kind::unknown) named.misunderstood.insert(*link.sd);
    }
  }
  return named;
}

void check_changer(const SdConfig& config, const SdAutochanger& changer, const std::vector<Drive>& drives,
                   Reporter& report) {
  const Drive* first = nullptr;
  for (const Drive& drive : drives) {
    if (!*drive.device->enabled) continue;
    if (*drive.device->auto_select) return;
    if (!first) first = &drive;
  }
  if (!first) return;
  Finding& finding =
      report.add(place(config, changer.at),
                 fmt::format("every drive of Autochanger \"{}\" has AutoSelect = no: no job can use the Autochanger",
                             *changer.name),
                 "leave AutoSelect = no only in the drives that are kept for jobs that name them");
  finding.notes.push_back({place(config, first->device->auto_select), "the first one is here"});
}

void check_reachable(const Drive& drive, const Named& named, Reporter& report) {
  const SdDevice& device = *drive.device;
  if (!drive.changer || *device.auto_select || !*device.enabled) return;
  if (!named.sds.contains(drive.ref.sd) || named.misunderstood.contains(drive.ref.sd)) return;
  if (named.drives.contains(drive.ref)) return;
  Finding& finding = report.add(place(drive.config(), device.auto_select),
                                fmt::format("Device \"{}\" has AutoSelect = no, and no Storage of the Director names "
                                            "it: no job can use it",
                                            *device.name),
                                fmt::format("give it a Storage resource in bacula-dir.conf with Device = {}, or remove "
                                            "AutoSelect = no",
                                            *device.name));
  finding.level = Level::warning;
}

void check(const Site& site, const Surroundings&, Reporter& report) {
  const Named named = named_by_director(site);
  for (size_t sd = 0; sd < site.sds.size(); ++sd) {
    const SdConfig& config = site.sds[sd].config;
    for (size_t c = 0; c < config.autochangers.size(); ++c) {
      check_changer(config, config.autochangers[c], report.drives_of(sd, c), report);
    }
  }
  for (const Drive& drive : report.drives()) check_reachable(drive, named, report);
}

}  // namespace

const Rule shs011{"SHS011", Level::error, "a drive that no job can use, because of AutoSelect = no", check,
                  R"(What: All enabled drives of an Autochanger have AutoSelect = no; or one has it, and no Storage
resource of the Director names that drive.

Why: A job that asks for the Autochanger gets a drive with AutoSelect = yes only. The others are for jobs
whose Storage names the drive itself, for restores for instance. If there is no such Storage, the drive
stands idle, and bconsole cannot even mount a tape in it: it skips such drives as well.

Example:
    Device { Name = Drive-1; AutoSelect = no; ... }        # bacula-sd.conf: reserved for restores
    Autochanger { Name = Changer-1; Device = LTO; ... }    # bacula-dir.conf: nothing has Device = Drive-1

Fix: Give the drive a Storage resource in bacula-dir.conf:
    Storage { Name = Changer-1-Drive1; Device = Drive-1; Autochanger = Changer-1; ... })"};

}  // namespace shstore::config::lint
