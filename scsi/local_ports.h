// The initiator ports of this host, as the kernel names them: so that a registration under our key can be told to be
// our own other port's or another host's.
#pragma once

#include <string>
#include <vector>

#include "scsi/transport_id.h"

namespace shstore::scsi {

class LocalPorts {
 public:
  /// Knows no port: every registration under our key on another port is another host's.
  LocalPorts() = default;
  LocalPorts(std::vector<uint64_t> wwpns_and_sas_addresses, std::vector<std::string> iscsi_names)
      : addresses_(std::move(wwpns_and_sas_addresses)), iscsi_names_(std::move(iscsi_names)) {}

  bool contains(const TransportId& id) const;
  bool empty() const { return addresses_.empty() && iscsi_names_.empty(); }

 private:
  std::vector<uint64_t> addresses_;
  std::vector<std::string> iscsi_names_;
};

/// From sysfs: fc_host port_name, sas_device and sas_phy sas_address of hosts, iscsi_session initiatorname.
/// What cannot be read is left out. `sysfs` is "/sys" but in tests.
LocalPorts read_local_ports(const std::string& sysfs = "/sys");

/// The InitiatorNames of this host's iSCSI sessions, each once, in order.
std::vector<std::string> iscsi_initiators(const std::string& sysfs = "/sys");

/// Those through which a device is reached alone: its host's ports, or its session's name. `device`: as sysfs_device() has it.
LocalPorts ports_of(const std::string& device, const std::string& sysfs = "/sys");
/// The initiator name of the iSCSI session that a device belongs to; empty: it belongs to none.
std::string iscsi_initiator(const std::string& device, const std::string& sysfs = "/sys");

}  // namespace shstore::scsi
