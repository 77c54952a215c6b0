// The engine's actions by a Lock Command of the site's own: any program that is not our storage-ctl.
// config/shared/site_lock.h has its contract. The drive is watched and the lock is proven by trylock: a lock that vanished is
// taken back without anybody being told, and hosts do not take turns.
#pragma once

#include <functional>
#include <memory>
#include <string>

#include "config/shared/shared_devices.h"
#include "config/shared/site_lock.h"
#include "plugin/device_watch.h"
#include "plugin/drive_identity.h"
#include "reserve/lock_port.h"

namespace shstore::plugin {

class CommandLockPort final : public reserve::LockPort {
 public:
  using IsOpen = std::function<bool()>;
  using Debug = config::SiteLock::Debug;
  static constexpr auto kDeadline = config::SiteLock::kDeadline;

  /// As ScsiLockPort's. `debug` is told how each command ended and all that it wrote.
  CommandLockPort(
      config::SharedDevice device, bool reclaim, IsOpen is_open, std::chrono::milliseconds deadline = kDeadline,
      Debug debug = [](const auto&) {}, DeviceWatch* watch = nullptr, std::shared_ptr<DriveIdentity> identity = nullptr)
      : identity_(identity ? std::move(identity)
                           : std::make_shared<DriveIdentity>(DriveNames{{}, device.control_device})),
        lock_(std::move(device), deadline, std::move(debug)),
        reclaim_(reclaim),
        is_open_(std::move(is_open)),
        watch_(watch) {}

  reserve::Outcome perform(reserve::Action action, bool keep_registration) override;
  bool device_open() override { return is_open_(); }
  bool can_look() const override { return false; }
  bool path_is_told() const override { return identity_->changes_are_told(); }
  std::string unfit() override;

 private:
  reserve::Outcome take();
  reserve::Outcome checked(const scsi::SameDrive& drive);
  void hear_of_resets(reserve::Outcome& outcome) const;
  reserve::Outcome release(bool keep_registration);

  std::shared_ptr<DriveIdentity> identity_;
  config::SiteLock lock_;
  bool reclaim_;
  IsOpen is_open_;
  DeviceWatch* watch_;
};

}  // namespace shstore::plugin
