// Which Devices of a bacula-sd.conf are in which of its Autochangers.
#pragma once

#include <cstddef>
#include <vector>

#include "config/sd_config.h"

namespace shstore::config {

struct Membership {
  /// A name in SdAutochanger::devices (its index there) and the Device that it names (its index in
  /// SdConfig::devices).
  struct Listing {
    size_t listed = 0, device = 0;
  };
  /// Of each Autochanger: what its Device directives name, in the order of the text, each Device once. Names
  /// of no Device are left out.
  std::vector<std::vector<Listing>> drives;
  /// Of each Autochanger: names that were there before.
  std::vector<std::vector<Listing>> repeated;
  /// Of each Device: the Autochangers that list it, in the order of the text.
  std::vector<std::vector<size_t>> changers;
};

/// In linear time, which SdConfig::changer_of() for each Device is not.
Membership membership(const SdConfig& config);

}  // namespace shstore::config
