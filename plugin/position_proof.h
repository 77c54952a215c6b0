// Does the tape stand where the daemon believes, and does what it appends follow data that ends with a filemark? Asked of the drive
// with each proof of the lock while the device is open.
#pragma once

#include <atomic>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <utility>

#include "plugin/drive_identity.h"
#include "plugin/tape_position.h"
#include "plugin/volume_ends.h"
#include "reserve/lock_port.h"
#include "scsi/logical_unit.h"
#include "scsi/read_position.h"

namespace shstore::plugin {

/// By one thread; opens_volume(), may_stop_waiting() and tells_nothing() by any.
class PositionProof {
 public:
  /// What the kernel counts of the archive device; nothing: it is no tape device of the kernel's.
  using Statistics = std::function<std::optional<scsi::TapeStatistics>()>;

  /// `statistics` empty: nothing is asked. `unended`: of all drives of the daemon.
  PositionProof(Statistics statistics, std::shared_ptr<UnendedVolumes> unended)
      : statistics_(std::move(statistics)), volume_ends_(std::move(unended)) {}
  bool asks() const { return statistics_ != nullptr; }

  /// The job is about to use that Volume; as LockPort's.
  void opens_volume(const std::string& volume, bool appends);
  bool may_stop_waiting();
  /// The lock is ours. A drive that cannot be asked now is asked the next time.
  void see(scsi::LogicalUnit& unit, const std::function<bool()>& device_open, reserve::LockReading& reading);
  /// While commands wait for the path: what the daemon appends must not be written over what was there before (scsi/append_guard.h).
  void guard(const DeviceWorld& world, const std::string& device);
  /// The path is not waited for any more, or is again.
  void path_waits(bool waits) { guarded_ = guarded_ && waits; }
  /// st lost its position under the daemon: once.
  bool take_lost() { return std::exchange(lost_, false); }
  /// The drive does not know READ POSITION.
  bool tells_nothing() const { return tells_nothing_; }

 private:
  std::optional<scsi::TapeStatistics> counted_at_rest() const;
  void hear_of_volume();
  std::optional<std::string> begin_to_move();
  void end_to_move();
  void see_volume(const scsi::TapePosition& position, const scsi::TapeStatistics& counted);
  void look_behind(scsi::LogicalUnit& unit, reserve::LockReading& reading);
  void see_lost(const scsi::TapeStatistics& now);
  void device_is_closed();

  Statistics statistics_;
  PositionKeeper position_;
  VolumeEnds volume_ends_;
  bool long_form_ = true;  ///< of READ POSITION, which has the file
  std::mutex volume_mutex_;
  std::optional<std::string> next_volume_;     ///< of opens_volume(), not yet seen by see()
  std::optional<std::string> appending_to_;    ///< whoever opened that Volume does nothing until it has its answer
  bool moving_ = false;                        ///< the tape, for it
  std::optional<std::string> opening_volume_;  ///< see()'s own
  bool guarded_ = false;                       ///< in this outage
  std::optional<bool> position_lost_;          ///< as the kernel said last, while the device was open
  bool lost_ = false;
  std::atomic<bool> tells_nothing_{false};
};

}  // namespace shstore::plugin
