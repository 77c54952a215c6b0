#include "config/membership.h"

#include <string_view>
#include <unordered_map>

namespace shstore::config {

Membership membership(const SdConfig& config) {
  std::unordered_map<std::string_view, size_t> device_of;
  device_of.reserve(config.devices.size());
  for (size_t i = 0; i < config.devices.size(); ++i) device_of.try_emplace(*config.devices[i].name, i);

  Membership result;
  result.drives.resize(config.autochangers.size());
  result.repeated.resize(config.autochangers.size());
  result.changers.resize(config.devices.size());
  for (size_t c = 0; c < config.autochangers.size(); ++c) {
    const auto& names = config.autochangers[c].devices;
    for (size_t i = 0; i < names.size(); ++i) {
      const auto found = device_of.find(*names[i]);
      if (found == device_of.end()) continue;
      auto& changers = result.changers[found->second];
      if (!changers.empty() && changers.back() == c) {
        result.repeated[c].push_back({i, found->second});
      } else {
        result.drives[c].push_back({i, found->second});
        changers.push_back(c);
      }
    }
  }
  return result;
}

}  // namespace shstore::config
