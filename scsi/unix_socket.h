// Unix socket addresses of any length.
#pragma once

#include <sys/socket.h>
#include <sys/un.h>

#include <chrono>
#include <string>

#include "scsi/base/descriptor.h"
#include "scsi/error.h"

namespace shstore::scsi {

/// A socket address for `path`. sun_path holds 107 bytes; for a longer path the folder is opened and named as
/// /proc/self/fd/N, so the address is valid only as long as this object lives.
class SocketAddress {
 public:
  static Result<SocketAddress> of(const std::string& path);

  const sockaddr* get() const { return reinterpret_cast<const sockaddr*>(&address_); }
  socklen_t size() const { return sizeof address_; }

 private:
  SocketAddress() = default;
  sockaddr_un address_{};
  base::Descriptor folder_{};
};

/// Connects `fd`, a stream socket with O_NONBLOCK; 0 or an errno. While the listener's queue is full, as that of a process that
/// was stopped soon is, it is tried again; ETIMEDOUT after `deadline`.
int connect_within(std::chrono::milliseconds deadline, int fd, const SocketAddress& address);

}  // namespace shstore::scsi
