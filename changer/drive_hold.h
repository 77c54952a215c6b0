// The drive for this host alone, for the time of a move into or out of it.
//
// bacula-sd moves tapes for jobs whose lock the plugin has taken, and then the lock is left as it is. It also moves without any
// job: for console commands, and to take its own tape out of another drive. Then the lock is taken here and given back.
#pragma once

#include <chrono>
#include <functional>
#include <optional>
#include <string>

#include "changer/guard.h"
#include "changer/outcome.h"
#include "config/shared/shared_devices.h"
#include "scsi/drive_lock.h"

namespace shstore::changer {

/// What a DriveHold needs to know besides the drive.
struct HoldContext {
  scsi::LocalPorts ports{};
  KeyText key_text;
  /// True while a job of this host's Storage Daemon relies on the drive's lock. A job may come while the lock is ours for a
  /// move: the drive cannot tell the two apart, since it is one host and one key, so the lock then stays for the job.
  /// The plugin says it up to a third of a second late.
  std::function<bool()> job_holds_lock;
  std::function<void(std::chrono::milliseconds)> pause;  ///< nothing cuts it short
  /// A file that is there while the lock is ours for a move, so that one which a crash left behind is known for what it is and
  /// given back after the next move; empty: nothing is remembered.
  std::string memory{};
};

/// Move-only; gives back what it took, on destruction at the latest. Needs the drive's HostLock.
class DriveHold {
 public:
  using GiveBack = std::function<Outcome<void>()>;  ///< empty: nothing to give back

  /// `drive` must outlive this. Refused as judge_lock() says. A device with a Lock Command of the site's own is locked by that
  /// command, which need not use reservations: a lock that a job relies on is then the job's, whatever the drive shows.
  static Outcome<DriveHold> take(scsi::LogicalUnit& drive, const config::SharedDevice& device, const Request& request,
                                 HoldContext context);

  DriveHold(DriveHold&& other) noexcept;
  DriveHold& operator=(DriveHold&&) = delete;
  ~DriveHold();

  bool taken_here() const { return give_back_ != nullptr; }

  /// Takes half a second, in which a job that has just come for the lock gets it back. Error: the lock may still be there.
  Outcome<void> give_back();

 private:
  static Outcome<DriveHold> take(scsi::LogicalUnit& drive, const config::SharedDevice& device, const Request& request,
                                 HoldContext context, int again);
  explicit DriveHold(GiveBack give_back) : give_back_(std::move(give_back)) {}
  GiveBack give_back_;
};

}  // namespace shstore::changer
