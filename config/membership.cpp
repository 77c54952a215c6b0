#include "config/membership.h"

namespace shstore::config {

Membership membership(const SdConfig& config) {
  Membership result;
  result.drives.resize(config.autochangers.size());
  result.repeated.resize(config.autochangers.size());
  result.changers.resize(config.devices.size());
  for (size_t c = 0; c < config.autochangers.size(); ++c) {
    const auto& names = config.autochangers[c].devices;
    for (size_t i = 0; i < names.size(); ++i) {
      const SdDevice* const found = config.find_device(*names[i]);
      if (!found) continue;
      const auto device = static_cast<size_t>(found - config.devices.data());
      auto& changers = result.changers[device];
      if (!changers.empty() && changers.back() == c) {
        result.repeated[c].push_back({i, device});
      } else {
        result.drives[c].push_back({i, device});
        changers.push_back(c);
      }
    }
  }
  return result;
}

}  // namespace shstore::config
