// The engine's actions as SCSI: the lock of one drive through its control device.
#pragma once

#include <atomic>
#include <functional>
#include <string>

#include "reserve/lock_port.h"
#include "scsi/reservation_key.h"

namespace shstore::plugin {

class ScsiLockPort final : public reserve::LockPort {
 public:
  using IsOpen = std::function<bool()>;

  /// `reclaim`: an earlier life of this daemon ended without giving its locks back, so a lock under our key that is
  /// found by Action::recover is released. Otherwise one that is found is left alone.
  /// `is_open`: does this daemon have the archive device open?
  ScsiLockPort(std::string control_device, scsi::ReservationKey key, bool reclaim, IsOpen is_open)
      : control_device_(std::move(control_device)), key_(key), reclaim_(reclaim), is_open_(std::move(is_open)) {}

  reserve::Outcome perform(reserve::Action action, bool keep_registration) override;

 private:
  std::string control_device_;
  scsi::ReservationKey key_;
  bool reclaim_;
  IsOpen is_open_;
};

}  // namespace shstore::plugin
