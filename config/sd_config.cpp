#include "config/sd_config.h"

#include <algorithm>

#include "config/directives.h"
#include "config/resource_reader.h"
#include "config/typed_config.h"

namespace shstore::config {
namespace {

SdDevice to_device(const TypedResource& from) {
  SdDevice device;
  device.at = from.block->at;
  device.end = from.block->end;
  from.take("Name", device.name);
  from.take("Description", device.description);
  from.take("Media Type", device.media_type);
  from.take("Archive Device", device.archive_device);
  from.take("Control Device", device.control_device);
  from.take("Lock Command", device.lock_command);
  from.take("Changer Device", device.changer_device);
  from.take("Changer Command", device.changer_command);
  from.take("Alert Command", device.alert_command);
  from.take("Spool Directory", device.spool_directory);
  from.take("Mount Point", device.mount_point);
  from.take("Device Type", device.device_type);
  from.take("Drive Index", device.drive_index);
  from.take("Maximum Concurrent Jobs", device.maximum_concurrent_jobs);
  from.take("Always Open", device.always_open);
  from.take("Autochanger", device.autochanger);
  from.take("Automatic Mount", device.automatic_mount);
  from.take("Removable Media", device.removable_media);
  from.take("Auto Select", device.auto_select);
  from.take("Enabled", device.enabled);
  from.take("Read Only", device.read_only);
  from.take("Label Media", device.label_media);
  from.take("Random Access", device.random_access);
  from.take("Offline on Unmount", device.offline_on_unmount);
  from.take("Maximum Changer Wait", device.maximum_changer_wait);
  from.take("Maximum Open Wait", device.maximum_open_wait);
  from.take("Volume Poll Interval", device.volume_poll_interval);
  return device;
}

SdAutochanger to_autochanger(const TypedResource& from) {
  SdAutochanger changer;
  changer.at = from.block->at;
  changer.end = from.block->end;
  from.take("Name", changer.name);
  from.take("Description", changer.description);
  from.take("Changer Device", changer.changer_device);
  from.take("Changer Command", changer.changer_command);
  from.take("Lock Command", changer.lock_command);
  if (const auto* const devices = from.find<std::vector<Token>>("Device")) {
    const Location& written_at = from.values.at("Device").written_at;
    for (const Token& device : *devices) changer.devices.push_back({device.text, true, device.at, written_at});
  }
  return changer;
}

void take_addresses(const TypedResource& from, SdStorage& storage) {
  Value<std::string> address;
  from.take("SD Address", address);
  if (address.given) storage.sd_addresses.push_back(address);
  from.take("SD Port", storage.sd_port);
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
  SdStorage storage;
  storage.at = from.block->at;
  storage.end = from.block->end;
  from.take("Name", storage.name);
  from.take("Description", storage.description);
  from.take("Working Directory", storage.working_directory);
  from.take("Pid Directory", storage.pid_directory);
  from.take("Plugin Directory", storage.plugin_directory);
  from.take("Scripts Directory", storage.scripts_directory);
  from.take("Maximum Concurrent Jobs", storage.maximum_concurrent_jobs);
  take_addresses(from, storage);
  return storage;
}

SdDirector to_director(const TypedResource& from) {
  SdDirector director;
  director.at = from.block->at;
  director.end = from.block->end;
  from.take("Name", director.name);
  from.take("Description", director.description);
  from.take("Password", director.password);
  from.take("Monitor", director.monitor);
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

void add(const TypedResource& resource, SdConfig& config) {
  if (resource.type == "Device") {
    config.devices.push_back(to_device(resource));
  } else if (resource.type == "Autochanger") {
    config.autochangers.push_back(to_autochanger(resource));
  } else if (resource.type == "Director") {
    config.directors.push_back(to_director(resource));
  } else if (resource.type == "Messages") {
    config.messages.push_back(to_messages(resource));
  } else if (resource.type != "Storage") {
    config.other_resources.push_back(*resource.block);
  } else if (!config.storage) {
    config.storage = to_storage(resource);
  }
}

}  // namespace

const SdDevice* SdConfig::find_device(std::string_view name) const {
  const auto found = std::find_if(devices.begin(), devices.end(),
                                  [&](const SdDevice& device) { return device.name.value == name; });
  return found == devices.end() ? nullptr : &*found;
}

const SdAutochanger* SdConfig::changer_of(const SdDevice& device) const {
  for (const SdAutochanger& changer : autochangers) {
    for (const Value<std::string>& name : changer.devices) {
      if (name.value == device.name.value) return &changer;
    }
  }
  return nullptr;
}

std::string SdConfig::effective_lock_command(const SdDevice& device) const {
  if (!device.lock_command->empty()) return device.lock_command.value;
  const SdAutochanger* const changer = changer_of(device);
  return changer ? changer->lock_command.value : std::string();
}

bool SdConfig::has_errors() const {
  return std::any_of(diagnostics.begin(), diagnostics.end(),
                     [](const Diagnostic& d) { return d.severity == Severity::error; });
}

SdConfig load_sd_config(const std::string& path, FileReader& reader) {
  TypedConfig typed = load_typed_config(Program::sd, path, reader);
  SdConfig config;
  for (const TypedResource& resource : typed.resources) add(resource, config);
  for (const Block* block : typed.unknown_resources) config.other_resources.push_back(*block);
  config.files = std::move(typed.document.files);
  config.sources = std::move(typed.document.sources);
  config.unknown = std::move(typed.unknown);
  config.diagnostics = std::move(typed.document.diagnostics);
  return config;
}

}  // namespace shstore::config
