#include "config/sd_config.h"

#include <algorithm>

#include "config/directives.h"
#include "config/fields.h"
#include "config/resource_checks.h"
#include "config/resources.h"

namespace shstore::config {
namespace {

constexpr Field<SdDevice> kDeviceFields[] = {
    {"Name", &SdDevice::name},
    {"Media Type", &SdDevice::media_type},
    {"Archive Device", &SdDevice::archive_device},
    {"Control Device", &SdDevice::control_device},
    {"Lock Command", &SdDevice::lock_command},
    {"Changer Device", &SdDevice::changer_device},
    {"Changer Command", &SdDevice::changer_command},
    {"Alert Command", &SdDevice::alert_command},
    {"Spool Directory", &SdDevice::spool_directory},
    {"Device Type", &SdDevice::device_type},
    {"Drive Index", &SdDevice::drive_index},
    {"Maximum Concurrent Jobs", &SdDevice::maximum_concurrent_jobs},
    {"Always Open", &SdDevice::always_open},
    {"Autochanger", &SdDevice::autochanger},
    {"Automatic Mount", &SdDevice::automatic_mount},
    {"Removable Media", &SdDevice::removable_media},
    {"Auto Select", &SdDevice::auto_select},
    {"Enabled", &SdDevice::enabled},
    {"Read Only", &SdDevice::read_only},
    {"Label Media", &SdDevice::label_media},
    {"Random Access", &SdDevice::random_access},
    {"Offline on Unmount", &SdDevice::offline_on_unmount},
    {"Maximum Changer Wait", &SdDevice::maximum_changer_wait},
    {"Maximum Open Wait", &SdDevice::maximum_open_wait},
    {"Volume Poll Interval", &SdDevice::volume_poll_interval},
    {"Maximum Block Size", &SdDevice::maximum_block_size},
};

constexpr Field<SdAutochanger> kAutochangerFields[] = {
    {"Name", &SdAutochanger::name},
    {"Description", &SdAutochanger::description},
    {"Changer Device", &SdAutochanger::changer_device},
    {"Changer Command", &SdAutochanger::changer_command},
    {"Lock Command", &SdAutochanger::lock_command},
};

constexpr Field<SdStorage> kStorageFields[] = {
    {"Name", &SdStorage::name},
    {"Description", &SdStorage::description},
    {"Working Directory", &SdStorage::working_directory},
    {"Pid Directory", &SdStorage::pid_directory},
    {"Plugin Directory", &SdStorage::plugin_directory},
    {"Scripts Directory", &SdStorage::scripts_directory},
    {"Maximum Concurrent Jobs", &SdStorage::maximum_concurrent_jobs},
    {"SD Port", &SdStorage::sd_port},
};

constexpr Field<SdDirector> kDirectorFields[] = {
    {"Name", &SdDirector::name},
    {"Description", &SdDirector::description},
    {"Password", &SdDirector::password},
    {"Monitor", &SdDirector::monitor},
};

void copy_device(const TypedResource& from, SdDevice& into) {
  static const Fields<SdDevice> fields(sd_directives().of("Device"), kDeviceFields);
  into.at = from.block->at;
  into.end = from.block->end;
  fields.copy(from, into);
}

SdAutochanger to_autochanger(const TypedResource& from) {
  static const Fields<SdAutochanger> fields(sd_directives().of("Autochanger"), kAutochangerFields);
  SdAutochanger changer;
  changer.at = from.block->at;
  changer.end = from.block->end;
  fields.copy(from, changer);
  const TypedValue* const devices = from.find("Device");
  const auto* const list = devices ? std::get_if<std::vector<Token>>(&devices->value) : nullptr;
  if (!list) return changer;
  changer.devices.reserve(list->size());
  for (const Token& device : *list) {
    changer.devices.emplace_back(device.text, Written(device.at, devices->written_at, device.length));
  }
  return changer;
}

void take_addresses(const TypedResource& from, SdStorage& storage) {
  TextValue address;
  from.take("SD Address", address);
  if (address.given) storage.sd_addresses.push_back(address);
  const auto* const endpoints = from.find<std::vector<Endpoint>>("SD Addresses");
  if (!endpoints) return;
  bool is_first_port = !storage.sd_port.given;
  for (const Endpoint& endpoint : *endpoints) {
    if (endpoint.address.given) storage.sd_addresses.push_back(endpoint.address);
    if (endpoint.port.given && is_first_port) {
      storage.sd_port = endpoint.port;
      is_first_port = false;
    }
  }
}

SdStorage to_storage(const TypedResource& from) {
  static const Fields<SdStorage> fields(sd_directives().of("Storage"), kStorageFields);
  SdStorage storage;
  storage.at = from.block->at;
  storage.end = from.block->end;
  fields.copy(from, storage);
  take_addresses(from, storage);
  return storage;
}

SdDirector to_director(const TypedResource& from) {
  static const Fields<SdDirector> fields(sd_directives().of("Director"), kDirectorFields);
  SdDirector director;
  director.at = from.block->at;
  director.end = from.block->end;
  fields.copy(from, director);
  return director;
}

SdMessages to_messages(const TypedResource& from) {
  SdMessages messages;
  messages.at = from.block->at;
  from.take("Name", messages.name);
  for (const Directive& directive : from.block->directives) {
    const DirectiveInfo* const info = find_directive("Messages", directive.name);
    if (info && info->type == ValueType::messages) messages.destinations.push_back(directive);
  }
  return messages;
}

/// Room for all that are to be expected at once: to copy large resources each time a list grows takes time. What is
/// reserved in vain is never touched.
template <class Resource>
Resource& add(std::vector<Resource>& list, double progress) {
  constexpr size_t kWorthWhile = 64;
  if (list.size() == list.capacity() && list.size() >= kWorthWhile) {
    const auto size = static_cast<double>(list.size());
    list.reserve(static_cast<size_t>(std::min(8 * size, std::max(1.5 * size, 1.02 * size / progress))));
  }
  return list.emplace_back();
}

bool take(const TypedResource& resource, SdConfig& config, const Findings& findings) {
  if (resource.type == "Device") {
    copy_device(resource, add(config.devices, findings.progress));
  } else if (resource.type == "Autochanger") {
    config.autochangers.push_back(to_autochanger(resource));
  } else if (resource.type == "Director") {
    config.directors.push_back(to_director(resource));
  } else if (resource.type == "Messages") {
    config.messages.push_back(to_messages(resource));
  } else if (resource.type == "Storage") {
    if (!config.storage) config.storage = to_storage(resource);
  } else {
    return false;
  }
  return true;
}

}  // namespace

void SdConfig::index() {
  members_.clear();
  for (uint32_t changer = 0; changer < autochangers.size(); ++changer) {
    for (uint32_t i = 0; i < autochangers[changer].devices.size(); ++i) members_.push_back({changer, i});
  }
  devices_by_name_.build(devices.size(), [&](size_t i) { return *devices[i].name; });
  members_by_name_.build(members_.size(), [&](size_t i) { return name_of(members_[i]); });
  indexed_changers_ = autochangers.size();
}

const SdDevice* SdConfig::find_device(std::string_view name) const {
  if (devices_by_name_.size() == devices.size()) {
    const auto at = devices_by_name_.find(name, [&](size_t i) { return *devices[i].name; });
    return at ? &devices[*at] : nullptr;
  }
  const auto found =
      std::find_if(devices.begin(), devices.end(), [&](const SdDevice& device) { return *device.name == name; });
  return found == devices.end() ? nullptr : &*found;
}

const SdAutochanger* SdConfig::changer_of(const SdDevice& device) const {
  if (indexed_changers_ == autochangers.size()) {
    const auto at = members_by_name_.find(*device.name, [&](size_t i) { return name_of(members_[i]); });
    return at ? &autochangers[members_[*at].changer] : nullptr;
  }
  for (const SdAutochanger& changer : autochangers) {
    for (const TextValue& name : changer.devices) {
      if (*name == *device.name) return &changer;
    }
  }
  return nullptr;
}

std::string_view SdConfig::effective_lock_command(const SdDevice& device) const {
  if (!device.lock_command->empty()) return *device.lock_command;
  const SdAutochanger* const changer = changer_of(device);
  return changer ? *changer->lock_command : std::string_view();
}

bool SdConfig::has_errors() const {
  return std::any_of(diagnostics.begin(), diagnostics.end(),
                     [](const Diagnostic& d) { return d.severity == Severity::error; });
}

SdConfig load_sd_config(const std::string& path, FileReader& reader, const LoadOptions& options) {
  SdConfig config;
  SdChecker checker;
  LoadedText text =
      load_resources(path, reader, options, bacula_sd(), [&](const TypedResource& resource, Findings& findings) {
        checker.add(resource, findings);
        return take(resource, config, findings);
      });
  if (text.is_other_daemons) config = SdConfig();
  config.files = std::move(text.files);
  config.sources = std::move(text.sources);
  config.unknown = std::move(text.unknown);
  config.other_resources = std::move(text.other_resources);
  config.bound = std::move(text.bound);
  config.diagnostics = std::move(text.diagnostics);
  config.index();
  return config;
}

}  // namespace shstore::config
