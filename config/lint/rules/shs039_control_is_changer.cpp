#include <fmt/format.h>

#include <string_view>
#include <unordered_map>

#include "config/lint/drive.h"
#include "config/lint/device_path.h"
#include "config/lint/rules/rules.h"

namespace shstore::config::lint {
namespace {

using ChangerDevices = std::unordered_map<std::string_view, const TextValue*>;

ChangerDevices changer_devices(const SdConfig& config) {
  ChangerDevices devices;
  for (const SdAutochanger& changer : config.autochangers) {
    devices.try_emplace(*changer.changer_device, &changer.changer_device);
  }
  for (const SdDevice& device : config.devices) devices.try_emplace(*device.changer_device, &device.changer_device);
  devices.erase("");
  devices.erase("/dev/null");  // Bacula's virtual changer
  return devices;
}

void check_sd(const SiteSd& sd, Reporter& report) {
  const ChangerDevices changers = changer_devices(sd.config);
  for (const SdDevice& device : sd.config.devices) {
    const TextValue& control = device.control_device;
    if (control->empty()) continue;
    const auto changer = changers.find(*control);
    const bool is_known_changer = sd.inventory && sd.inventory->changer_at(*control);
    if (changer == changers.end() && !is_known_changer && !is_robot_node(*control)) continue;
    Finding& finding =
        report.add(place(sd.config, control),
                   fmt::format("Device \"{}\": its Control Device {} is the library's robot, not the drive",
                               *device.name, *control),
                   "write the generic node of the drive: the line with \"tape\" in `lsscsi -g`");
    if (changer != changers.end()) {
      finding.notes.push_back({place(sd.config, *changer->second), "it is a Changer Device here"});
    }
  }
}

void check(const Site& site, const Surroundings&, Reporter& report) {
  for (const SiteSd& sd : site.sds) check_sd(sd, report);
}

}  // namespace

const Rule shs039{
    "SHS039", Level::error, "a Control Device is the robot's", check,
    R"(What: The Control Device of a drive is also a Changer Device of the same bacula-sd.conf, or its name is a
robot's (/dev/sch0, /dev/changer, a by-id name with -changer), or the host's inventory says that it is a
medium changer.

Why: The lock would be taken on the robot: the drive stays open to every other host, and the robot refuses to
move tapes for them, or does not know reservations at all.

Example:
    Autochanger { Name = LTO; Changer Device = /dev/sg2; ... }
    Device { Name = Drive-0; Archive Device = /dev/nst0; Control Device = /dev/sg2; ... }

Fix: `lsscsi -g` lists the drive as "tape" and the robot as "mediumx". Write the drive's:
    Control Device = /dev/sg0)"};

}  // namespace shstore::config::lint
