#include "config/site.h"

#include <fmt/format.h>

#include <algorithm>
#include <functional>
#include <set>
#include <string_view>
#include <unordered_map>

#include "config/host_name.h"

namespace shstore::config {
namespace {

using Numbers = std::vector<size_t>;

bool is_wildcard(std::string_view host) { return host == "0.0.0.0" || host == "::"; }

std::string endpoint(std::string_view host, uint32_t port) { return fmt::format("{} {}", host, port); }

/// The hosts and addresses under which an SD can be reached for certain.
std::vector<std::string> hosts_of(const SiteSd& sd) {
  std::vector<std::string> hosts;
  if (!sd.host.empty()) hosts.push_back(host_key(sd.host));
  if (!sd.config.storage) return hosts;
  for (const TextValue& address : sd.config.storage->sd_addresses) {
    if (!is_wildcard(*address)) hosts.push_back(host_key(*address));
  }
  return hosts;
}

uint32_t port_of(const SiteSd& sd) {
  return sd.config.storage ? *sd.config.storage->sd_port : SdStorage().sd_port.value;
}

/// SDs by what a Storage may know of them.
class Daemons {
 public:
  Daemons(const std::vector<SiteSd>& sds, std::string_view director) {
    for (size_t i = 0; i < sds.size(); ++i) add(i, sds[i], director);
  }

  const Numbers& at(std::string_view host, uint32_t port) const {
    const auto whole = endpoint(host, port);  // named: g++ 13 takes what find returns for a part of it
    const Numbers& exactly = find(by_endpoint_, whole);
    if (!exactly.empty()) return exactly;
    const std::string_view part = short_host_name(host);
    return part.empty() ? find(by_short_endpoint_, endpoint(host, port)) : find(by_endpoint_, endpoint(part, port));
  }

  const Numbers& with_password(std::string_view password) const { return find(by_password_, password); }

  /// SDs that have something of each of these names.
  Numbers with_devices(const std::vector<TextValue>& names) const {
    if (names.empty()) return {};
    Numbers result = find(by_device_, *names.front());
    const auto lacks_one = [&](size_t sd) {
      return std::any_of(names.begin(), names.end(),
                         [&](const TextValue& name) { return !targets_[sd].contains(*name); });
    };
    result.erase(std::remove_if(result.begin(), result.end(), lacks_one), result.end());
    return result;
  }

  DeviceTarget target(size_t sd, std::string_view name) const {
    const auto found = targets_[sd].find(name);
    return found == targets_[sd].end() ? DeviceTarget() : found->second;
  }

  /// Is it certain that this SD does not listen there?
  bool is_elsewhere(size_t sd, std::string_view host, uint32_t port) const {
    if (ports_[sd] != port) return true;
    bool may_be_there = true;
    for (const std::string& known : hosts_[sd]) {
      if (is_same_host(known, host)) return false;
      if (is_numeric_host(known) == is_numeric_host(host)) may_be_there = false;
    }
    return !may_be_there;
  }

 private:
  struct Hash {
    using is_transparent = void;
    size_t operator()(std::string_view text) const { return std::hash<std::string_view>()(text); }
  };
  using Index = std::unordered_map<std::string, Numbers, Hash, std::equal_to<>>;

  static const Numbers& find(const Index& index, std::string_view key) {
    static const Numbers none;
    const auto found = index.find(key);
    return found == index.end() ? none : found->second;
  }

  static void put(Index& index, std::string_view key, size_t sd) {
    Numbers& numbers = index.try_emplace(std::string(key)).first->second;
    if (numbers.empty() || numbers.back() != sd) numbers.push_back(sd);
  }

  void add(size_t number, const SiteSd& sd, std::string_view director) {
    ports_.push_back(port_of(sd));
    hosts_.push_back(hosts_of(sd));
    for (const std::string& host : hosts_.back()) {
      put(by_endpoint_, endpoint(host, ports_.back()), number);
      const std::string_view part = short_host_name(host);
      if (!part.empty()) put(by_short_endpoint_, endpoint(part, ports_.back()), number);
    }
    for (const SdDirector& known : sd.config.directors) {
      const bool is_ours = director.empty() || *known.name == director;
      if (is_ours && known.password.given) put(by_password_, *known.password, number);
    }
    targets_.emplace_back();
    const auto name_all = [&](const auto& resources, DeviceTarget::Kind kind) {
      for (size_t i = 0; i < resources.size(); ++i) {
        targets_.back().try_emplace(*resources[i].name, DeviceTarget{kind, i});
        put(by_device_, *resources[i].name, number);
      }
    };
    name_all(sd.config.autochangers, DeviceTarget::Kind::autochanger);
    name_all(sd.config.devices, DeviceTarget::Kind::device);
  }

  Index by_endpoint_, by_short_endpoint_, by_password_, by_device_;
  std::vector<uint32_t> ports_;
  std::vector<std::vector<std::string>> hosts_;
  std::vector<std::unordered_map<std::string_view, DeviceTarget>> targets_;
};

/// Finds each Storage's SD by the steps in site.h.
class Joiner {
 public:
  Joiner(const DirConfig& director, const Daemons& daemons, std::vector<StorageLink>& links)
      : storages_(director.storages), daemons_(daemons), links_(links) {
    for (const DirStorage& storage : storages_) {
      hosts_.push_back(host_key(*storage.address));
      if (storage.password.given) endpoints_with_[*storage.password].insert(endpoint_of(hosts_.size() - 1));
    }
  }

  void run() {
    for (size_t i = 0; i < storages_.size(); ++i) join(i);
    join_neighbours();
    for (size_t i = 0; i < storages_.size(); ++i) find_targets(i);
  }

 private:
  using By = StorageLink::By;

  std::string endpoint_of(size_t storage) const { return endpoint(hosts_[storage], *storages_[storage].sd_port); }

  void join(size_t i) {
    const Numbers& there = storages_[i].address.given ? daemons_.at(hosts_[i], *storages_[i].sd_port) : none_;
    if (there.size() == 1) return link(i, there.front(), By::address);
    const auto is_possible = [&](size_t sd) {
      if (!there.empty()) return std::binary_search(there.begin(), there.end(), sd);
      return !storages_[i].address.given || !daemons_.is_elsewhere(sd, hosts_[i], *storages_[i].sd_port);
    };
    const Numbers with_password = storages_[i].password.given ? daemons_.with_password(*storages_[i].password) : none_;
    if (storages_[i].password.given && endpoints_with_.at(*storages_[i].password).size() == 1) {
      const Numbers possible = filter(with_password, is_possible);
      if (possible.size() == 1) return link(i, possible.front(), By::password);
    }
    Numbers with_devices = daemons_.with_devices(storages_[i].devices);
    if (!there.empty()) with_devices = filter(with_devices, is_possible);
    join_by_devices(i, with_devices, with_password, is_possible);
  }

  void join_by_devices(size_t i, const Numbers& with_devices, const Numbers& with_password,
                       const std::function<bool(size_t)>& is_possible) {
    const Numbers with_both = filter(
        with_devices, [&](size_t sd) { return std::binary_search(with_password.begin(), with_password.end(), sd); });
    if (with_both.size() == 1) return link(i, with_both.front(), By::devices);
    const Numbers possible = filter(with_both.empty() ? with_devices : with_both, is_possible);
    if (possible.size() == 1) link(i, possible.front(), By::devices);
  }

  void join_neighbours() {
    std::unordered_map<std::string, std::set<size_t>> sds_at;
    for (size_t i = 0; i < storages_.size(); ++i) {
      if (links_[i].sd && storages_[i].address.given) sds_at[endpoint_of(i)].insert(*links_[i].sd);
    }
    for (size_t i = 0; i < storages_.size(); ++i) {
      if (links_[i].sd || !storages_[i].address.given) continue;
      const auto found = sds_at.find(endpoint_of(i));
      if (found != sds_at.end() && found->second.size() == 1) link(i, *found->second.begin(), By::same_address);
    }
  }

  void find_targets(size_t i) {
    StorageLink& result = links_[i];
    for (const TextValue& name : storages_[i].devices) {
      result.devices.push_back(result.sd ? daemons_.target(*result.sd, *name) : DeviceTarget());
    }
    if (result.devices.empty()) return;
    result.target = result.devices.front().kind;
    result.index = result.devices.front().index;
  }

  void link(size_t storage, size_t sd, By by) {
    links_[storage].sd = sd;
    links_[storage].by = by;
  }

  template <class Predicate>
  static Numbers filter(const Numbers& numbers, const Predicate& wanted) {
    Numbers result;
    std::copy_if(numbers.begin(), numbers.end(), std::back_inserter(result), wanted);
    return result;
  }

  const Numbers none_;
  const std::vector<DirStorage>& storages_;
  const Daemons& daemons_;
  std::vector<StorageLink>& links_;
  std::vector<std::string> hosts_;                                              ///< of each Storage
  std::unordered_map<std::string_view, std::set<std::string>> endpoints_with_;  ///< by password
};

void join_storages(const DirConfig& director, std::vector<StorageLink>& links) {
  std::unordered_map<std::string_view, size_t> by_name;
  for (size_t i = 0; i < director.storages.size(); ++i) by_name.try_emplace(*director.storages[i].name, i);
  const auto find = [&](const TextValue& name) -> std::optional<size_t> {
    const auto found = name.given ? by_name.find(*name) : by_name.end();
    return found == by_name.end() ? std::nullopt : std::optional(found->second);
  };
  const auto is_yes_or_no = [](std::string_view written) {
    return same_name(written, "yes") || same_name(written, "no") || same_name(written, "true") ||
           same_name(written, "false");
  };
  for (size_t i = 0; i < director.storages.size(); ++i) {
    const DirStorage& storage = director.storages[i];
    links[i].shared_with = find(storage.shared_storage);
    const bool names_one = storage.autochanger.given && !is_yes_or_no(*storage.autochanger);
    if (names_one) links[i].changer = find(storage.autochanger);
    if (!names_one && storage.is_autochanger_resource) links[i].changer = i;
  }
}

/// What tells this drive from all others, or nothing if the inventory does not know it.
std::string physical_drive(const SiteSd& sd, const SdDevice& device) {
  for (const TextValue* node : {&device.archive_device, &device.control_device}) {
    const InventoryDevice* const drive = node->given ? sd.inventory->device_at(**node) : nullptr;
    if (!drive) continue;
    if (!drive->serial.empty()) return "serial " + drive->serial;
    if (!drive->designator.empty()) return "designator " + drive->designator;
  }
  return {};
}

std::vector<std::vector<DriveRef>> join_drives(const std::vector<SiteSd>& sds) {
  std::unordered_map<std::string, size_t> group_of;
  std::vector<std::vector<DriveRef>> groups;
  for (size_t sd = 0; sd < sds.size(); ++sd) {
    if (!sds[sd].inventory) continue;
    for (size_t device = 0; device < sds[sd].config.devices.size(); ++device) {
      const std::string drive = physical_drive(sds[sd], sds[sd].config.devices[device]);
      if (drive.empty()) continue;
      const auto [entry, is_new] = group_of.try_emplace(drive, groups.size());
      if (is_new) groups.emplace_back();
      groups[entry->second].push_back({sd, device});
    }
  }
  const auto is_one_sds = [](const std::vector<DriveRef>& group) { return group.front().sd == group.back().sd; };
  groups.erase(std::remove_if(groups.begin(), groups.end(), is_one_sds), groups.end());
  return groups;
}

}  // namespace

Site::Site(std::optional<DirConfig> dir, std::vector<SiteSd> daemons)
    : director(std::move(dir)), sds(std::move(daemons)), same_drive(join_drives(sds)) {
  for (const SiteSd& sd : sds) members.push_back(membership(sd.config));
  if (!director) return;
  links.resize(director->storages.size());
  const std::string_view name = director->director ? *director->director->name : std::string_view();
  Joiner(*director, Daemons(sds, name), links).run();
  join_storages(*director, links);
}

}  // namespace shstore::config
