// What `notify` tells of: what has happened between two states of the plugin, and who waits too long. No I/O, no clock.
#pragma once

#include <chrono>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "reserve/record/state.h"

namespace shstore::plugin {

/// The arguments of the program, in this order. "-": not known, or nobody.
struct Notice {
  std::string event;   ///< locked, unlocked, lost, waiting, blocked
  std::string device;  ///< the Control Device, as storage-ctl takes it
  std::string key;     ///< this host's
  std::string holder;  ///< who holds the drive: a key, or "all registered keys"
  std::string job;     ///< the JobId; of several the first, but for lost, which is told for each
  friend bool operator==(const Notice&, const Notice&) = default;
};

/// Not thread-safe. Several Device resources of one drive are one.
class Notices {
 public:
  /// After how long a wait is told, by Control Device; of other drives nothing is.
  explicit Notices(std::map<std::string, std::chrono::seconds> waits) : waits_(std::move(waits)) {}

  /// What has happened since the state before; in the first one, what is so already.
  std::vector<Notice> observe(const record::SdState& state);
  /// Jobs that wait too long, each once for each drive.
  std::vector<Notice> overdue(record::WallTime now);
  /// When overdue() has the next one; nothing: nobody waits.
  std::optional<record::WallTime> next() const;

 private:
  using Waiter = std::pair<std::string, uint32_t>;  ///< Control Device, JobId

  std::map<std::string, std::chrono::seconds> waits_;
  std::map<std::string, record::DriveState> drives_;  ///< as last seen, by Control Device
  std::set<Waiter> told_;
};

}  // namespace shstore::plugin
