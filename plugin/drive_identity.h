// Which drive a Device is, and by which nexus it is locked: looked at whenever the lock is taken, and before every other action
// on the drive, because device nodes and the links to them change while a daemon runs. And which drive it was before.
#pragma once

#include <sys/stat.h>

#include <chrono>
#include <functional>
#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "plugin/node_changes.h"
#include "reserve/record/state.h"
#include "scsi/local_ports.h"
#include "scsi/same_drive.h"
#include "scsi/tape_users.h"

namespace shstore::plugin {

/// What is asked of the machine; something else in tests.
struct DeviceWorld {
  std::function<scsi::DeviceNode(const std::string& path)> node;
  /// The generic node of a device of sysfs, empty: it is gone, or has none.
  std::function<std::string(const std::string& device)> generic;
  /// The kernel still has that device.
  std::function<bool(const std::string& device)> exists;
  /// Can commands be sent to it: it is running, and so are its session or its remote port?
  std::function<bool(const std::string& device)> usable;
  /// Has this process a tape node of that device open?
  std::function<bool(const std::string& device)> tape_is_open;
  /// Other processes that have the drive's tape open, by whatever path.
  std::function<scsi::TapeUsers(const scsi::DeviceNode& drive)> users;
  /// This host's initiator ports.
  std::function<scsi::LocalPorts()> ports;
  /// Of the drive behind a socket of shstore-target; nothing: it does not answer.
  std::function<std::optional<std::string>(const std::string& path)> serial;
  /// What the robot says of the drive with that Drive Index: its serial number or designator; empty: it does not tell.
  std::function<std::string(const std::string& changer, uint32_t index)> robot;
  std::function<std::chrono::steady_clock::time_point()> now;
  DeviceWorld();  ///< the machine itself
};

/// What bacula-sd.conf and the state file say of a drive.
struct DriveNames {
  std::vector<std::string>
      archives;  ///< of all Device resources with this Control Device; none: the control device is all that is known
  std::string control;
  bool in_changer = false;                      ///< the Device is in an Autochanger
  std::string changer{};                        ///< its Changer Device
  uint32_t index = 0;                           ///< Drive Index
  std::string state{};                          ///< path of the state file
  std::string machine{};                        ///< scsi::machine_sign() of this machine
  std::optional<record::LockedDrive> before{};  ///< as the state file has it
  bool was_locked = false;                      ///< the daemon's life before this one was killed while it had the lock
};

/// scsi::simulated_serial(), read again only where the file is another one than it was.
class SimulatedSerials {
 public:
  std::string of(const std::string& archive_device);

 private:
  struct Read {
    struct stat file {};
    std::string serial{};
  };
  std::map<std::string, Read> read_;
};

/// look(), look_if_changed() and locked() by one thread at a time; the others by any.
class DriveIdentity {
 public:
  /// However little is told, the nodes are looked at so often while the lock is ours.
  static constexpr std::chrono::seconds kLongest{5};

  /// `changes`: who tells that the names may lead elsewhere; must outlive this. nullptr: nobody.
  explicit DriveIdentity(DriveNames names, DeviceWorld world = {}, NodeChanges* changes = nullptr);

  /// As things are now. Asks sysfs; a drive only if it is a simulated one, and a robot only if the drive is another one than it was,
  /// and both only if `ask` is true.
  scsi::SameDrive look(bool ask);
  /// look(false), or what the last look said if the drive was usable then, nothing has been told since, and that is less than kLongest
  /// ago.
  scsi::SameDrive look_if_changed();
  /// Whatever look_if_changed() would find to be another is told.
  bool changes_are_told() const { return changes_ != nullptr && changes_->seen(names_.control).told; }
  /// Its lock was taken; `initiator`: TransportId::text() of the nexus that holds it, empty: the drive does not tell.
  void locked(const std::string& initiator);
  const DeviceWorld& world() const { return world_; }
  /// The drive as read last.
  const scsi::DeviceNode& node() const { return node_; }
  /// By which initiator port a life of this daemon before this one, on this very machine, has the lock still; empty: by none.
  std::string left_behind() const;
  /// That life was killed while it had the lock.
  bool was_locked() const { return names_.was_locked; }

  /// Something more that is to be said once.
  void say(const std::string& text);
  /// What is to be said once of it: why there is no proof, that the control device is another path, that the drive was exchanged. Empty: nothing.
  std::string note() const;
  /// Why every job is refused; empty: none is.
  std::string refusal() const;
  /// The device that is locked, as scsi::sysfs_device() has it; empty: none of the kernel's.
  std::string device() const;
  /// For the state file.
  std::optional<record::LockedDrive> remembered() const;

 private:
  scsi::SameDrive compare_nodes(bool ask);
  void compare_with_before(scsi::SameDrive& seen, bool ask);
  bool taken_over(const scsi::SameDrive& seen, bool ask);

  const DriveNames names_;
  const DeviceWorld world_;
  NodeChanges* const changes_;
  SimulatedSerials serials_;
  std::string simulated_;  ///< serial number of the control device, once it was asked
  scsi::DeviceNode node_{};
  std::string accepted_{};   ///< which() of a drive that was not the one before, and is accepted
  std::string exchanged_{};  ///< what is said of that
  /// The last look, of a usable drive, while changes were told.
  struct Looked {
    NodeChanges::Seen changes{};
    std::chrono::steady_clock::time_point at{};
    scsi::SameDrive seen{};
  };
  std::optional<Looked> looked_;
  mutable std::mutex mutex_;
  scsi::SameDrive last_{};
  std::optional<record::LockedDrive> before_;
  std::string said_{};
};

}  // namespace shstore::plugin
