// Watches whether a job of this daemon waits in a ring of hosts that wait for each other (reserve/mutual_wait.h).
//
// As long as no job of ours has a drive without having begun while one waits, nothing is asked of any drive. Where that is so, the
// keys on all shared drives of this daemon are read every few seconds, by a look of each drive's own worker, which has the control device
// open: that changes nothing on a drive.
#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "config/shared/shared_devices.h"
#include "reserve/mutual_wait.h"
#include "scsi/reservation_key.h"

namespace shstore::plugin {

/// All member functions may be called by any thread.
class MutualWatch {
 public:
  struct Drive {
    std::string control_device;
    scsi::ReservationKey key;  ///< this host's there
  };
  struct Surroundings {
    std::function<std::vector<reserve::JobOnDrives>()> jobs;  ///< by control device
    /// What the drive shows now; nothing: it does not tell. May wait for it.
    std::function<std::optional<reserve::LockReading>(const std::string& control_device)> read;
    std::function<void()> changed;                  ///< waits() has
    std::function<void(reserve::JobContext)> wake;  ///< the job is to ask once more: gives_in() has something for it
  };

  /// Those whose keys can be read: a Lock Command of the site's own does not show them.
  static std::vector<Drive> drives(const config::SharedDevices& shared);
  /// As storage-ctl.conf has it. What is off on one drive is off on all, because a ring goes through several.
  static reserve::MutualWaits::Timing timing(const config::SharedDevices& shared);

  /// `mutual_wait` zero: nobody gives in. `interval` zero: as fits to that.
  MutualWatch(std::vector<Drive> drives, Surroundings surroundings, reserve::MutualWaits::Timing timing,
              std::chrono::milliseconds interval = {});
  ~MutualWatch();
  MutualWatch(const MutualWatch&) = delete;
  MutualWatch& operator=(const MutualWatch&) = delete;

  void start();
  /// True if the thread has ended within `patience`.
  bool stop(std::chrono::milliseconds patience);

  /// What is to be shown.
  std::vector<reserve::MutualWaits::Standing> waits() const;
  /// The job is to be refused for good, now: why. As of the last look; nothing: it is not.
  std::optional<reserve::MutualWaits::Standing> gives_in(reserve::JobContext job) const;

 private:
  struct Shared;
  std::shared_ptr<Shared> shared_;  // kept alive by the thread, which may be left behind in a command
  std::thread thread_;
};

}  // namespace shstore::plugin
