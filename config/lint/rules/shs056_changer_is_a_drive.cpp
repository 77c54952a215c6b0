#include <fmt/format.h>

#include <string_view>
#include <unordered_map>

#include "config/lint/device_path.h"
#include "config/lint/drive.h"
#include "config/lint/rules/rules.h"

namespace shstore::config::lint {
namespace {

/// What changers are named by, each with the first drive of that name. Not the other way round: there are few changers
/// and many drives.
using DriveAt = std::unordered_map<std::string_view, const SdDevice*>;

DriveAt drives_named_as_changers(const SdConfig& config) {
  DriveAt drives;
  const auto expect = [&](std::string_view changer) {
    if (!changer.empty()) drives.try_emplace(changer, nullptr);
  };
  for (const SdAutochanger& changer : config.autochangers) expect(*changer.changer_device);
  for (const SdDevice& device : config.devices) expect(*device.changer_device);
  if (drives.empty()) return drives;
  for (const SdDevice& device : config.devices) {
    const auto found = drives.find(*device.archive_device);
    if (found != drives.end() && !found->second && is_tape_like(device)) found->second = &device;
  }
  return drives;
}

void check_changer(const SdConfig& config, const TextValue& changer, std::string_view type, std::string_view name,
                   const DriveAt& drives, Reporter& report) {
  if (changer->empty()) return;
  const SdDevice* const same = drives.at(*changer);
  if (!same && !is_tape_node(*changer)) return;
  Finding& finding = report.add(
      place(config, changer),
      fmt::format("{} \"{}\": its Changer Device {} is a tape drive, not the library's robot", type, name, *changer),
      "write the generic node of the robot: the line with \"mediumx\" in `lsscsi -g`");
  if (same) finding.notes.push_back({place(config, same->archive_device), "it is a drive here"});
}

void check(const Site& site, const Surroundings&, Reporter& report) {
  for (const SiteSd& sd : site.sds) {
    const DriveAt drives = drives_named_as_changers(sd.config);
    for (const SdAutochanger& changer : sd.config.autochangers) {
      check_changer(sd.config, changer.changer_device, "Autochanger", *changer.name, drives, report);
    }
    for (const SdDevice& device : sd.config.devices) {
      check_changer(sd.config, device.changer_device, "Device", *device.name, drives, report);
    }
  }
}

}  // namespace

const Rule shs056{
    "SHS056", Level::error, "a Changer Device is a tape drive", check,
    R"(What: The Changer Device is named as only tape drives are (/dev/nst0, a by-id name with -nst or no ending), or is the
Archive Device of a drive in the same bacula-sd.conf.

Why: mtx and shstore-changer send a robot's commands to it. A drive refuses them, so that no tape is ever
loaded; opened by a rewinding name, the tape is rewound under a job's feet. In by-id names a robot's ends with
-changer; without that ending it is a drive's rewinding node.

Example:
    Autochanger { Name = LTO; Changer Device = /dev/nst0; ... }

Fix: `lsscsi -g` lists the robot as "mediumx". Write its generic node, best by its by-id name:
    Changer Device = /dev/tape/by-id/scsi-1HP_MSL_G3-changer

Source: systemd's pull request 22676: robots and drives with one identity, so that the name without ending is sometimes
one and sometimes the other; 60-persistent-storage-tape.rules.)"};

}  // namespace shstore::config::lint
