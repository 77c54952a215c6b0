// The engine's actions by a Lock Command of the site's own: any program that is not our storage-ctl.
//
// The contract of such a program, called as its Lock Command says with %o as one of
//   trylock     takes the lock at once or not at all; if this host has it already, says so. Registers the key
//   if needed.
//               Exit status 0: this host has the lock; the drive is asked whether that is so (plugin/lock_holder.h). 24
//               (sg_persist's for a reservation conflict): another host has it. 75 too, if wholocked tells whose it is: it is
//               also sg3_utils' for what is no SCSI device (50 + ENOTTY). Anything else: an error, with the reason on the last
//               line of output.
//   unlock      gives the lock back; 0 also if this host did not have it
//   unregister  takes the key off the drive; optional, its exit status is not looked at
//   wholocked   prints the key that has the lock, for the message to the job that waits; without it no lock is believed on a drive
//               that does not tell by READ FULL STATUS who holds it
// It must not wait (there is a deadline), and must not lock for one process only: each operation is a process
// of its own. With no more than these, the drive is watched and the lock is proven by trylock: a lock that
// vanished is taken back without anybody being told, and hosts do not take turns.
#pragma once

#include <functional>
#include <memory>
#include <string>

#include "config/shared/shared_devices.h"
#include "plugin/device_watch.h"
#include "plugin/drive_identity.h"
#include "reserve/lock_port.h"

namespace shstore::plugin {

class CommandLockPort final : public reserve::LockPort {
 public:
  using IsOpen = std::function<bool()>;
  using Debug = std::function<void(const std::string&)>;
  static constexpr std::chrono::milliseconds kDeadline{30000};

  /// As ScsiLockPort's. `debug` is told how each command ended and all that it wrote.
  CommandLockPort(config::SharedDevice device, bool reclaim, IsOpen is_open,
                  std::chrono::milliseconds deadline = kDeadline, Debug debug = [](const auto&) {},
                  DeviceWatch* watch = nullptr, std::shared_ptr<DriveIdentity> identity = nullptr)
      : identity_(identity ? std::move(identity) : std::make_shared<DriveIdentity>(DriveNames{{}, device.control_device})),
        device_(std::move(device)),
        reclaim_(reclaim),
        is_open_(std::move(is_open)),
        deadline_(deadline),
        debug_(std::move(debug)),
        watch_(watch) {}

  reserve::Outcome perform(reserve::Action action, bool keep_registration) override;
  bool device_open() override { return is_open_(); }
  bool can_look() const override { return false; }

 private:
  struct Ran {
    int status = 0;
    std::string last_line;
    std::string trouble{};  ///< not empty: it could not be run, or did not end
    bool started = true;
  };
  Ran run(const char* operation) const;
  reserve::Outcome failed(const char* operation, const Ran& ran) const;
  reserve::Outcome take();
  reserve::Outcome blocked(const Ran& refusal) const;
  reserve::Outcome checked(const scsi::SameDrive& drive);
  std::string key_that_holds() const;
  void hear_of_resets(reserve::Outcome& outcome) const;
  reserve::Outcome release(bool keep_registration);

  std::shared_ptr<DriveIdentity> identity_;
  config::SharedDevice device_;
  bool reclaim_;
  IsOpen is_open_;
  std::chrono::milliseconds deadline_;
  Debug debug_;
  DeviceWatch* watch_;
  bool may_have_it_ = false;  ///< a trylock has not clearly failed since the last unlock
};

}  // namespace shstore::plugin
