// The journal of unit attentions that a command of shstore-status consumed. A drive tells each initiator once
// that it was reset or that its reservations are gone; what a reader of status has heard, the plugin of the
// same host will not hear.
//
// A file beside the state file, one line each: "2026-11-22T10:48:52.123456Z 29/00 /dev/sg0". Times only grow,
// so that a reader knows what it has seen. At most some 64 KiB: the oldest lines go.
#pragma once

#include <sys/stat.h>

#include <string>
#include <tl/expected.hpp>
#include <vector>

namespace shstore::record {

/// "/var/lib/bacula/cibou-sd.shstore-attentions"
std::string attentions_path(const std::string& working_directory, const std::string& sd_name);

/// Writes them down, oldest first; `codes` as in "29/00". The file is made with mode 0660, and, by root, for
/// the owner of its directory, so that the daemon can read it. The error names the path and the reason. Safe
/// between processes.
tl::expected<void, std::string> record_attentions(const std::string& path, const std::string& control_device,
                                                  const std::vector<std::string>& codes);

/// Reads what was written down for one drive, each line once. Not thread-safe.
class AttentionReader {
 public:
  /// What is in the file already is taken as read. An empty path: there is never anything.
  AttentionReader(std::string path, std::string control_device);

  /// The codes since the last call, oldest first. A file that cannot be read has none.
  std::vector<std::string> fresh();

 private:
  bool unchanged();

  std::string path_, control_device_;
  std::string seen_;  ///< the time of the last line that was read
  struct stat last_ {};
};

}  // namespace shstore::record
