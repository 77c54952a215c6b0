#include <fmt/format.h>

#include <functional>
#include <span>
#include <string_view>
#include <unordered_map>

#include "config/lint/device_path.h"
#include "config/lint/drive.h"
#include "config/lint/duplicates.h"
#include "config/lint/rules/rules.h"

namespace shstore::config::lint {
namespace {

using FirstWith = std::unordered_map<std::string, const Drive*>;

/// /dev/st0 and /dev/nst0 are one drive.
std::string drive_path(std::string_view path) {
  std::string other_name = non_rewinding(path);
  return other_name.empty() ? std::string(path) : other_name;
}

bool report_if_used(const Drive& drive, const TextValue& path, std::string_view directive, TextValue SdDevice::*member,
                    FirstWith& first_with, Reporter& report) {
  const auto [entry, is_new] = first_with.try_emplace(drive_path(*path), &drive);
  if (is_new) return false;
  const Drive& first = *entry->second;
  const bool shared = drive.lock_command || first.lock_command;
  const TextValue& other = first.device->*member;
  const std::string other_name = *other == *path ? "" : fmt::format(", there called {}", *other);
  Finding& finding = report.add(place(drive.config(), path),
                                fmt::format("Device \"{}\" has {} {}, which Device \"{}\" has as well{}",
                                            *drive.device->name, directive, *path, *first.device->name, other_name),
                                "a drive needs one Device resource: correct the path, or remove one of the two");
  if (!shared) finding.level = Level::warning;
  finding.notes.push_back({place(first.config(), other), "the first one is here"});
  return true;
}

uint64_t hash_of(std::string_view path, NodeKind kind) {
  if (kind != NodeKind::rewinding) return std::hash<std::string_view>()(path);
  return std::hash<std::string_view>()(drive_path(path));
}

uint64_t hash_of_archive(const Drive& drive) { return hash_of(*drive.device->archive_device, drive.archive); }
uint64_t hash_of_control(const Drive& drive) { return hash_of(*drive.device->control_device, drive.control); }

bool has_archive(const Drive& drive) { return drive.is_tape_like && !drive.device->archive_device->empty(); }
bool has_control(const Drive& drive) {
  const std::string_view control = *drive.device->control_device;
  return !control.empty() && control != "/dev/null";
}

void check_sd(std::span<const Drive> drives, Reporter& report) {
  Duplicates same_archive, same_control;
  same_archive.reserve(drives.size());
  same_control.reserve(drives.size());
  for (const Drive& drive : drives) {
    if (!*drive.device->enabled) continue;
    if (has_archive(drive)) same_archive.add(hash_of_archive(drive));
    if (has_control(drive)) same_control.add(hash_of_control(drive));
  }
  same_archive.find();
  same_control.find();
  if (same_archive.empty() && same_control.empty()) return;
  FirstWith archives, controls;
  for (const Drive& drive : drives) {
    const SdDevice& device = *drive.device;
    if (!*device.enabled) continue;
    const bool may_be_archive = has_archive(drive) && same_archive.contains(hash_of_archive(drive));
    const bool may_be_control = has_control(drive) && same_control.contains(hash_of_control(drive));
    const bool is_reported = may_be_archive && report_if_used(drive, device.archive_device, "Archive Device",
                                                              &SdDevice::archive_device, archives, report);
    if (!is_reported && may_be_control) {
      report_if_used(drive, device.control_device, "Control Device", &SdDevice::control_device, controls, report);
    }
  }
}

void check(const Site& site, const Surroundings&, Reporter& report) {
  std::span<const Drive> rest = report.drives();
  for (const SiteSd& sd : site.sds) {
    const size_t count = sd.config.devices.size();
    check_sd(rest.first(count), report);
    rest = rest.subspan(count);
  }
}

}  // namespace

const Rule shs003{
    "SHS003", Level::error, "two Devices of one Storage Daemon are the same drive", check,
    R"(What: Two enabled Device resources of one bacula-sd.conf have the same Archive Device (a tape) or the
same Control Device. /dev/st0 and /dev/nst0 count as the same.

Why: Bacula takes them for two drives and gives each a job of its own. The second open of the tape fails with
"device busy", or its job waits for a tape that the first one has. With a Control Device that belongs to
another drive, the lock protects the wrong drive, and another host writes to the one that is in use. Without
a Lock Command it is a warning only: some sites have two Devices for one drive on purpose, and never use
both.

Example:
    Device { Name = Drive-0; Archive Device = /dev/nst0; Control Device = /dev/sg0; ... }
    Device { Name = Drive-1; Archive Device = /dev/nst1; Control Device = /dev/sg0; ... }   # is /dev/sg1

Fix: `lsscsi -g` shows which /dev/st and /dev/sg belong together; write each drive's own. Of two Devices for
one drive remove one, or set Enabled = no in it.)"};

}  // namespace shstore::config::lint
