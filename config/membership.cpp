#include "config/membership.h"

#include <numeric>

namespace shstore::config {

void Membership::Changers::build(const std::vector<std::vector<Listing>>& drives, size_t devices) {
  first_.assign(devices + 1, 0);
  for (const auto& listings : drives) {
    for (const Listing& listing : listings) ++first_[listing.device + 1];
  }
  std::partial_sum(first_.begin(), first_.end(), first_.begin());
  all_.resize(first_.back());
  std::vector<uint32_t> next(first_.begin(), first_.end() - 1);
  for (uint32_t changer = 0; changer < drives.size(); ++changer) {
    for (const Listing& listing : drives[changer]) all_[next[listing.device]++] = changer;
  }
}

Membership membership(const SdConfig& config) {
  Membership result;
  result.drives.resize(config.autochangers.size());
  result.repeated.resize(config.autochangers.size());
  std::vector<uint32_t> last(config.devices.size(), UINT32_MAX);  // the Autochanger that listed each Device last
  for (uint32_t c = 0; c < config.autochangers.size(); ++c) {
    const auto& names = config.autochangers[c].devices;
    for (uint32_t i = 0; i < names.size(); ++i) {
      const SdDevice* const found = config.find_device(*names[i]);
      if (!found) continue;
      const auto device = static_cast<uint32_t>(found - config.devices.data());
      (last[device] == c ? result.repeated : result.drives)[c].push_back({i, device});
      last[device] = c;
    }
  }
  result.changers.build(result.drives, config.devices.size());
  return result;
}

}  // namespace shstore::config
