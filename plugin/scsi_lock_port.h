// The engine's actions as SCSI: the lock of one drive, by the nexus through which it is written (plugin/drive_identity.h).
#pragma once

#include <atomic>
#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "plugin/control_line.h"
#include "plugin/device_watch.h"
#include "plugin/drive_identity.h"
#include "plugin/lock_elsewhere.h"
#include "plugin/position_proof.h"
#include "plugin/registrations.h"
#include "reserve/lock_port.h"
#include "scsi/append_guard.h"
#include "scsi/drive_lock.h"
#include "scsi/process_lock.h"
#include "reserve/record/attentions.h"

namespace shstore::plugin {

class ScsiLockPort final : public reserve::LockPort {
 public:
  using IsOpen = std::function<bool()>;
  using Statistics = PositionProof::Statistics;

  /// `reclaim`: an earlier life of this daemon ended without giving its locks back, so a lock under our key
  /// that is found by Action::recover is released. Otherwise one that is found is left alone. `is_open`: does
  /// this daemon have the archive device open? `journal`: where shstore-status writes down what it has kept
  /// from us (reserve/record/attentions.h); empty: nowhere. `watch`: what the kernel tells of the drive; must outlive this.
  /// `identity`: which drive it is; nullptr: what the control device leads to. `statistics`: with it the drive is asked where its tape
  /// stands, with every proof of the lock while the device is open. `unended`: of all drives of the daemon.
  ScsiLockPort(std::string control_device, scsi::ReservationKey key, bool reclaim, IsOpen is_open,
               const std::string& journal = {}, DeviceWatch* watch = nullptr,
               std::shared_ptr<DriveIdentity> identity = nullptr, Statistics statistics = {},
               std::shared_ptr<UnendedVolumes> unended = std::make_shared<UnendedVolumes>())
      : journal_(journal, control_device),
        watch_(watch),
        identity_(identity ? std::move(identity) : std::make_shared<DriveIdentity>(DriveNames{{}, control_device})),
        control_device_(std::move(control_device)),
        key_(key),
        processes_(control_device_, key),
        reclaim_(reclaim),
        is_open_(std::move(is_open)),
        position_(std::move(statistics), std::move(unended)) {}

  reserve::Outcome perform(reserve::Action action, bool keep_registration) override;
  bool device_open() override { return is_open_() || locked_tape_is_open(); }
  std::string limit() const override;
  bool path_is_back() override;
  /// That commands wait for the path to a device of the kernel's nobody tells.
  bool path_is_told() const override { return locked_through_.empty() && identity_->changes_are_told(); }
  std::string unfit() override;
  void release_is_near() override { release_is_near_ = true; }
  void opens_volume(const std::string& volume, bool appends) override { position_.opens_volume(volume, appends); }
  bool may_stop_waiting() override { return position_.may_stop_waiting(); }

 private:
  using Clock = std::chrono::steady_clock;
  using FullStatus = std::optional<scsi::FullStatus>;  ///< nothing where the drive does not tell

  /// By which initiator port, at which generation of the registrations, the lock was proven to be ours.
  struct Proof {
    uint32_t generation = 0;
    std::optional<scsi::TransportId> holder;  ///< nothing: the drive does not tell (no READ FULL STATUS)
  };

  reserve::Outcome act(scsi::LogicalUnit& unit, scsi::DriveLock& lock, reserve::Action action, bool keep_registration);
  reserve::Outcome recover(scsi::LogicalUnit& unit, scsi::DriveLock& lock);
  reserve::Outcome look(scsi::LogicalUnit& unit, scsi::DriveLock& lock);
  reserve::Outcome take(scsi::LogicalUnit& unit, scsi::DriveLock& lock);
  std::optional<reserve::Outcome> take_slowly(scsi::LogicalUnit& unit, scsi::DriveLock& lock);
  static std::optional<scsi::FreeDriveTaken> whole_state(scsi::LogicalUnit& unit, scsi::DriveLock& lock);
  reserve::Outcome take_alone(scsi::LogicalUnit& unit, scsi::DriveLock& lock);
  reserve::Outcome release(scsi::LogicalUnit& unit, scsi::DriveLock& lock, bool keep_registration);
  reserve::Outcome join(scsi::LogicalUnit& unit, scsi::DriveLock& lock);
  void note_registration(scsi::LogicalUnit& unit);
  bool drop_lost_registrations(scsi::LogicalUnit& unit, const FullStatus& status);
  reserve::Outcome recover_elsewhere(scsi::LogicalUnit& unit, scsi::DriveLock& lock, const reserve::Outcome& otherwise);
  scsi::Result<scsi::LockAttempt> try_lock(scsi::LogicalUnit& unit, scsi::DriveLock& lock);
  scsi::Result<bool> bring_here(scsi::LogicalUnit& unit, scsi::DriveLock& lock);
  std::vector<std::string> lost_ports() const;
  bool took_before() const;
  bool may_be_elsewhere() const;
  reserve::Outcome unregister(scsi::DriveLock& lock);
  bool path_waits();
  void tell_those_who_wait(scsi::LogicalUnit& unit);
  void see_position(scsi::LogicalUnit& unit, reserve::LockReading& reading);
  reserve::LockReading reading_of(const scsi::LockState& state, bool ours) const;
  /// The path by which the drive is reached, and its device (scsi::sysfs_device(); empty: none of the kernel's).
  struct Way {
    std::string path, device;
  };
  bool locked_tape_is_open() const;
  Way registered_way(const scsi::SameDrive& drive) const;
  void leave_old_nexus(const scsi::SameDrive& drive);
  void remember(const Way& way, reserve::Action action, bool keep_registration, reserve::Outcome& outcome);
  bool moved(const scsi::SameDrive& drive) const;
  bool leads_there(const Way& way) const;
  bool still_the_same(const Way& way);
  bool dead(const scsi::SameDrive& drive) const;
  reserve::Outcome give_back(const Way& way, const std::string& why);
  reserve::Outcome elsewhere(const scsi::SameDrive& drive) const;
  reserve::Outcome reach(const Way& way, reserve::Action action, bool keep_registration);
  void forget_the_drive();
  reserve::Outcome go(const Way& way, reserve::Action action, bool keep_registration);
  void hear_of_resets(const std::string& device, bool told_by_ours);
  bool path_is_gone() const;
  reserve::Outcome gone();
  scsi::Result<bool> still_ours(scsi::LogicalUnit& unit, const scsi::DriveLock& lock, const scsi::LockState& state);

  record::AttentionReader journal_;
  DeviceWatch* watch_;
  std::shared_ptr<DriveIdentity> identity_;
  std::string control_device_;
  scsi::ReservationKey key_;
  scsi::ProcessLock
      processes_;  ///< held while the lock is ours: no other program of this host uses the drive meanwhile
  bool reclaim_;
  IsOpen is_open_;
  PositionProof position_;
  scsi::DeviceState state_{};
  bool outage_ = false;  ///< commands wait, as seen last
  ControlLine line_;
  Registrations registrations_;
  std::atomic<bool> release_is_near_{false};  ///< not yet told to those who wait
  /// The last action was a look, and found the drive free: whether our key was on it. For the taking that follows at once.
  std::optional<bool> seen_free_;
  std::optional<bool> take_free_;  ///< of the taking that is under way
  std::optional<Proof> proof_;
  /// Does PRGENERATION count unregistering? Learned from an unregistration of ours that nobody else can have disturbed.
  std::optional<bool> counts_unregistering_;
  bool reset_untold_ =
      false;           ///< this host was told of a reset, whatever program had asked the drive for something else
  bool gone_ = false;  ///< the kernel took the device away after the lock was taken
  // As scsi::sysfs_device() has them; empty: none, or none of the kernel's.
  std::string locked_through_;                   ///< the device by which the lock was taken
  std::string registered_through_;               ///< by which our key was registered last
  std::string registered_by_;                    ///< the initiator port, TransportId::text(); empty: not known
  std::vector<std::string> lost_registrations_;  ///< ports by which we waited, and that went away
  std::string lost_through_;                     ///< a device that went away with the lock
  std::string lost_by_;                          ///< and the initiator port that had it, TransportId::text()
  std::string clone_;                            ///< what take() found out about another machine with our name
};

}  // namespace shstore::plugin
