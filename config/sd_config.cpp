#include "config/sd_config.h"

#include <fmt/format.h>

#include <algorithm>
#include <tuple>

#include "config/directives.h"
#include "config/references.h"
#include "config/resource_reader.h"
#include "config/source.h"
#include "config/spelling.h"

namespace shstore::config {
namespace {

constexpr size_t most_diagnostics = 1000;

bool is_resource(std::string_view name) {
  return !find_resource_type(name).empty();
}

bool value_may_wrap(std::string_view resource, std::string_view directive) {
  const DirectiveInfo* const info = find_directive(resource, directive);
  if (!info) return false;
  switch (info->type) {
    case ValueType::time:
    case ValueType::size32:
    case ValueType::size64:
    case ValueType::block_size:
    case ValueType::speed:
    case ValueType::address:
    case ValueType::port:
      return true;
    default:
      return false;
  }
}

bool value_is_one_word(std::string_view resource, std::string_view directive) {
  const DirectiveInfo* const info = find_directive(resource, directive);
  return info && (info->type == ValueType::address || info->type == ValueType::port);
}

constexpr Dialect sd_dialect{is_resource, value_may_wrap, value_is_one_word};

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

/// SDAddresses takes the place of SDAddress and SDPort; lib/address_conf.c, add_address() refuses a mixture.
void take_addresses(const TypedResource& from, SdStorage& storage, Findings& findings) {
  Value<std::string> address;
  from.take("SD Address", address);
  if (address.given) storage.sd_addresses.push_back(address);
  from.take("SD Port", storage.sd_port);
  const auto* const endpoints = from.find<std::vector<Endpoint>>("SD Addresses");
  if (!endpoints) return;
  if (address.given || storage.sd_port.given) {
    findings.add(Severity::error, from.values.at("SD Addresses").written_at,
                 "SDAddresses cannot be combined with SDAddress or SDPort: put the port into the block");
  }
  bool is_first_port = !storage.sd_port.given;
  for (const Endpoint& endpoint : *endpoints) {
    if (endpoint.address.given) storage.sd_addresses.push_back(endpoint.address);
    if (endpoint.port.given && is_first_port) {
      storage.sd_port = endpoint.port;
      is_first_port = false;
    }
  }
}

SdStorage to_storage(const TypedResource& from, Findings& findings) {
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
  take_addresses(from, storage, findings);
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

class Loader {
 public:
  explicit Loader(Document&& document) : document_(std::move(document)) {
    config_.files = std::move(document_.files);
    config_.sources = std::move(document_.sources);
    config_.diagnostics = std::move(document_.diagnostics);
  }

  SdConfig run() {
    Findings findings{config_.diagnostics, config_.unknown, document_.commands_skipped};
    const bool was_read = !document_.resources.empty() || config_.diagnostics.empty();
    std::vector<TypedResource> resources;
    for (const Block& block : document_.resources) {
      if (is_resource(block.type)) {
        resources.push_back(read_resource(block, findings));
        add(resources.back(), findings);
      } else {
        add_unknown(block, findings);
      }
    }
    check_names(resources, findings);
    if (was_read) report_missing_types(resources, findings);
    finish_diagnostics();
    return std::move(config_);
  }

 private:
  void add(const TypedResource& resource, Findings& findings) {
    if (resource.type == "Device") {
      config_.devices.push_back(to_device(resource));
    } else if (resource.type == "Autochanger") {
      config_.autochangers.push_back(to_autochanger(resource));
    } else if (resource.type == "Director") {
      config_.directors.push_back(to_director(resource));
    } else if (resource.type == "Messages") {
      config_.messages.push_back(to_messages(resource));
    } else if (resource.type == "Storage") {
      add_storage(resource, findings);
    } else {
      config_.other_resources.push_back(*resource.block);
    }
  }

  void add_storage(const TypedResource& resource, Findings& findings) {
    SdStorage storage = to_storage(resource, findings);
    if (!config_.storage) {
      config_.storage = std::move(storage);
      return;
    }
    findings.add(Severity::error, storage.at,
                 fmt::format("only one Storage resource is allowed; the first one is on line {}",
                             config_.storage->at.line));
  }

  void add_unknown(const Block& block, Findings& findings) {
    findings.add(Severity::warning, block.at,
                 fmt::format("unknown resource type \"{}\"{}", block.type,
                             did_you_mean(block.type, resource_types())));
    config_.other_resources.push_back(block);
  }

  /// stored/stored.c, check_resources().
  void report_missing_types(const std::vector<TypedResource>& resources, Findings& findings) {
    for (const std::string_view type : {"Storage", "Director", "Device", "Messages"}) {
      const auto is_type = [&](const TypedResource& resource) { return resource.type == type; };
      if (std::any_of(resources.begin(), resources.end(), is_type)) continue;
      findings.add(Severity::warning, {0, 0, 0},
                   fmt::format("there is no {} resource; bacula-sd needs one", type));
    }
  }

  void finish_diagnostics() {
    auto& diagnostics = config_.diagnostics;
    const auto place = [](const Diagnostic& d) { return std::tuple(d.at.file, d.at.line, d.at.column); };
    std::stable_sort(diagnostics.begin(), diagnostics.end(),
                     [&](const Diagnostic& a, const Diagnostic& b) { return place(a) < place(b); });
    if (diagnostics.size() <= most_diagnostics) return;
    // Errors must not get lost among warnings: has_errors() decides by them.
    std::stable_partition(diagnostics.begin(), diagnostics.end(),
                          [](const Diagnostic& d) { return d.severity == Severity::error; });
    const size_t left_out = diagnostics.size() - most_diagnostics;
    diagnostics.resize(most_diagnostics);
    diagnostics.push_back(
        {Severity::warning, diagnostics.back().at, fmt::format("{} more messages are left out", left_out)});
  }

  Document document_;
  SdConfig config_;
};

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
  return Loader(to_document(read_source(path, reader), sd_dialect)).run();
}

}  // namespace shstore::config
