// The engine's actions as SCSI: the lock of one drive through its control device.
#pragma once

#include <functional>
#include <optional>
#include <string>

#include "plugin/device_watch.h"
#include "reserve/lock_port.h"
#include "scsi/drive_lock.h"
#include "scsi/process_lock.h"
#include "reserve/record/attentions.h"

namespace shstore::plugin {

class ScsiLockPort final : public reserve::LockPort {
 public:
  using IsOpen = std::function<bool()>;

  /// `reclaim`: an earlier life of this daemon ended without giving its locks back, so a lock under our key
  /// that is found by Action::recover is released. Otherwise one that is found is left alone. `is_open`: does
  /// this daemon have the archive device open? `journal`: where shstore-status writes down what it has kept
  /// from us (reserve/record/attentions.h); empty: nowhere. `watch`: what the kernel tells of the drive; must outlive this.
  ScsiLockPort(std::string control_device, scsi::ReservationKey key, bool reclaim, IsOpen is_open,
               const std::string& journal = {}, DeviceWatch* watch = nullptr)
      : journal_(journal, control_device),
        watch_(watch),
        control_device_(std::move(control_device)),
        key_(key),
        processes_(control_device_, key),
        reclaim_(reclaim),
        is_open_(std::move(is_open)) {}

  reserve::Outcome perform(reserve::Action action, bool keep_registration) override;
  bool device_open() override { return is_open_(); }

 private:
  /// By which initiator port, at which generation of the registrations, the lock was proven to be ours.
  struct Proof {
    uint32_t generation = 0;
    std::optional<scsi::TransportId> holder;  ///< nothing: the drive does not tell (no READ FULL STATUS)
  };

  reserve::Outcome act(scsi::LogicalUnit& unit, scsi::DriveLock& lock, reserve::Action action,
                       bool keep_registration);
  reserve::Outcome recover(scsi::DriveLock& lock);
  reserve::Outcome look(scsi::LogicalUnit& unit, scsi::DriveLock& lock);
  reserve::Outcome take(scsi::LogicalUnit& unit, scsi::DriveLock& lock);
  reserve::Outcome take_alone(scsi::LogicalUnit& unit, scsi::DriveLock& lock);
  reserve::Outcome release(scsi::DriveLock& lock, bool keep_registration);
  reserve::Outcome unregister(scsi::DriveLock& lock);
  reserve::Sight sight_of(const scsi::LockState& state, bool ours) const;
  reserve::Outcome reach(reserve::Action action, bool keep_registration);
  void hear_of_resets(const std::string& device, bool told_by_ours);
  bool path_is_gone(const std::string& device) const;
  reserve::Outcome gone();
  scsi::Result<bool> still_ours(scsi::LogicalUnit& unit, const scsi::DriveLock& lock,
                                const scsi::LockState& state);

  record::AttentionReader journal_;
  DeviceWatch* watch_;
  std::string control_device_;
  scsi::ReservationKey key_;
  scsi::ProcessLock processes_;  ///< held while the lock is ours: no other program of this host uses the drive meanwhile
  bool reclaim_;
  IsOpen is_open_;
  std::optional<Proof> proof_;
  /// Does PRGENERATION count unregistering? Learned from an unregistration of ours that nobody else can have disturbed.
  std::optional<bool> counts_unregistering_;
  bool reset_untold_ = false;  ///< this host was told of a reset, whatever program had asked the drive for something else
  bool gone_ = false;          ///< the kernel took the device away after the lock was taken
  std::string locked_through_; ///< scsi::sysfs_device() with which the lock was taken; empty: it is not, or has none
};

}  // namespace shstore::plugin
