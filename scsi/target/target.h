// A whole SAN in one process: the drives and libraries of a San and the ways to them. No I/O.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "scsi/target/logical_unit_server.h"
#include "scsi/target/san.h"

namespace shstore::scsi::target {

/// One device of one initiator: a way to a drive or a robot.
struct Endpoint {
  std::string initiator;
  std::string device;
  size_t unit = 0;    ///< as Device::unit
  NexusId nexus = 0;  ///< of that unit
};

/// Not thread-safe.
class Target {
 public:
  using Clock = std::function<std::chrono::steady_clock::time_point()>;
  /// `now` is asked how long a drive is still calibrating.
  explicit Target(San san, const Clock& now = std::chrono::steady_clock::now);

  const San& san() const { return san_; }

  /// In the order of the San's initiators and their devices.
  const std::vector<Endpoint>& endpoints() const { return endpoints_; }

  Reply execute(const Endpoint& endpoint, const Command& command);

  /// The same in two steps, see LogicalUnitServer.
  Begun begin(const Endpoint& endpoint, const Command& command);
  Reply end(const Endpoint& endpoint, const Command& command);

  /// What changer `i` of the San holds.
  const Library& library(size_t i) const { return *libraries_[i]; }
  /// Puts the media where they were when the target ran before; only before the first command. Each of
  /// Changer::media is in `contents`, and nothing else.
  void restore(size_t i, Contents contents);

  /// A drive or robot, as Device::unit; what it keeps of its reservations when the target has ended, and gets back.
  const LogicalUnitServer& unit(size_t unit) const { return units_[unit]; }
  void restore_reservations(size_t unit, ReservationState state) { units_[unit].restore(std::move(state)); }

 private:
  std::unique_ptr<DeviceModel> make_model(size_t unit);
  void tell_of_new_media(const Endpoint& from);

  San san_;
  std::vector<Endpoint> endpoints_;
  std::vector<std::unique_ptr<Library>> libraries_;  // as San::changers; the units point to them
  std::vector<LogicalUnitServer> units_;             // drives, then robots
};

}  // namespace shstore::scsi::target
