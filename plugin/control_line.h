// The control device, kept open from one look at the drive to the next: a drive for which jobs wait is looked at often.
//
// It is opened anew where anything could be another than it was: the path leads elsewhere (another file or device number there, or
// made anew; another device of sysfs), a minute has passed, or whoever uses it says so, after any error, before a lock is taken, and
// once the drive has reported a reset or a lost nexus.
#pragma once

#include <sys/stat.h>

#include <chrono>
#include <functional>
#include <memory>
#include <string>

#include "scsi/transport.h"

namespace shstore::plugin {

/// Not thread-safe.
class ControlLine {
 public:
  using Instant = std::chrono::steady_clock::time_point;
  using Open = std::function<scsi::Result<std::unique_ptr<scsi::Transport>>(const std::string& path)>;
  static constexpr std::chrono::seconds kLongest{60};

  explicit ControlLine(Open open = scsi::open_transport) : open_(std::move(open)) {}

  /// Valid until the next call of anything here. `device`: where the path leads by now, as scsi::sysfs_device() has it.
  scsi::Result<scsi::Transport*> get(const std::string& path, const std::string& device, Instant now);
  /// It was opened by the last get().
  bool is_new() const { return new_; }
  void drop() { line_.reset(); }

 private:
  bool leads_there(const std::string& path, const std::string& device) const;

  Open open_;
  std::unique_ptr<scsi::Transport> line_;
  std::string device_;
  struct stat file_ {};
  Instant opened_{};
  bool new_ = false;
};

}  // namespace shstore::plugin
