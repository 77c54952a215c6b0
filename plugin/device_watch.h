// What the kernel tells of our drives while jobs rely on them (scsi/device_events.h), kept for each drive until its lock
// port takes it.
#pragma once

#include <chrono>
#include <functional>
#include <map>
#include <mutex>
#include <optional>
#include <string>

#include "plugin/listening_thread.h"
#include "scsi/device_events.h"

namespace shstore::plugin {

/// Thread-safe. Never destroyed in the daemon.
class DeviceWatch {
 public:
  /// A drive was reset or is gone; `device` as scsi::sysfs_device() has it. By the thread of this, with no lock held. An empty
  /// name: nobody knows which, look at all.
  using Listener = std::function<void(const std::string& device)>;
  /// A device, a node or a session came, went or changed, or may have: what a node leads to may be another one. By the thread of this
  /// or by one that takes, with no lock held.
  using NodesChanged = std::function<void()>;

  DeviceWatch() : DeviceWatch(scsi::DeviceEvents::open()) {}
  explicit DeviceWatch(scsi::Result<scsi::DeviceEvents> events);
  DeviceWatch(const DeviceWatch&) = delete;
  DeviceWatch& operator=(const DeviceWatch&) = delete;

  /// Why nothing will be told; empty: it will.
  const std::string& unavailable() const { return unavailable_; }
  /// The kernel tells this process of all its devices (DeviceEvents::hears_all()).
  bool hears_all() const { return events_ && events_->hears_all(); }

  /// Starts to tell. Every signal is blocked in the thread. Why there is none; empty: it tells, or did before. May be tried again.
  std::string start(Listener listener, NodesChanged nodes_changed = {});
  /// Does not wait for longer than a listener takes.
  void stop() { thread_.stop(); }

  struct Seen {
    unsigned resets = 0;  ///< at least so many times it reported a reset, to whomever
    bool gone = false;
  };
  /// All of it since it was last taken, up to this moment. What is told before the first time is not kept.
  Seen take(const std::string& device);
  /// The same, after waiting for a report of a reset that must come, for at most `patience`.
  Seen take_after_reset(const std::string& device, std::chrono::milliseconds patience);

 private:
  struct News {
    std::vector<std::string> devices{};  ///< of which there was something
    NodesChanged nodes{};                ///< to be called; empty: not
  };
  News read_all();  ///< with mutex_ held
  void tell();

  std::string unavailable_;
  std::mutex mutex_;
  std::optional<scsi::DeviceEvents> events_;
  std::map<std::string, Seen> seen_;  ///< of those that were asked for
  Listener listener_;
  NodesChanged nodes_changed_;
  ListeningThread thread_;  ///< ends first
};

}  // namespace shstore::plugin
