// A device that could not be locked as storage-ctl.conf was when the daemon started: is it so still? What an administrator corrects in
// that file is used without a restart of the daemon. bacula-sd.conf is not read again, because the daemon does not read it again.
#pragma once

#include <chrono>
#include <deque>
#include <functional>
#include <mutex>
#include <string_view>

#include "config/shared/shared_devices.h"

namespace shstore::plugin {

/// Thread-safe.
class Mending {
 public:
  using Clock = std::chrono::steady_clock;
  /// `read`: the shared devices as they are now. `add`: makes a device usable that was not; called once for each.
  Mending(std::function<config::SharedDevices()> read, std::function<void(const config::SharedDevice&)> add)
      : read_(std::move(read)), add_(std::move(add)) {}

  /// As config::judge() with what the files say now; they are read at most once a second. What a verdict points to stays.
  config::Verdict judge(std::string_view archive, std::string_view control, Clock::time_point now = Clock::now());
  /// Is it usable now, as far as is known without reading again? By name.
  bool is_mended(std::string_view device) const;

 private:
  const std::function<config::SharedDevices()> read_;
  const std::function<void(const config::SharedDevice&)> add_;
  mutable std::mutex mutex_;
  std::deque<config::SharedDevice> mended_;  ///< never moved, never taken away: jobs and drives point to them
  config::SharedDevices latest_;
  Clock::time_point next_{};
};

}  // namespace shstore::plugin
