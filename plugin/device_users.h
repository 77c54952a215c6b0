// Who has an archive device open: this daemon by its own descriptors, other programs by /proc where that may be read, and where it
// may not by what inotify told last.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "plugin/open_watch.h"
#include "reserve/lock_port.h"

namespace shstore::plugin {

/// The other processes that have one of the archive devices open, as far as they may be seen.
struct OtherUsers {
  std::string first{};  ///< "mt (process 4711)"; empty: none
  bool below = false;   ///< one that this process has started has (a Changer Command): that is no other program
};
/// `proc`: "/proc" but in tests.
OtherUsers other_users(const std::vector<std::string>& archive_devices, const std::string& proc = "/proc");

/// Not thread-safe.
class DeviceUsers {
 public:
  /// `watch` must outlive this; null: nothing is told, and only this daemon is seen. `is_open`: has this daemon one of them open?
  DeviceUsers(std::string drive, std::vector<std::string> archive_devices, std::function<bool()> is_open,
              OpenWatch* watch)
      : drive_(std::move(drive)),
        archive_devices_(std::move(archive_devices)),
        is_open_(std::move(is_open)),
        watch_(watch) {}

  reserve::DeviceUse look();
  /// As LockPort::opens_are_told(); by any thread.
  bool told() const { return watch_ == nullptr || watch_->tells(); }

 private:
  void prove(bool daemon);

  std::string drive_;
  std::vector<std::string> archive_devices_;
  std::function<bool()> is_open_;
  OpenWatch* watch_;
  std::string other_{};  ///< a program that may be seen
  bool unseen_ = false;  ///< one that may not has opened it, and was not told to have closed it
  bool known_ = true;
  std::chrono::steady_clock::time_point probe_at_{};
};

/// A port whose device_use() is that of all programs.
class WatchedPort final : public reserve::LockPort {
 public:
  WatchedPort(std::unique_ptr<reserve::LockPort> port, DeviceUsers users)
      : port_(std::move(port)), users_(std::move(users)) {}
  reserve::Outcome perform(reserve::Action action, bool keep_registration) override {
    return port_->perform(action, keep_registration);
  }
  bool can_look() const override { return port_->can_look(); }
  bool device_open() override { return port_->device_open(); }
  reserve::DeviceUse device_use() override { return users_.look(); }
  bool opens_are_told() const override { return users_.told(); }
  bool path_is_told() const override { return port_->path_is_told(); }
  bool path_is_back() override { return port_->path_is_back(); }
  std::string unfit() override { return port_->unfit(); }
  void release_is_near() override { port_->release_is_near(); }
  void opens_volume(const std::string& volume, bool appends) override { port_->opens_volume(volume, appends); }
  bool may_stop_waiting() override { return port_->may_stop_waiting(); }
  std::string limit() const override { return port_->limit(); }

 private:
  std::unique_ptr<reserve::LockPort> port_;
  DeviceUsers users_;
};

}  // namespace shstore::plugin
