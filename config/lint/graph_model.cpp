#include "config/lint/graph_model.h"

#include <fmt/format.h>

#include <map>

#include "config/lint/drive.h"

namespace shstore::config::lint {
namespace {

const InventoryDevice* device_behind(const SiteSd& sd, const SdDevice& device) {
  if (!sd.inventory) return nullptr;
  const InventoryDevice* const found = sd.inventory->device_at(*device.archive_device);
  return found ? found : sd.inventory->device_at(*device.control_device);
}

Hardware hardware(const InventoryDevice* device) {
  if (!device) return {};
  const std::string gap = device->vendor.empty() || device->product.empty() ? "" : " ";
  return {device->vendor + gap + device->product, device->serial.empty() ? device->designator : device->serial, {}};
}

void add_drives(const Site& site, GraphModel& model) {
  for (const std::vector<DriveRef>& group : site.same_drive) {
    const DriveRef& first = group.front();
    Hardware drive = hardware(device_behind(site.sds[first.sd], site.device(first)));
    drive.used_by = group;
    for (const DriveRef& ref : group) model.drive_of[ref.sd][ref.device] = model.drives.size();
    model.drives.push_back(std::move(drive));
  }
}

/// Changers are the same if their serial numbers are.
void add_changers(const Site& site, GraphModel& model) {
  std::map<std::string, size_t> by_serial;
  std::vector<Hardware> all;
  for (size_t sd = 0; sd < site.sds.size(); ++sd) {
    if (!site.sds[sd].inventory) continue;
    const Inventory& inventory = *site.sds[sd].inventory;
    const auto& changers = site.sds[sd].config.autochangers;
    for (size_t i = 0; i < changers.size(); ++i) {
      const InventoryDevice* const device = inventory.device_at(*changers[i].changer_device);
      if (!device || device->serial.empty()) continue;
      const auto [entry, is_new] = by_serial.try_emplace(device->serial, all.size());
      if (is_new) all.push_back(hardware(device));
      all[entry->second].used_by.push_back({sd, i});
    }
  }
  for (Hardware& changer : all) {
    if (changer.used_by.size() < 2) continue;
    for (const DriveRef& ref : changer.used_by) model.changer_of[ref.sd][ref.device] = model.changers.size();
    model.changers.push_back(std::move(changer));
  }
}

}  // namespace

GraphModel graph_model(const Site& site) {
  GraphModel model;
  for (size_t sd = 0; sd < site.sds.size(); ++sd) {
    const SdConfig& config = site.sds[sd].config;
    model.drive_of.emplace_back(config.devices.size());
    model.changer_of.emplace_back(config.autochangers.size());
    std::vector<size_t> single;
    for (size_t device = 0; device < config.devices.size(); ++device) {
      if (site.members[sd].changers[device].empty()) single.push_back(device);
    }
    model.single_drives.push_back(std::move(single));
  }
  add_drives(site, model);
  add_changers(site, model);
  return model;
}

StorageTree storage_tree(const Site& site) {
  StorageTree tree;
  tree.parts.resize(site.links.size());
  for (size_t i = 0; i < site.links.size(); ++i) {
    const std::optional<size_t>& changer = site.links[i].changer;
    // What names a drive as its Autochanger, or itself in a circle, is a finding of the rules; here nothing
    // may be lost.
    const bool below = changer && *changer != i && site.links[*changer].changer.value_or(*changer) == *changer;
    if (below) {
      tree.parts[*changer].push_back(i);
    } else {
      tree.top.push_back(i);
    }
  }
  return tree;
}

std::string target_text(const Site& site, size_t storage) {
  const DirStorage& from = site.director->storages[storage];
  const StorageLink& link = site.links[storage];
  std::string names;
  for (const auto& name : from.devices) names += fmt::format("{}{}", names.empty() ? "" : ", ", *name);
  if (!link.sd) return fmt::format("{} on {}:{}, not among the files", names, *from.address, *from.sd_port);
  const std::string on = name_of(site.sds[*link.sd]);
  if (link.target == StorageLink::Target::unknown) return fmt::format("{}, unknown to {}", names, on);
  return fmt::format("{} on {}", names, on);
}

std::string one_line(std::string text) {
  for (char& c : text) {
    if (static_cast<unsigned char>(c) < 0x20 || c == 0x7F) c = '?';
  }
  return text;
}

}  // namespace shstore::config::lint
