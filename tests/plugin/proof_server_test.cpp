// Between a program that is about to move a tape and the plugin.
#include "plugin/proof_server.h"

#include <gtest/gtest.h>
#include <fcntl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <atomic>
#include <csignal>
#include <filesystem>
#include <memory>
#include <thread>
#include <vector>

#include "scsi/base/descriptor.h"
#include "scsi/unix_socket.h"

namespace shstore::plugin {
namespace {

using namespace std::chrono_literals;
using config::ask_for_proof;
using config::ProofAnswer;
using Kind = ProofAnswer::Kind;

constexpr std::chrono::milliseconds kPatient{30000};

struct Proofs : testing::Test {
  Proofs() {
    EXPECT_NE(::mkdtemp(folder.data()), nullptr);
    path = config::proof_path(folder, "cibou-sd");
  }
  ~Proofs() override {
    server.stop();
    std::filesystem::remove_all(folder);
  }
  std::string folder = "/tmp/shstore-proof-XXXXXX", path;
  // An answer that hangs may come after the test has ended.
  struct State {
    ProofAnswer answer{Kind::proven};
    std::atomic<bool> hang{false};
  };
  std::shared_ptr<State> state = std::make_shared<State>();
  ProofAnswer& answer = state->answer;
  std::atomic<bool>& hang = state->hang;
  ProofServer server{[state = state](const std::string& device) {
    while (state->hang && device == "/dev/sg0") std::this_thread::sleep_for(2ms);
    return device == "/dev/sg9" ? ProofAnswer{Kind::unknown} : state->answer;
  }};
};

TEST_F(Proofs, EachAnswerArrives) {
  ASSERT_EQ(server.start(path), "");
  for (const auto kind : {Kind::proven, Kind::unclaimed}) {
    answer = {kind};
    const auto got = ask_for_proof(path, "/dev/sg0", kPatient);
    ASSERT_TRUE(got) << got.error();
    EXPECT_EQ(got->kind, kind);
  }
  answer = {Kind::failed, "the lock was lost:\n0xbac999 has taken the drive"};
  const auto got = ask_for_proof(path, "/dev/sg0", kPatient);
  ASSERT_TRUE(got) << got.error();
  EXPECT_EQ(got->kind, Kind::failed);
  EXPECT_EQ(got->why, "the lock was lost: 0xbac999 has taken the drive") << "in one line";
  EXPECT_EQ(ask_for_proof(path, "/dev/sg9", kPatient)->kind, Kind::unknown);
}

TEST_F(Proofs, ADriveThatHangsKeepsNobodyElseFromAnAnswer) {
  ASSERT_EQ(server.start(path), "");
  hang = true;
  const auto none = ask_for_proof(path, "/dev/sg0", 50ms);
  ASSERT_FALSE(none);
  EXPECT_EQ(none.error(), path + " has not answered within 1 s");
  EXPECT_EQ(ask_for_proof(path, "/dev/sg1", kPatient)->kind, Kind::proven);
  hang = false;
}

// A daemon that was stopped (a debugger, a frozen cgroup) takes nobody from the queue; once that is full, connect(2) waits.
TEST_F(Proofs, AQueueThatIsFullIsNotWaitedForLongerThanAnAnswer) {
  const auto address = scsi::SocketAddress::of(path);
  ASSERT_TRUE(address);
  const base::Descriptor listener(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
  ASSERT_EQ(::bind(listener.get(), address->get(), address->size()), 0);
  ASSERT_EQ(::listen(listener.get(), 0), 0);
  std::vector<base::Descriptor> waiting;
  do waiting.emplace_back(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
  while (::connect(waiting.back().get(), address->get(), address->size()) == 0);
  const auto none = ask_for_proof(path, "/dev/sg0", 50ms);
  ASSERT_FALSE(none);
  EXPECT_EQ(none.error(), path + " has not answered within 1 s");
}

// One that had closed at once was said not to have answered for as long as it would have been waited for.
TEST_F(Proofs, OneThatClosesIsNotSaidToHaveBeenWaitedFor) {
  const auto address = scsi::SocketAddress::of(path);
  ASSERT_TRUE(address);
  const base::Descriptor listener(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
  ASSERT_EQ(::bind(listener.get(), address->get(), address->size()), 0);
  ASSERT_EQ(::listen(listener.get(), 1), 0);
  std::thread closes([&] {
    const base::Descriptor asker(::accept4(listener.get(), nullptr, nullptr, SOCK_CLOEXEC));
    EXPECT_TRUE(config::read_line(asker.get(), kPatient));
  });
  const auto none = ask_for_proof(path, "/dev/sg0", std::chrono::hours(1));
  closes.join();
  ASSERT_FALSE(none);
  EXPECT_EQ(none.error(), path + " has given no answer: its daemon is ending, perhaps");
}

TEST_F(Proofs, ADeadPluginIsKnownAtOnceAndTheNextLifeTakesItsPlace) {
  EXPECT_FALSE(ask_for_proof(path, "/dev/sg0", kPatient)) << "there was never one";
  {
    // Its socket is still there, and nobody listens.
    const int dead = ::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    const auto address = scsi::SocketAddress::of(path);
    ASSERT_EQ(::bind(dead, address->get(), address->size()), 0);
    ::close(dead);
  }
  const auto none = ask_for_proof(path, "/dev/sg0", kPatient);
  ASSERT_FALSE(none);
  EXPECT_EQ(none.error(), "cannot connect to " + path + ": Connection refused");
  ASSERT_EQ(server.start(path), "");
  EXPECT_TRUE(ask_for_proof(path, "/dev/sg0", kPatient));
  server.stop();
  EXPECT_FALSE(std::filesystem::exists(path));
}

TEST_F(Proofs, WhatIsNoSocketIsLeftAlone) {
  EXPECT_EQ(::close(::creat(path.c_str(), 0600)), 0);
  EXPECT_NE(server.start(path), "");
  EXPECT_TRUE(std::filesystem::is_regular_file(path));
}

TEST_F(Proofs, NobodyElseMayAsk) {
  ASSERT_EQ(server.start(path), "");
  struct stat st {};
  ASSERT_EQ(::stat(path.c_str(), &st), 0);
  EXPECT_EQ(st.st_mode & 0777, 0600u);
}

// As another user: nothing is asked for, and nothing is believed.
TEST_F(Proofs, AnotherUserIsNotAnsweredAndWhereAnybodyMayListenNotBelieved) {
  if (::geteuid() != 0) GTEST_SKIP() << "only root can become another user";
  constexpr uid_t kNobody = 65534;
  ASSERT_EQ(server.start(path), "");
  ASSERT_EQ(::chmod(path.c_str(), 0666), 0);
  std::filesystem::permissions(folder, std::filesystem::perms{01777});
  const pid_t asks = ::fork();
  if (asks == 0) ::_exit(::setuid(kNobody) == 0 && !ask_for_proof(path, "/dev/sg0", kPatient) ? 0 : 1);
  int status = -1;
  EXPECT_EQ(::waitpid(asks, &status, 0), asks);
  EXPECT_EQ(status, 0);

  const auto theirs = config::proof_path(folder, "other-sd");
  int ready[2];
  ASSERT_EQ(::pipe(ready), 0);
  const pid_t listens = ::fork();
  if (listens == 0) {
    const auto address = scsi::SocketAddress::of(theirs);
    const int socket = ::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (::setuid(kNobody) != 0 || ::bind(socket, address->get(), address->size()) != 0 || ::listen(socket, 1) != 0)
      ::_exit(1);
    if (::write(ready[1], "x", 1) != 1) ::_exit(1);
    for (;;) ::pause();
  }
  char byte = 0;
  EXPECT_EQ(::read(ready[0], &byte, 1), 1);
  const auto believed = ask_for_proof(theirs, "/dev/sg0", kPatient);
  ASSERT_FALSE(believed);
  EXPECT_EQ(believed.error(), theirs + " is another user's, in a folder that everybody may write to: it is not asked");
  ::kill(listens, SIGKILL);
  ::waitpid(listens, &status, 0);
  for (const int end : ready) ::close(end);
}

TEST_F(Proofs, NonsenseHasNoAnswer) {
  ASSERT_EQ(server.start(path), "");
  const auto address = scsi::SocketAddress::of(path);
  for (const auto& line : {std::string("release /dev/sg0"), std::string("prove "), std::string(20000, 'x')}) {
    const int client = ::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    ASSERT_EQ(::connect(client, address->get(), address->size()), 0);
    (void)config::write_line(client, line);
    EXPECT_FALSE(config::read_line(client, kPatient)) << line.substr(0, 20);
    ::close(client);
  }
  EXPECT_TRUE(ask_for_proof(path, "/dev/sg0", kPatient));
}

TEST(ProofWords, ThereAndBack) {
  EXPECT_EQ(config::read_proof_question(config::proof_question("/dev/sg 0")), "/dev/sg 0");
  EXPECT_FALSE(config::read_proof_question("prove"));
  EXPECT_FALSE(config::read_proof_answer("proven!"));
  EXPECT_FALSE(config::read_proof_answer(""));
}

}  // namespace
}  // namespace shstore::plugin
