// A whole SAN in one process: the drives of a San and the ways to them. No I/O.
#pragma once

#include <string>
#include <vector>

#include "scsi/target/logical_unit_server.h"
#include "scsi/target/san.h"

namespace shstore::scsi::target {

/// One device of one initiator: a way to a drive.
struct Endpoint {
  std::string initiator;
  std::string device;
  size_t drive = 0;
  NexusId nexus = 0;  ///< of that drive
};

/// Not thread-safe.
class Target {
 public:
  explicit Target(const San& san);

  /// In the order of the San's initiators and their devices.
  const std::vector<Endpoint>& endpoints() const { return endpoints_; }

  Reply execute(const Endpoint& endpoint, const Command& command) {
    return units_[endpoint.drive].execute(endpoint.nexus, command);
  }

 private:
  std::vector<Endpoint> endpoints_;
  std::vector<LogicalUnitServer> units_;
};

}  // namespace shstore::scsi::target
