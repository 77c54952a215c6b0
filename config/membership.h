// Which Devices of a bacula-sd.conf are in which of its Autochangers.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "config/sd_config.h"

namespace shstore::config {

struct Membership {
  /// A name in SdAutochanger::devices (its index there) and the Device that it names (its index in
  /// SdConfig::devices).
  struct Listing {
    uint32_t listed = 0, device = 0;
  };

  /// Of each Device the indices of the Autochangers that list it, in the order of the text.
  class Changers {
   public:
    std::span<const uint32_t> operator[](size_t device) const {
      return {all_.data() + first_[device], all_.data() + first_[device + 1]};
    }
    /// `drives` as below; of as many Devices as there are.
    void build(const std::vector<std::vector<Listing>>& drives, size_t devices);

   private:
    std::vector<uint32_t> first_{0};  ///< of each Device, in all_; one more than there are Devices
    std::vector<uint32_t> all_;
  };

  /// Of each Autochanger: what its Device directives name, in the order of the text, each Device once. Names
  /// of no Device are left out.
  std::vector<std::vector<Listing>> drives;
  /// Of each Autochanger: names that were there before.
  std::vector<std::vector<Listing>> repeated;
  Changers changers;
};

/// In linear time, which SdConfig::changer_of() for each Device is not.
Membership membership(const SdConfig& config);

}  // namespace shstore::config
