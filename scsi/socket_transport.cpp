// The client's end of a shstore-target socket.
#include <fmt/format.h>
#include <poll.h>

#include <cerrno>

#include "scsi/base/descriptor.h"
#include "scsi/cannot_open.h"
#include "scsi/transport.h"
#include "scsi/unix_socket.h"
#include "scsi/wire.h"

namespace shstore::scsi {
namespace {

using Clock = std::chrono::steady_clock;

Result<base::Descriptor> connect_to(const std::string& path) {
  const auto address = SocketAddress::of(path);
  if (!address) return tl::make_unexpected(address.error());
  base::Descriptor socket(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
  if (!socket)
    return fail(Error::Kind::device,
                fmt::format("cannot open control device {}: no socket: {}", path, errno_text(errno)));
  const int error = connect_within(kCommandDeadline, socket.get(), *address);
  if (error == 0) return socket;
  return cannot_open(path, error);
}

class SocketTransport final : public Transport {
 public:
  SocketTransport(std::string path, base::Descriptor socket) : path_(std::move(path)), socket_(std::move(socket)) {}

  const std::string& path() const override { return path_; }

  Result<Reply> execute(const Command& command) override {
    if (!is_clean()) {
      auto again = connect_to(path_);
      if (!again) return tl::make_unexpected(again.error());
      socket_ = std::move(*again);
    }
    const auto until = Clock::now() + command.deadline;
    auto reply = send(wire::frame(command), until).and_then([&] { return receive(until); }).and_then([&](Reply r) {
      return plausible(command, std::move(r));
    });
    if (!reply) disconnect();  // a late answer must not be taken for the next command's
    return reply;
  }

 private:
  void disconnect() { socket_ = base::Descriptor(); }

  // Connected, and nothing waits to be read: what does, belongs to no command that is still to be sent.
  bool is_clean() const {
    uint8_t byte = 0;
    return socket_ && ::recv(socket_.get(), &byte, 1, MSG_PEEK | MSG_DONTWAIT) < 0 && errno == EAGAIN;
  }

  // A reply does not name its command. One that cannot be to this command is a second copy of another's.
  Result<Reply> plausible(const Command& command, Reply reply) const {
    if (reply.data_in.size() <= command.data_in_length) return reply;
    return fail(Error::Kind::protocol,
                fmt::format("SCSI command to {} failed: {} bytes came where there was room for {}", path_,
                            reply.data_in.size(), command.data_in_length));
  }

  Result<void> wait(short events, Clock::time_point until) const {
    for (;;) {
      const auto left = std::chrono::ceil<std::chrono::milliseconds>(until - Clock::now()).count();
      if (left <= 0) return fail(Error::Kind::timeout, fmt::format("{} does not answer", path_));
      pollfd p{socket_.get(), events, 0};
      const int ready = ::poll(&p, 1, static_cast<int>(left));
      if (ready > 0) return {};
      if (ready < 0 && errno != EINTR) return lost(errno_text(errno));
    }
  }

  Result<void> send(const Bytes& frame, Clock::time_point until) const {
    for (size_t sent = 0; sent < frame.size();) {
      const ssize_t n = ::send(socket_.get(), frame.data() + sent, frame.size() - sent, MSG_NOSIGNAL | MSG_DONTWAIT);
      if (n > 0) {
        sent += static_cast<size_t>(n);
      } else if (errno == EAGAIN || errno == EINTR) {
        if (auto w = wait(POLLOUT, until); !w) return w;
      } else {
        return lost(errno_text(errno));
      }
    }
    return {};
  }

  Result<Reply> receive(Clock::time_point until) const {
    Bytes received;
    for (;;) {
      const auto length = wire::frame_length(received);
      if (!length) return tl::make_unexpected(length.error());
      if (*length && received.size() > **length) return lost("more came than one reply");
      if (*length && received.size() == **length) {
        return wire::decode_reply(ByteView(received).subspan(wire::kLengthField, **length - wire::kLengthField));
      }
      if (auto w = wait(POLLIN, until); !w) return tl::make_unexpected(w.error());
      uint8_t chunk[4096];
      const ssize_t n = ::recv(socket_.get(), chunk, sizeof chunk, MSG_DONTWAIT);
      if (n == 0) return lost("shstore-target closed the connection");
      if (n > 0) received.insert(received.end(), chunk, chunk + n);
      if (n < 0 && errno != EAGAIN && errno != EINTR) return lost(errno_text(errno));
    }
  }

  tl::unexpected<Error> lost(const std::string& why) const {
    return fail(Error::Kind::device, fmt::format("SCSI command to {} failed: {}", path_, why));
  }

  std::string path_;
  base::Descriptor socket_;
};

}  // namespace

Result<std::unique_ptr<Transport>> open_socket_transport(const std::string& path) {
  auto socket = connect_to(path);
  if (!socket) return tl::make_unexpected(socket.error());
  return std::make_unique<SocketTransport>(path, std::move(*socket));
}

}  // namespace shstore::scsi
