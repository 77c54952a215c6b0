// The robot for this host alone, for the time of one move: a persistent reservation on the changer and, within the host,
// a lock on a file. For a drive there is a lock on a file, too: its reservation is all this host's programs'.
//
// The reservation is of type Write Exclusive: nobody else can move anything, but everybody can go on reading the element
// status, which Bacula does at every job's begin (SMC-3 table 4). A robot without persistent reservations is kept apart
// within this host only.
#pragma once

#include <optional>
#include <string>

#include "changer/guard.h"
#include "changer/outcome.h"
#include "changer/waiting.h"
#include "scsi/base/descriptor.h"
#include "scsi/drive_lock.h"

namespace shstore::changer {

/// Serialises the programs of this host; held until destruction. The kernel gives it back when the process ends, however.
class HostLock {
 public:
  /// A character device is locked itself, under whatever name it was opened; anything else (a socket of shstore-target) by
  /// the file PATH.lock beside it. Waits until `until` (status timeout).
  static Outcome<HostLock> take(const std::string& changer_device, const Waiting& waiting, Waiting::TimePoint until);

  /// Does not wait. Nothing: another program has it.
  static Outcome<std::optional<HostLock>> try_take(const std::string& device);

 private:
  explicit HostLock(base::Descriptor fd) : fd_(std::move(fd)) {}
  base::Descriptor fd_;
};

/// Move-only; gives the robot back on destruction, if give_back() was not called. Needs the robot's HostLock.
class RobotLock {
 public:
  /// `changer` must outlive the lock. Waits while another host moves, until `until`; then the failure (status timeout) names
  /// its key and what to do if it is dead. What an earlier life of this host left behind is taken over.
  static Outcome<RobotLock> take(scsi::LogicalUnit& changer, scsi::ReservationKey own, const scsi::LocalPorts& ports,
                                 const KeyText& key_text, const Waiting& waiting, Waiting::TimePoint until);

  RobotLock(RobotLock&& other) noexcept;
  RobotLock& operator=(RobotLock&&) = delete;
  ~RobotLock();

  /// Empty: no other host can move now. Otherwise what the robot does not know: "persistent reservations".
  const std::string& lacking() const { return lacking_; }

  /// Releases the reservation and takes our key off the robot. An error means that it may still be there.
  scsi::Result<void> give_back();

 private:
  RobotLock(std::optional<scsi::DriveLock> lock, std::string lacking)
      : lock_(std::move(lock)), lacking_(std::move(lacking)) {}
  std::optional<scsi::DriveLock> lock_;  // nothing: given back, or never taken
  std::string lacking_;
};

}  // namespace shstore::changer
