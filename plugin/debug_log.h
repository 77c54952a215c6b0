// What the plugin does, in the file that storage-ctl writes to as well, if a storage-ctl.conf says debug_log=1: every SCSI command with
// its answer, and what it tells jobs.
#pragma once

#include <atomic>
#include <string>

namespace shstore::plugin {

/// Thread-safe. Opens the file for each line, so that it can be rotated; a line that cannot be written is lost.
class DebugLog {
 public:
  explicit DebugLog(std::string path) : path_(std::move(path)) {}
  /// Empty, or why nothing will be written.
  std::string start();
  void line(const std::string& text) noexcept;

 private:
  const std::string path_;
  std::atomic<bool> on_{false};
};

}  // namespace shstore::plugin
