// Asks the drives that this daemon has locked how they are: whether they want to be cleaned, have met an error, are calibrating a
// new cartridge. The views read it from the state file and ask the drives nothing.
#pragma once

#include <chrono>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "config/shared/shared_devices.h"
#include "reserve/record/state.h"
#include "scsi/logical_unit.h"

namespace shstore::plugin {

/// One reading of a drive. Page 11h, which clears nothing; page 2Eh only where there is no 11h and `may_read_alerts`: reading it
/// clears what Bacula's Alert Command would read. `before`: what was read before; flags of page 2Eh are gone once they are read, so
/// those of `before` stay. Nothing: the drive does not tell, or not now.
std::optional<record::DriveHealth> read_health(scsi::LogicalUnit& drive, bool may_read_alerts, record::WallTime now,
                                               const std::optional<record::DriveHealth>& before);

/// All member functions may be called by any thread. Drives are asked one after the other by a thread of its own: one that hangs
/// keeps nothing waiting but the others' readings.
class HealthWatch {
 public:
  static constexpr std::chrono::seconds kInterval{60};

  struct Drive {
    std::string control_device;
    bool may_read_alerts = false;
    std::string
        cleaned{};  ///< the file that is younger than a reading if the drive was cleaned since (shstore-changer's)
  };
  struct Surroundings {
    /// Has this daemon the drive's lock? Only then it is asked: a drive that nobody uses has nobody whom the answer helps, and
    /// every command of ours may be told what the tape driver should hear (a unit attention).
    std::function<bool(const std::string& control_device)> locked;
    /// What a reading consumed of such, "29/00".
    std::function<void(const std::string& control_device, const std::vector<std::string>& attentions)> attentions;
    std::function<void(const std::string& control_device)> calibrates;  ///< it has begun to
    std::function<void()> changed;  ///< after a reading that differs from the one before
  };

  /// Of the devices that can be locked. Several may be one drive: its TapeAlert flags are left alone if one of them has an Alert
  /// Command.
  static std::vector<Drive> drives(const config::SharedDevices& shared);

  HealthWatch(std::vector<Drive> drives, Surroundings surroundings, std::chrono::milliseconds interval = kInterval);
  ~HealthWatch();
  HealthWatch(const HealthWatch&) = delete;
  HealthWatch& operator=(const HealthWatch&) = delete;

  void start();
  /// True if the thread has ended within `patience`.
  bool stop(std::chrono::milliseconds patience);
  /// As last read, but for a wish to be cleaned that was granted since; nothing: not read yet.
  std::optional<record::DriveHealth> health(const std::string& control_device) const;

 private:
  struct Shared;
  std::shared_ptr<Shared> shared_;  // kept alive by the thread, which may be left behind in a command
  std::thread thread_;
};

}  // namespace shstore::plugin
