// A listening Unix socket that owns its file.
#pragma once

#include <string>

#include "scsi/base/descriptor.h"
#include "scsi/error.h"

namespace shstore::scsi::target {

using base::Descriptor;

/// Marks a folder as served, for as long as this object lives or until the process dies (flock). Refused if another
/// shstore-target has it. The folder is created if it is not there.
Result<Descriptor> claim_folder(const std::string& folder);

class Listener {
 public:
  /// Listens at `path`, which group members may use too (0660). The socket of a process that died is replaced;
  /// refused is one that somebody listens on, and a file that is not a socket.
  static Result<Listener> open(const std::string& path);
  Listener(Listener&& other) noexcept = default;
  Listener& operator=(Listener&&) = delete;
  ~Listener();  ///< removes the socket file

  int fd() const { return socket_.get(); }
  const std::string& path() const { return path_; }

 private:
  Listener(std::string path, Descriptor socket) : path_(std::move(path)), socket_(std::move(socket)) {}
  std::string path_;
  Descriptor socket_;
};

}  // namespace shstore::scsi::target
