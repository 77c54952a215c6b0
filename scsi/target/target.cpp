#include "scsi/target/target.h"

namespace shstore::scsi::target {

Target::Target(const San& san) {
  std::vector<std::vector<Nexus>> nexuses(san.drives.size());
  for (const auto& initiator : san.initiators) {
    for (const auto& device : initiator.devices) {
      auto& of_drive = nexuses[device.drive];
      endpoints_.push_back({initiator.name, device.name, device.drive, of_drive.size()});
      of_drive.push_back({fc_transport_id(initiator.wwpn), initiator.relative_target_port});
    }
  }
  for (size_t i = 0; i < san.drives.size(); ++i) {
    const auto& d = san.drives[i];
    units_.emplace_back(DriveIdentity{d.vendor, d.product, d.revision, d.serial, d.pr_generation},
                        std::move(nexuses[i]));
  }
}

}  // namespace shstore::scsi::target
