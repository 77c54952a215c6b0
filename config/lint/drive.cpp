#include "config/lint/drive.h"

#include <fmt/format.h>

#include "config/command_words.h"
#include "config/document.h"

namespace shstore::config::lint {

Drive drive_at(const Site& site, const DriveRef& ref) {
  Drive drive;
  drive.ref = ref;
  drive.sd = &site.sds[ref.sd];
  drive.device = &drive.sd->config.devices[ref.device];
  const auto& changers = site.members[ref.sd].changers[ref.device];
  if (!changers.empty()) drive.changer = &drive.sd->config.autochangers[changers.front()];
  if (!drive.device->lock_command->empty()) {
    drive.lock_command = &drive.device->lock_command;
  } else if (drive.changer && !drive.changer->lock_command->empty()) {
    drive.lock_command = &drive.changer->lock_command;
  }
  const SdDevice& device = *drive.device;
  drive.archive = node_kind(*device.archive_device);
  drive.control = node_kind(*device.control_device);
  drive.is_tape = is_tape(device);
  drive.is_tape_like = drive.is_tape || is_tape_like(device);
  drive.has_numbered_node = (drive.archive != NodeKind::other && is_numbered_node(*device.archive_device)) ||
                            (drive.control != NodeKind::other && is_numbered_node(*device.control_device));
  return drive;
}

std::vector<Drive> all_drives(const Site& site) {
  size_t count = 0;
  for (const SiteSd& sd : site.sds) count += sd.config.devices.size();
  std::vector<Drive> drives;
  drives.reserve(count);
  for (size_t sd = 0; sd < site.sds.size(); ++sd) {
    for (size_t i = 0; i < site.sds[sd].config.devices.size(); ++i) drives.push_back(drive_at(site, {sd, i}));
  }
  return drives;
}

Drives::Drives(const Site& site) : site_(&site), all_(all_drives(site)) {
  size_t first = 0;
  for (const SiteSd& sd : site.sds) {
    first_.push_back(first);
    first += sd.config.devices.size();
  }
}

std::vector<Drive> Drives::of(size_t sd, size_t changer) const {
  std::vector<Drive> drives;
  if (!site_) return drives;
  const auto& listings = site_->members[sd].drives[changer];
  drives.reserve(listings.size());
  for (const Membership::Listing& listing : listings) drives.push_back(all_[first_[sd] + listing.device]);
  return drives;
}

std::vector<Drive> drives_of(const Site& site, size_t sd, size_t changer) {
  std::vector<Drive> drives;
  for (const Membership::Listing& listing : site.members[sd].drives[changer]) {
    drives.push_back(drive_at(site, {sd, listing.device}));
  }
  return drives;
}

bool is_tape(const SdDevice& device) {
  if (device.device_type->empty()) return is_tape_node(*device.archive_device);
  return same_name(*device.device_type, "Tape");
}

bool is_tape_like(const SdDevice& device) {
  return is_tape(device) || same_name(*device.device_type, "Vtape") || same_name(*device.device_type, "Vtl");
}

std::string_view changer_command(const Drive& drive) {
  if (drive.device->changer_command.given || !drive.changer) return *drive.device->changer_command;
  return *drive.changer->changer_command;
}

bool is_virtual_changer(std::string_view changer_command) {
  return changer_command.empty() || changer_command == "/dev/null";
}

std::vector<ChangerCommand> changer_commands(const Site& site) {
  std::vector<ChangerCommand> all;
  for (const SiteSd& sd : site.sds) {
    for (const auto& changer : sd.config.autochangers) {
      all.push_back({&sd.config, &changer.changer_command, "Autochanger", *changer.name});
    }
    for (const auto& device : sd.config.devices) {
      if (device.changer_command.given) all.push_back({&sd.config, &device.changer_command, "Device", *device.name});
    }
  }
  return all;
}

bool runs_our_changer(std::string_view changer_command) {
  return runs_program(command_words(changer_command), "shstore-changer");
}

bool OurChanger::is_run_by(std::string_view changer_command) {
  if (last_ == changer_command) return answer_;
  last_ = changer_command;
  return answer_ = runs_our_changer(changer_command);
}

std::string ChangerCommand::owner() const { return fmt::format("{} \"{}\"", type, name); }

std::string name_of(const SiteSd& sd) {
  if (!sd.host.empty()) return sd.host;
  if (sd.config.storage && !sd.config.storage->name->empty()) return std::string(*sd.config.storage->name);
  return sd.path;
}

}  // namespace shstore::config::lint
