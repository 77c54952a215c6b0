// One drive that two hosts see.
#pragma once

#include "scsi/drive_lock.h"
#include "served_target.h"

namespace shstore::tests {

class RunningTarget : public ServedTarget {
 public:
  RunningTarget() : ServedTarget(kSan) {}
  std::string cibou() const { return path("cibou/sg0"); }
  std::string dir() const { return path("dir/sg4"); }

  /// Takes the drive's lock through that control device.
  static bool lock(const std::string& control_device, uint64_t key) {
    const auto transport = scsi::open_transport(control_device);
    if (!transport) return false;
    scsi::LogicalUnit unit(**transport);
    const auto attempt = scsi::DriveLock(unit, {key}).try_lock();
    return attempt && attempt->held;
  }

 private:
  static constexpr const char* kSan = R"({
    "drives": [{"name": "drive0", "vendor": "HP", "product": "Ultrium 4-SCSI", "revision": "H61W", "serial": "HU10450A01"}],
    "initiators": [
      {"name": "cibou", "wwpn": "2101001b322173ee", "devices": {"sg0": "drive0"}},
      {"name": "dir", "wwpn": "2100001b321f4365", "devices": {"sg4": "drive0"}}]})";
};

}  // namespace shstore::tests
