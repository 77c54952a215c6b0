#include "config/lint/library.h"

#include <algorithm>
#include <map>
#include <numeric>

#include "config/document.h"

namespace shstore::config::lint {
namespace {

/// Sets that grow together.
class Unions {
 public:
  explicit Unions(size_t count) : parent_(count) { std::iota(parent_.begin(), parent_.end(), size_t{0}); }

  size_t root(size_t i) {
    while (parent_[i] != i) i = parent_[i] = parent_[parent_[i]];
    return i;
  }

  void unite(size_t a, size_t b) {
    const auto [low, high] = std::minmax({root(a), root(b)});
    parent_[high] = low;
  }

 private:
  std::vector<size_t> parent_;
};

std::vector<ChangerRef> all_changers(const Site& site) {
  std::vector<ChangerRef> changers;
  for (size_t sd = 0; sd < site.sds.size(); ++sd) {
    for (size_t c = 0; c < site.sds[sd].config.autochangers.size(); ++c) changers.push_back({sd, c});
  }
  return changers;
}

void unite_by_serial(const Site& site, const std::vector<ChangerRef>& changers, Unions& unions) {
  std::map<std::string, size_t> first_with;
  for (size_t i = 0; i < changers.size(); ++i) {
    const SiteSd& sd = site.sds[changers[i].sd];
    if (!sd.inventory) continue;
    const auto& node = sd.config.autochangers[changers[i].changer].changer_device;
    const InventoryChanger* const known = sd.inventory->changer_at(*node);
    if (!known || known->serial.empty()) continue;
    const auto [entry, is_new] = first_with.try_emplace(known->serial, i);
    if (!is_new) unions.unite(entry->second, i);
  }
}

void unite_by_drives(const Site& site, const std::vector<ChangerRef>& changers, Unions& unions) {
  for (const auto& group : site.same_drive) {
    std::optional<size_t> first;
    for (const DriveRef& drive : group) {
      const auto& in = site.members[drive.sd].changers[drive.device];
      if (in.empty()) continue;
      const auto at = std::lower_bound(changers.begin(), changers.end(), ChangerRef{drive.sd, in.front()});
      const auto i = static_cast<size_t>(at - changers.begin());
      if (!first) first = i;
      unions.unite(*first, i);
    }
  }
}

}  // namespace

std::vector<std::vector<ChangerRef>> same_libraries(const Site& site) {
  const std::vector<ChangerRef> changers = all_changers(site);
  Unions unions(changers.size());
  unite_by_serial(site, changers, unions);
  unite_by_drives(site, changers, unions);
  std::map<size_t, std::vector<ChangerRef>> groups;
  for (size_t i = 0; i < changers.size(); ++i) groups[unions.root(i)].push_back(changers[i]);
  std::vector<std::vector<ChangerRef>> result;
  for (auto& [root, group] : groups) {
    if (group.front().sd != group.back().sd) result.push_back(std::move(group));
  }
  return result;
}

const InventoryDevice* known_drive(const Drive& drive) {
  if (!drive.sd->inventory) return nullptr;
  const Inventory& inventory = *drive.sd->inventory;
  const InventoryDevice* const device = inventory.device_at(*drive.device->archive_device);
  if (device || drive.device->control_device->empty()) return device;
  return inventory.device_at(*drive.device->control_device);
}

StoragesOf::StoragesOf(const Site& site) {
  for (const SiteSd& sd : site.sds) {
    autochangers_.emplace_back(sd.config.autochangers.size());
    devices_.emplace_back(sd.config.devices.size());
  }
  for (size_t i = 0; i < site.links.size(); ++i) {
    const StorageLink& link = site.links[i];
    if (!link.sd) continue;
    for (const DeviceTarget& target : link.devices) {
      if (target.kind == DeviceTarget::Kind::unknown) continue;
      const bool is_changer = target.kind == DeviceTarget::Kind::autochanger;
      auto& storages = (is_changer ? autochangers_ : devices_)[*link.sd][target.index];
      if (storages.empty() || storages.back() != i) storages.push_back(i);
    }
  }
}

const std::vector<size_t>& StoragesOf::autochanger(const ChangerRef& changer) const {
  return autochangers_[changer.sd][changer.changer];
}

const std::vector<size_t>& StoragesOf::device(const DriveRef& drive) const { return devices_[drive.sd][drive.device]; }

bool says_yes(std::string_view autochanger) { return same_name(autochanger, "yes") || same_name(autochanger, "true"); }

bool says_no(std::string_view autochanger) { return same_name(autochanger, "no") || same_name(autochanger, "false"); }

bool is_autochanger(const Site& site, size_t storage) { return site.links[storage].changer == storage; }

}  // namespace shstore::config::lint
