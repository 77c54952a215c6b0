#include <fmt/format.h>

#include "config/lint/drive.h"
#include "config/lint/rules/rules.h"

namespace shstore::config::lint {
namespace {

const Drive* other_host(const std::vector<Drive>& group, const Drive& drive, bool locked) {
  for (const Drive& other : group) {
    if (other.ref.sd != drive.ref.sd && *other.device->enabled && (other.lock_command != nullptr) == locked) {
      return &other;
    }
  }
  return nullptr;
}

void report_shared(const Drive& drive, const std::vector<Drive>& group, Reporter& report) {
  const Drive* const locked = other_host(group, drive, true);
  const Drive* const other = locked ? locked : other_host(group, drive, false);
  if (!other) return;
  Finding& finding =
      report.add(place(drive.config(), drive.device->name),
                 fmt::format("Device \"{}\" is the drive that {} calls \"{}\" and has no Lock Command{}",
                             *drive.device->name, name_of(*other->sd), *other->device->name,
                             locked ? ": it writes without asking who has the drive"
                                    : ", like the other: nothing keeps the two from writing to one tape"),
                 "write Lock Command = \"" SHSTORE_SCRIPTS_DIR "/storage-ctl %l %o\" and the Control Device");
  finding.notes.push_back({place(other->config(), other->device->name), "the other host's is here"});
}

/// Drives without a lock among drives with one, where no inventory tells whether they are shared.
void check_changer(const std::vector<Drive>& drives, const std::vector<std::vector<bool>>& is_known, Reporter& report) {
  const Drive* locked = nullptr;
  for (const Drive& drive : drives) {
    if (drive.lock_command && *drive.device->enabled && !locked) locked = &drive;
  }
  if (!locked) return;
  for (const Drive& drive : drives) {
    if (drive.lock_command || !*drive.device->enabled || is_known[drive.ref.sd][drive.ref.device]) continue;
    Finding& finding =
        report.add(place(drive.config(), drive.device->name),
                   fmt::format("Device \"{}\" has no Lock Command, but \"{}\" of the same Autochanger has one",
                               *drive.device->name, *locked->device->name),
                   "if another host can see this drive too, write its Lock Command and Control Device");
    finding.level = Level::warning;
    finding.notes.push_back({place(locked->config(), locked->device->name), "the one with a Lock Command is here"});
  }
}

void check(const Site& site, const Surroundings&, Reporter& report) {
  std::vector<std::vector<bool>> is_known;
  for (const SiteSd& sd : site.sds) is_known.emplace_back(sd.config.devices.size());
  for (const auto& refs : site.same_drive) {
    std::vector<Drive> group;
    for (const DriveRef& ref : refs) group.push_back(drive_at(site, ref));
    for (const Drive& drive : group) {
      is_known[drive.ref.sd][drive.ref.device] = true;
      if (!drive.lock_command && *drive.device->enabled) report_shared(drive, group, report);
    }
  }
  for (size_t sd = 0; sd < site.sds.size(); ++sd) {
    for (size_t c = 0; c < site.sds[sd].config.autochangers.size(); ++c) {
      check_changer(report.drives_of(sd, c), is_known, report);
    }
  }
}

}  // namespace

const Rule shs028{
    "SHS028", Level::error, "a drive that two hosts use is written to without a lock", check,
    R"(What: By the hosts' inventories Devices of two Storage Daemons are one drive, and one or both have no
Lock Command. Where the inventories do not tell, a drive without one among drives of its Autochanger
that have one is a warning.

Why: A host without a Lock Command takes no reservation and looks for none. It may start on a tape that the
other host has just positioned, or is thrown out by the drive in the middle of a job when the other host
locks it. If neither locks, both write, and the tape is destroyed while both jobs end with "Backup OK".

Example:
    Device { Name = Drive-0; Lock Command = ")" SHSTORE_SCRIPTS_DIR R"(/storage-ctl %l %o"; ... }    # cibou
    Device { Name = Drive-0; ... }      # dir: the same drive

Fix: Write Lock Command, Control Device and AlwaysOpen = no for this drive on every host that can see it.)"};

}  // namespace shstore::config::lint
