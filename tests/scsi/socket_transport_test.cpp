// The client's end against a target that answers twice, late, or with what cannot be the answer.
#include <gtest/gtest.h>
#include <sys/socket.h>
#include <unistd.h>

#include <thread>

#include "scsi/base/descriptor.h"
#include "scsi/inquiry.h"
#include "scsi/unix_socket.h"
#include "scsi/wire.h"
#include "support.h"

namespace shstore::scsi {
namespace {

// Answers the first command of each connection with these bytes, and then reads until the client has had enough.
class Answering {
 public:
  Answering(const std::string& path, Bytes answer) : answer_(std::move(answer)) {
    const auto address = SocketAddress::of(path).value();
    EXPECT_EQ(::bind(socket_.get(), address.get(), address.size()), 0);
    EXPECT_EQ(::listen(socket_.get(), 5), 0);
    thread_ = std::thread([this] { serve(); });
  }
  ~Answering() {
    ::shutdown(socket_.get(), SHUT_RDWR);
    thread_.join();
  }
  int connections = 0;

 private:
  void serve() {
    for (;;) {
      const base::Descriptor client(::accept(socket_.get(), nullptr, nullptr));
      if (!client) return;
      ++connections;
      char some[256];
      if (::recv(client.get(), some, sizeof some, 0) <= 0) continue;
      static_cast<void>(::send(client.get(), answer_.data(), answer_.size(), MSG_NOSIGNAL));
      while (::recv(client.get(), some, sizeof some, 0) > 0) {
      }
    }
  }

  Bytes answer_;
  base::Descriptor socket_{::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0)};
  std::thread thread_;
};

const Command kReady{cdb_test_unit_ready(), {}, 0, std::chrono::seconds(5)};

TEST(SocketTransport, ASecondCopyIsNotTheNextCommandsAnswer) {
  TemporaryFolder folder;
  auto twice = wire::frame(Reply{Status::good, {}, {}});
  append(twice, wire::frame(Reply{Status::busy, {}, {}}));
  const Answering target(folder.path("sg0"), twice);
  const auto transport = open_transport(folder.path("sg0"));
  ASSERT_TRUE(transport) << message(transport);
  for (int i = 0; i < 3; ++i) {
    const auto reply = (*transport)->execute(kReady);
    // Both at once are refused; one that comes alone is the answer, and the connection is made anew.
    EXPECT_TRUE(reply ? reply->status == Status::good : message(reply).ends_with("failed: more came than one reply"))
        << message(reply);
  }
}

TEST(SocketTransport, MoreDataThanThereWasRoomForIsNoAnswer) {
  TemporaryFolder folder;
  const Answering target(folder.path("sg0"), wire::frame(Reply{Status::good, {}, Bytes(8, 0)}));
  const auto transport = open_transport(folder.path("sg0"));
  ASSERT_TRUE(transport) << message(transport);
  EXPECT_EQ(message((*transport)->execute(kReady)),
            "SCSI command to " + folder.path("sg0") + " failed: 8 bytes came where there was room for 0");
}

}  // namespace
}  // namespace shstore::scsi
