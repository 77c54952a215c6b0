#include "status/inventory/configured.h"

#include <algorithm>

#include "config/command_words.h"
#include "config/shared/lock_command.h"

namespace shstore::status::inventory {
namespace {

void add_once(std::vector<std::string>& paths, std::string_view path) {
  if (path.starts_with('/') && std::find(paths.begin(), paths.end(), path) == paths.end()) paths.emplace_back(path);
}

void add_files_of(std::string_view lock_command, std::vector<std::string>& files) {
  const auto words = config::command_words(lock_command);
  if (words.empty()) return;
  add_once(files, words.front());
  const auto understood = config::understand_lock_command(lock_command);
  if (const auto* ours = std::get_if<config::StorageCtl>(&understood)) {
    if (const auto conf = config::conf_of(*ours)) add_once(files, *conf);
  }
}

}  // namespace

Configured configured(const config::SdConfig& config) {
  Configured all;
  if (config.storage && !config.storage->plugin_directory->empty()) {
    const std::string folder(*config.storage->plugin_directory);
    add_once(all.files, folder + (folder.ends_with('/') ? "" : "/") + "shstore-sd.so");
  }
  for (const auto& device : config.devices) {
    add_once(all.control_devices, *device.control_device);
    add_once(all.changer_devices, *device.changer_device);
    add_files_of(config.effective_lock_command(device), all.files);
  }
  for (const auto& changer : config.autochangers) add_once(all.changer_devices, *changer.changer_device);
  return all;
}

}  // namespace shstore::status::inventory
