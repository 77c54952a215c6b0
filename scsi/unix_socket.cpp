#include "scsi/unix_socket.h"

#include <fcntl.h>
#include <fmt/format.h>

#include <algorithm>
#include <cerrno>
#include <thread>

namespace shstore::scsi {

Result<SocketAddress> SocketAddress::of(const std::string& path) {
  SocketAddress result;
  result.address_.sun_family = AF_UNIX;
  std::string usable = path;
  constexpr size_t kRoom = sizeof result.address_.sun_path - 1;
  if (usable.size() > kRoom) {
    const auto slash = path.rfind('/');
    const std::string folder = slash == std::string::npos ? "." : path.substr(0, slash + 1);
    const std::string name = slash == std::string::npos ? path : path.substr(slash + 1);
    result.folder_ = base::Descriptor(::open(folder.c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC));
    if (!result.folder_) {
      return fail(Error::Kind::device, fmt::format("cannot open {}: {}", folder, errno_text(errno)));
    }
    usable = fmt::format("/proc/self/fd/{}/{}", result.folder_.get(), name);
    if (usable.size() > kRoom) return fail(Error::Kind::usage, fmt::format("the socket name {} is too long", name));
  }
  std::copy(usable.begin(), usable.end(), result.address_.sun_path);
  return result;
}

// A Unix socket that cannot be connected at once says EAGAIN: the listener's queue is full.
int connect_within(std::chrono::milliseconds deadline, int fd, const SocketAddress& address) {
  constexpr std::chrono::milliseconds kPause{20};
  for (const auto until = std::chrono::steady_clock::now() + deadline;;) {
    if (::connect(fd, address.get(), address.size()) == 0) return 0;
    if (errno != EAGAIN && errno != EINTR) return errno;
    if (std::chrono::steady_clock::now() > until) return ETIMEDOUT;
    std::this_thread::sleep_for(kPause);
  }
}

}  // namespace shstore::scsi
