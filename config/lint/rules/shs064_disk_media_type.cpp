#include <fmt/format.h>

#include <string_view>
#include <unordered_map>

#include "config/lint/drive.h"
#include "config/lint/rules/rules.h"

namespace shstore::config::lint {
namespace {

bool is_disk(const SdDevice& device) {
  return same_name(*device.device_type, "File") ||
         (device.device_type->empty() && device.archive_device->starts_with("/") &&
          !device.archive_device->starts_with("/dev/"));
}

std::string_view folder(std::string_view path) {
  std::string_view text = path;
  while (text.size() > 1 && text.ends_with('/')) text.remove_suffix(1);
  return text;
}

void check(const Site& site, const Surroundings&, Reporter& report) {
  for (size_t sd = 0; sd < site.sds.size(); ++sd) {
    const SdConfig& config = site.sds[sd].config;
    std::unordered_map<std::string_view, const SdDevice*> by_type;
    for (size_t i = 0; i < config.devices.size(); ++i) {
      const SdDevice& device = config.devices[i];
      if (!is_disk(device) || device.media_type->empty() || !*device.enabled) continue;
      const auto [found, is_new] = by_type.try_emplace(*device.media_type, &device);
      if (is_new || folder(*found->second->archive_device) == folder(*device.archive_device)) continue;
      Finding& finding = report.add(
          place(config, device.media_type),
          fmt::format(
              "Device \"{}\" keeps its Volumes in {}, Device \"{}\" in {}, and both have Media Type \"{}\": a restore may "
              "look in the wrong one",
              *device.name, *device.archive_device, *found->second->name, *found->second->archive_device,
              *device.media_type),
          "write a Media Type of its own for each directory");
      finding.notes.push_back({place(config, found->second->media_type), "the other one is here"});
    }
  }
}

}  // namespace

const Rule shs064{
    "SHS064", Level::info, "disk Volumes in two directories have one Media Type", check,
    R"(What: Two Devices of one bacula-sd.conf that write files have different Archive Devices and one Media Type.

Why: Bacula takes Volumes of one Media Type for such as any of its Devices can read. A job that writes to one
directory may be given a Volume of the other one. A restore of several Volumes changes the Device only if the
Media Type changes. And if the catalog's Storage is no longer there, a restore uses the first one of that Media
Type. In each case the Volume is not in the directory, and the job waits for a mount.

Example:
    Device { Name = Disk1; Media Type = File; Archive Device = /backup/1; ... }
    Device { Name = Disk2; Media Type = File; Archive Device = /backup/2; ... }

Fix: Media Type = File1 and Media Type = File2, in the Director's Storages too.

Source: dird/next_vol.c, find_next_volume_for_append(); stored/acquire.c, acquire_device_for_read(); dird/ua_restore.c,
find_storage_resource().)"};

}  // namespace shstore::config::lint
