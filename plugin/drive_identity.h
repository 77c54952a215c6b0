// Which drive a Device is, and by which nexus it is locked: looked at whenever the lock is taken, and before every other action
// on the drive, because device nodes and the links to them change while a daemon runs.
#pragma once

#include <functional>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "scsi/same_drive.h"

namespace shstore::plugin {

/// What is asked of the machine; something else in tests.
struct DeviceWorld {
  std::function<scsi::DeviceNode(const std::string& path)> node = [](const auto& path) { return scsi::read_node(path); };
  /// The generic node of a device of sysfs, empty: it is gone.
  std::function<std::string(const std::string& device)> generic = [](const auto& device) { return scsi::generic_node(device); };
  /// Has this process a tape node of that device open?
  std::function<bool(const std::string& device)> tape_is_open;
  /// Of the drive behind a socket of shstore-target; nothing: it does not answer.
  std::function<std::optional<std::string>(const std::string& path)> serial;
  DeviceWorld();
};

/// look() by one thread at a time; the others by any.
class DriveIdentity {
 public:
  /// `archives`: of all Device resources with this Control Device. None: the control device is all that is known.
  DriveIdentity(std::vector<std::string> archives, std::string control, DeviceWorld world = {})
      : archives_(std::move(archives)), control_(std::move(control)), world_(std::move(world)) {}

  /// As things are now. Asks sysfs; a drive only if it is a simulated one, and `ask` is true.
  scsi::SameDrive look(bool ask);
  const DeviceWorld& world() const { return world_; }

  /// What is to be said once of that: why there is no proof, or that the control device is another path. Empty: nothing.
  std::string note() const;
  /// Why every job is refused; empty: none is.
  std::string refusal() const;
  /// The device that is locked, as scsi::sysfs_device() has it; empty: none of the kernel's.
  std::string device() const;

 private:
  const std::vector<std::string> archives_;
  const std::string control_;
  const DeviceWorld world_;
  std::string simulated_;  ///< serial number of the control device, once it was asked
  mutable std::mutex mutex_;
  scsi::SameDrive last_{};
};

}  // namespace shstore::plugin
