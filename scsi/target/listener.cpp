#include "scsi/target/listener.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <filesystem>

#include "scsi/unix_socket.h"

namespace shstore::scsi::target {
namespace {

constexpr mode_t kSocketMode = 0660;

tl::unexpected<Error> cannot(const char* what, const std::string& path, const std::string& why) {
  return fail(Error::Kind::device, fmt::format("cannot {} {}: {}", what, path, why));
}

Descriptor stream_socket() { return Descriptor(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0)); }

// A full queue (EAGAIN) means that somebody listens, however slowly.
bool somebody_listens(const SocketAddress& address) {
  const auto probe = stream_socket();
  return ::connect(probe.get(), address.get(), address.size()) == 0 || errno == EAGAIN || errno == EINPROGRESS;
}

Result<void> remove_stale(const std::string& path, const SocketAddress& address) {
  struct stat st {};
  if (::lstat(path.c_str(), &st) != 0) return {};
  if (!S_ISSOCK(st.st_mode)) return cannot("serve", path, "a file that is not a socket is there");
  if (somebody_listens(address)) return cannot("serve", path, "it is already served");
  if (::unlink(path.c_str()) != 0) return cannot("replace", path, errno_text(errno));
  return {};
}

}  // namespace

Result<Descriptor> claim_folder(const std::string& folder) {
  std::error_code error;
  std::filesystem::create_directories(folder, error);
  if (error) return cannot("create", folder, error.message());
  Descriptor fd(::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (fd.get() < 0) return cannot("open", folder, errno_text(errno));
  if (::flock(fd.get(), LOCK_EX | LOCK_NB) == 0) return fd;
  if (errno == EWOULDBLOCK) return cannot("serve", folder, "it is already served by another shstore-target");
  return cannot("lock", folder, errno_text(errno));
}

Result<Listener> Listener::open(const std::string& path) {
  const auto address = SocketAddress::of(path);
  if (!address) return tl::make_unexpected(address.error());
  if (auto removed = remove_stale(path, *address); !removed) return tl::make_unexpected(removed.error());
  auto socket = stream_socket();
  if (socket.get() < 0) return cannot("create a socket for", path, errno_text(errno));
  if (::bind(socket.get(), address->get(), address->size()) != 0) return cannot("create", path, errno_text(errno));
  Listener listener(path, std::move(socket));
  // Before listen(): until then nobody can connect, whatever the umask has left open.
  if (::chmod(path.c_str(), kSocketMode) != 0) return cannot("set the mode of", path, errno_text(errno));
  if (::listen(listener.fd(), SOMAXCONN) != 0) return cannot("listen on", path, errno_text(errno));
  return listener;
}

Listener::~Listener() {
  if (socket_.get() >= 0) ::unlink(path_.c_str());
}

}  // namespace shstore::scsi::target
