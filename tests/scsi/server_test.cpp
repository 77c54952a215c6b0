// Real sockets: several initiators, several clients, and those that behave badly.
#include "scsi/target/server.h"

#include <fmt/format.h>
#include <gtest/gtest.h>
#include <poll.h>
#include <spdlog/spdlog.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include <random>
#include <thread>

#include "scsi/changer_unit.h"
#include "scsi/unix_socket.h"
#include "scsi/wire.h"
#include "support.h"

namespace shstore::scsi::target {
namespace {

class RunningServer {
 public:
  explicit RunningServer(const std::string& folder, San described = white_paper_san())
      : target_(std::move(described)), server_(Server::open(target_, folder)) {
    spdlog::set_level(spdlog::level::off);
    EXPECT_TRUE(server_) << message(server_);
    thread_ = std::thread([this] { result_ = server_->run(stop_.get()); });
  }
  ~RunningServer() {
    const uint64_t one = 1;
    EXPECT_EQ(::write(stop_.get(), &one, sizeof one), 8);
    thread_.join();
    EXPECT_TRUE(result_);
  }

 private:
  Target target_;
  Result<Server> server_;
  Descriptor stop_{::eventfd(0, EFD_CLOEXEC)};
  Result<void> result_;
  std::thread thread_;
};

class ServerTest : public testing::Test {
 protected:
  TemporaryFolder folder;
  std::string san = folder.path("san");
  std::string sg0 = san + "/cibou/sg0", sg4 = san + "/dir/sg4";

  // A client that can say anything.
  static Descriptor connect(const std::string& path) {
    const auto address = SocketAddress::of(path).value();
    Descriptor fd(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
    EXPECT_EQ(::connect(fd.get(), address.get(), address.size()), 0) << path;
    return fd;
  }
  static void say(const Descriptor& fd, const Bytes& bytes) {
    EXPECT_EQ(::send(fd.get(), bytes.data(), bytes.size(), MSG_NOSIGNAL), static_cast<ssize_t>(bytes.size()));
  }
  static bool is_dropped(const Descriptor& fd) {
    pollfd p{fd.get(), POLLIN, 0};
    if (::poll(&p, 1, 5000) != 1) return false;
    uint8_t byte = 0;
    return ::recv(fd.get(), &byte, 1, 0) <= 0;
  }
  void expect_served(const std::string& path) {
    auto transport = open_transport(path);
    ASSERT_TRUE(transport) << message(transport);
    LogicalUnit unit(**transport);
    EXPECT_EQ(unit.inquiry()->product, "Ultrium 4-SCSI");
  }
};

TEST_F(ServerTest, TwoInitiatorsShareADrive) {
  RunningServer server(san);
  auto t0 = open_transport(sg0), t4 = open_transport(sg4);
  ASSERT_TRUE(t0 && t4);
  LogicalUnit u0(**t0), u4(**t4);
  DriveLock cibou(u0, kCibouKey), dir(u4, kDirKey);
  EXPECT_TRUE(cibou.try_lock()->held);
  EXPECT_EQ(dir.try_lock()->holder.key, kCibouKey);
  EXPECT_EQ(cibou.unlock(), true);
  EXPECT_TRUE(dir.try_lock()->held);
  // Another connection of the same initiator is the same nexus.
  auto second = open_transport(sg4);
  LogicalUnit again(**second);
  EXPECT_EQ(DriveLock(again, kDirKey).unlock(), true);
}

TEST_F(ServerTest, SocketsAreForOwnerAndGroup) {
  RunningServer server(san);
  struct stat st {};
  ASSERT_EQ(::stat(sg0.c_str(), &st), 0);
  EXPECT_TRUE(S_ISSOCK(st.st_mode));
  EXPECT_EQ(st.st_mode & 0777, 0660u);
}

TEST_F(ServerTest, SocketsAreRemovedAtTheEnd) {
  { RunningServer server(san); }
  EXPECT_FALSE(std::filesystem::exists(sg0));
  EXPECT_EQ(
      message(open_transport(sg0)),
      "cannot open control device " + sg0 +
          ": No such file or directory. If it is to be a socket of shstore-target, start that first (\"shstore-target --help\")");
}

TEST_F(ServerTest, TheSocketOfADeadTargetIsReplaced) {
  std::filesystem::create_directories(san + "/cibou");
  {
    const auto address = SocketAddress::of(sg0).value();
    const Descriptor dead(::socket(AF_UNIX, SOCK_STREAM, 0));
    ASSERT_EQ(::bind(dead.get(), address.get(), address.size()), 0);
  }
  EXPECT_EQ(
      message(open_transport(sg0)),
      "cannot open control device " + sg0 +
          ": Connection refused. No shstore-target serves it: was it stopped? (\"shstore-target --help\" tells how to start it)");
  RunningServer server(san);
  expect_served(sg0);
}

TEST_F(ServerTest, ALiveTargetIsNotReplaced) {
  RunningServer server(san);
  Target other(white_paper_san());
  EXPECT_EQ(message(Server::open(other, san)),
            "cannot serve " + san + ": it is already served by another shstore-target");
  expect_served(sg0);
}

TEST_F(ServerTest, ASocketThatAnotherProgramListensOnIsNotReplaced) {
  std::filesystem::create_directories(san + "/cibou");
  const auto foreign = Listener::open(sg0);
  ASSERT_TRUE(foreign);
  Target target(white_paper_san());
  EXPECT_EQ(message(Server::open(target, san)), "cannot serve " + sg0 + ": it is already served");
  EXPECT_TRUE(std::filesystem::exists(sg0));
}

TEST_F(ServerTest, AFileThatIsNoSocketIsNotReplaced) {
  std::filesystem::create_directories(san + "/cibou");
  folder.write("san/cibou/sg0", "precious");
  Target target(white_paper_san());
  EXPECT_EQ(message(Server::open(target, san)), "cannot serve " + sg0 + ": a file that is not a socket is there");
  EXPECT_TRUE(std::filesystem::exists(sg0));
}

TEST_F(ServerTest, AFolderThatCannotBeMadeIsAnError) {
  folder.write("file", "");
  Target target(white_paper_san());
  const auto refused = Server::open(target, folder.path("file"));
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().kind, Error::Kind::device);
}

TEST_F(ServerTest, PathsLongerThanASocketAddress) {
  san = folder.path(std::string(100, 'x') + "/" + std::string(100, 'y'));
  sg0 = san + "/cibou/sg0";
  {
    RunningServer server(san);
    expect_served(sg0);
  }
  EXPECT_FALSE(std::filesystem::exists(sg0));
}

TEST_F(ServerTest, GarbageIsDroppedAndTheOthersDoNotNotice) {
  RunningServer server(san);
  const char* const kGarbage[] = {"ff ff ff ff",                          // a frame too large
                                  "00 00 00 00",                          // a frame without a command
                                  "00 00 00 09 00000000 00000000 00",     // no CDB
                                  "00 00 00 0a 00000000 00000000 06 12",  // a CDB that is cut off
                                  "47 45 54 20 2f 20 48 54 54 50"};       // "GET / HTTP"
  for (const char* garbage : kGarbage) {
    const auto client = connect(sg0);
    say(client, hex(garbage));
    EXPECT_TRUE(is_dropped(client)) << garbage;
  }
  expect_served(sg0);
}

TEST_F(ServerTest, AClientThatVanishesInTheMiddleOfAFrameDoesNoHarm) {
  RunningServer server(san);
  const auto frame = wire::frame(Command{cdb_inquiry(96), {}, 96});
  for (size_t n = 0; n < frame.size(); ++n) {
    const auto client = connect(sg0);
    if (n > 0) say(client, Bytes(frame.begin(), frame.begin() + static_cast<long>(n)));
  }
  expect_served(sg0);
}

TEST_F(ServerTest, AFrameMayArriveByteByByte) {
  RunningServer server(san);
  const auto client = connect(sg0);
  for (const uint8_t byte : wire::frame(Command{cdb_inquiry(5), {}, 96})) {
    say(client, {byte});
    std::this_thread::yield();
  }
  uint8_t reply[11];
  ASSERT_EQ(::recv(client.get(), reply, sizeof reply, MSG_WAITALL), 11);
  EXPECT_EQ(to_hex(reply), "00 00 00 07 00 00 01 80 06 02 1f");
}

// Many commands at once, by a client that does not read: the server neither blocks nor forgets one.
TEST_F(ServerTest, PipelinedCommandsAreAnsweredInOrderOnceTheClientReads) {
  RunningServer server(san);
  const auto client = connect(sg0);
  constexpr size_t kCommands = 20000;
  const auto command = wire::frame(Command{cdb_inquiry(36), {}, 36});
  std::thread writer([&] {
    for (size_t i = 0; i < kCommands; ++i) say(client, command);
  });
  std::this_thread::sleep_for(std::chrono::milliseconds(100));
  expect_served(sg4);
  Bytes reply(42);
  size_t answered = 0;
  while (answered < kCommands && ::recv(client.get(), reply.data(), reply.size(), MSG_WAITALL) == 42) ++answered;
  EXPECT_EQ(answered, kCommands);
  writer.join();
}

TEST_F(ServerTest, ConcurrentClientsNeverBothHoldTheLock) {
  RunningServer server(san);
  std::atomic<int> holders{0}, locked{0};
  const auto client = [&](const std::string& path, ReservationKey key) {
    auto transport = open_transport(path);
    ASSERT_TRUE(transport) << message(transport);
    LogicalUnit unit(**transport);
    DriveLock lock(unit, key);
    // With jitter, as every waiter has it: clients in step could starve one of them for ever.
    std::minstd_rand random(static_cast<unsigned>(key.value));
    for (int i = 0; i < 300; ++i) {
      std::this_thread::sleep_for(std::chrono::microseconds(random() % 300));
      const auto attempt = lock.try_lock();
      ASSERT_TRUE(attempt) << attempt.error();
      if (!attempt->held) continue;
      EXPECT_EQ(++holders, 1);
      ++locked;
      --holders;
      EXPECT_EQ(lock.unlock(), true);
    }
  };
  std::thread a(client, sg0, kCibouKey), b(client, sg4, kDirKey), c(client, san + "/third/sg7", ReservationKey{3});
  a.join();
  b.join();
  c.join();
  EXPECT_GT(locked, 0);
}

TEST_F(ServerTest, ALostConnectionIsAnErrorOfTheDevice) {
  auto server = std::make_unique<RunningServer>(san);
  auto transport = open_transport(sg0);
  ASSERT_TRUE(transport);
  server.reset();
  const auto reply = (*transport)->execute({cdb_inquiry(96), {}, 96});
  ASSERT_FALSE(reply);
  EXPECT_EQ(reply.error().kind, Error::Kind::device);
  EXPECT_EQ(
      reply.error().message,
      "cannot open control device " + sg0 +
          ": No such file or directory. If it is to be a socket of shstore-target, start that first (\"shstore-target --help\")");
  RunningServer again(san);
  EXPECT_TRUE((*transport)->execute({cdb_inquiry(96), {}, 96})) << "a control device that is there again";
}

// --- robots ------------------------------------------------------------------------------------------------------

constexpr uint16_t kSlot = 1024, kDrive = 256;

class RobotServer : public ServerTest {
 protected:
  static San library(std::chrono::milliseconds move_time) {
    auto described = load_san(SHSTORE_ROOT "/samples/library.json").value();
    described.changers[0].move_time = move_time;
    return described;
  }
  // A host's way to the robot, without the unit attention of power on.
  struct Way {
    explicit Way(const std::string& path) : transport(open_transport(path).value()) {
      EXPECT_TRUE(unit.test_unit_ready()->ready);
    }
    MoveResult move(uint16_t from, uint16_t to) {
      const auto outcome = robot.move_medium({0, from, to, false});
      EXPECT_TRUE(outcome) << message(outcome);
      return outcome->result;
    }
    std::unique_ptr<Transport> transport;
    LogicalUnit unit{*transport};
    MediumChanger robot{unit};
  };
  static void ask_for_move(const Descriptor& fd, uint16_t from, uint16_t to) {
    say(fd, wire::frame(Command{cdb_move_medium({0, from, to, false}), {}, 0}));
  }
  static bool says_good(const Descriptor& fd) {
    uint8_t reply[6];
    return ::recv(fd.get(), reply, sizeof reply, MSG_WAITALL) == 6 && to_hex(reply) == "00 00 00 02 00 00";
  }
  const std::string robot_of_cibou = san + "/cibou/sg2", robot_of_dir = san + "/dir/sg6";
};

// A move that never ends as long as this test runs.
TEST_F(RobotServer, WhileTheArmIsUnderWayOnlyWhoAskedWaits) {
  RunningServer server(san, library(std::chrono::minutes(10)));
  Way cibou(robot_of_cibou), dir(robot_of_dir);
  const auto waiting = connect(robot_of_cibou);
  ask_for_move(waiting, kSlot, kDrive);
  EXPECT_TRUE(cibou.unit.test_unit_ready()->ready);
  EXPECT_EQ(dir.move(kSlot + 7, kDrive), MoveResult::source_empty) << "what cannot be is refused at once";
  EXPECT_TRUE(dir.robot.read_element_status()->storage.at(0).full) << "the tape is where it was until it arrives";
  expect_served(san + "/dir/sg4");
  DriveLock lock(dir.unit, kDirKey);
  EXPECT_TRUE(lock.try_lock()->held) << "a reservation does not wait for the arm";
}

TEST_F(RobotServer, ASlowMoveIsDoneInTheEnd) {
  constexpr std::chrono::milliseconds kMove{30};
  RunningServer server(san, library(kMove));
  Way cibou(robot_of_cibou);
  const auto begin = std::chrono::steady_clock::now();
  EXPECT_EQ(cibou.move(kSlot, kDrive), MoveResult::done);
  EXPECT_EQ(cibou.move(kDrive, kSlot), MoveResult::done);
  EXPECT_GE(std::chrono::steady_clock::now() - begin, 2 * kMove);
  EXPECT_EQ(cibou.move(kDrive, kSlot), MoveResult::source_empty);
}

TEST_F(RobotServer, MovesAreMadeInTheOrderInWhichTheyCame) {
  RunningServer server(san, library(std::chrono::milliseconds(30)));
  Way cibou(robot_of_cibou);
  const auto first = connect(robot_of_cibou);
  ask_for_move(first, kSlot + 5, kSlot + 6);
  ASSERT_TRUE(says_good(first)) << "and now it is known to the server before the next one is";
  Way dir(robot_of_dir);
  ask_for_move(first, kSlot, kDrive);
  // Possible when it is asked for, and not any more at its turn.
  EXPECT_EQ(dir.move(kSlot, kDrive + 1), MoveResult::source_empty);
  EXPECT_TRUE(says_good(first));
}

TEST_F(RobotServer, AMoveIsDoneAlthoughWhoAskedForItHasGone) {
  RunningServer server(san, library(std::chrono::milliseconds(30)));
  Way cibou(robot_of_cibou);
  {
    const auto impatient = connect(robot_of_cibou);
    ask_for_move(impatient, kSlot + 5, kSlot + 6);
    ASSERT_TRUE(says_good(impatient));
    ask_for_move(impatient, kSlot, kDrive);
    const auto half_closed = ::shutdown(impatient.get(), SHUT_WR);
    EXPECT_EQ(half_closed, 0);
  }
  Way dir(robot_of_dir);
  while (dir.robot.read_element_status()->storage.at(0).full) std::this_thread::yield();
  EXPECT_EQ(dir.robot.read_element_status()->data_transfer.at(0).volume_tag, "A00001L4");
}

TEST_F(RobotServer, PipelinedMovesAreAnsweredInOrder) {
  RunningServer server(san, library(std::chrono::milliseconds(10)));
  Way cibou(robot_of_cibou);
  const auto client = connect(robot_of_cibou);
  for (int i = 0; i < 4; ++i) ask_for_move(client, i % 2 == 0 ? kSlot : kDrive, i % 2 == 0 ? kDrive : kSlot);
  for (int i = 0; i < 4; ++i) EXPECT_TRUE(says_good(client)) << i;
}

TEST_F(RobotServer, ATapeWhoseFileCannotBeShownIsAnError) {
  RunningServer server(san, library(std::chrono::milliseconds(0)));
  Way cibou(robot_of_cibou);
  std::filesystem::remove(san + "/drives/drive0");
  folder.write("san/drives/drive0", "in the way");
  EXPECT_EQ(message(cibou.robot.move_medium({0, kSlot, kDrive, false})),
            robot_of_cibou + ": MOVE MEDIUM failed: Hardware Error, 44/00 (internal target failure)");
  EXPECT_EQ(message(cibou.robot.move_medium({0, kSlot, kDrive, false})),
            robot_of_cibou + ": MOVE MEDIUM failed: Hardware Error, 44/00 (internal target failure)")
      << "as long as it is so";
  std::filesystem::remove(san + "/drives/drive0");
  EXPECT_EQ(cibou.move(kDrive, kSlot), MoveResult::done);
}

TEST_F(RobotServer, TheLibrarySurvivesARestart) {
  {
    RunningServer server(san, library(std::chrono::milliseconds(0)));
    EXPECT_EQ(Way(robot_of_cibou).move(kSlot + 2, kDrive + 1), MoveResult::done);
  }
  RunningServer server(san, library(std::chrono::milliseconds(0)));
  Way dir(robot_of_dir);
  const auto drive = dir.robot.read_element_status()->data_transfer.at(1);
  EXPECT_EQ(drive.volume_tag, "A00003L4");
  EXPECT_EQ(drive.source, kSlot + 2);
  EXPECT_EQ(std::filesystem::read_symlink(san + "/drives/drive1"), san + "/media/A00003L4");
}

TEST_F(RobotServer, AStateThatDoesNotFitIsRefused) {
  std::filesystem::create_directories(san);
  folder.write("san/robot.state", "[]");
  Target target(library(std::chrono::milliseconds(0)));
  const auto refused = Server::open(target, san);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().kind, Error::Kind::config);
}

TEST(OpenTransport, RefusesWhatIsNoDevice) {
  TemporaryFolder folder;
  const auto file = folder.write("file", "");
  EXPECT_EQ(message(open_transport(file)),
            "control device " + file +
                " is not a SCSI device: it must be the drive's generic device (/dev/sgN, "
                "see \"lsscsi -g\") or a socket of shstore-target");
}

}  // namespace
}  // namespace shstore::scsi::target
