#include <fmt/format.h>

#include <algorithm>

#include "config/lint/drive.h"
#include "config/lint/device_path.h"
#include "config/lint/rules/rules.h"

namespace shstore::config::lint {
namespace {

void check_changer(const SdConfig& config, const Value<std::string>& changer, std::string_view type,
                   const std::string& name, Reporter& report) {
  if (changer->empty()) return;
  const bool is_drive = is_tape_node(*changer);
  const auto same = std::find_if(config.devices.begin(), config.devices.end(), [&](const SdDevice& device) {
    return is_tape_like(device) && *device.archive_device == *changer;
  });
  if (!is_drive && same == config.devices.end()) return;
  Finding& finding = report.add(
      place(config, changer),
      fmt::format("{} \"{}\": its Changer Device {} is a tape drive, not the library's robot", type, name, *changer),
      "write the generic node of the robot: the line with \"mediumx\" in `lsscsi -g`");
  if (same != config.devices.end())
    finding.notes.push_back({place(config, same->archive_device), "it is a drive here"});
}

void check(const Site& site, const Surroundings&, Reporter& report) {
  for (const SiteSd& sd : site.sds) {
    for (const SdAutochanger& changer : sd.config.autochangers) {
      check_changer(sd.config, changer.changer_device, "Autochanger", *changer.name, report);
    }
    for (const SdDevice& device : sd.config.devices) {
      check_changer(sd.config, device.changer_device, "Device", *device.name, report);
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

Source: what people ask when no tape is loaded, such as github.com/bareos/bareos issue 2233, whose robot is
named by an id without ending.)"};

}  // namespace shstore::config::lint
