// shstore-target as it is run: ready line, signals, exit status.
#include <fcntl.h>
#include <gtest/gtest.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <fstream>
#include <iterator>

#include "scsi/changer_unit.h"
#include "scsi/transport.h"
#include "support.h"

extern char** environ;

namespace shstore::scsi {
namespace {

class Program {
 public:
  explicit Program(std::vector<std::string> arguments) {
    int out[2];
    EXPECT_EQ(::pipe2(out, O_CLOEXEC), 0);
    arguments.insert(arguments.begin(), SHSTORE_TARGET);
    std::vector<char*> argv;
    for (auto& a : arguments) argv.push_back(a.data());
    argv.push_back(nullptr);
    posix_spawn_file_actions_t actions;
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_adddup2(&actions, out[1], STDOUT_FILENO);
    posix_spawn_file_actions_addopen(&actions, STDERR_FILENO, "/dev/null", O_WRONLY, 0);
    EXPECT_EQ(::posix_spawn(&pid_, SHSTORE_TARGET, &actions, nullptr, argv.data(), environ), 0);
    posix_spawn_file_actions_destroy(&actions);
    ::close(out[1]);
    out_ = out[0];
  }
  ~Program() {
    if (pid_ > 0) {
      ::kill(pid_, SIGKILL);
      ::waitpid(pid_, nullptr, 0);
    }
    ::close(out_);
  }
  Program(const Program&) = delete;
  Program& operator=(const Program&) = delete;

  // What the program prints until it has printed `wanted` or ends.
  std::string read_until(const std::string& wanted) const {
    std::string text;
    for (pollfd p{out_, POLLIN, 0}; text != wanted && ::poll(&p, 1, 20000) == 1;) {
      char c = 0;
      if (::read(out_, &c, 1) != 1) break;
      text += c;
    }
    return text;
  }
  void signal(int number) const { EXPECT_EQ(::kill(pid_, number), 0); }
  int exit_status() {
    int status = -1;
    EXPECT_EQ(::waitpid(pid_, &status, 0), pid_);
    pid_ = -1;
    return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
  }

 private:
  pid_t pid_ = -1;
  int out_ = -1;
};

class TargetProgram : public testing::Test {
 protected:
  TemporaryFolder folder;
  std::string san = folder.path("san"), sg0 = san + "/cibou/sg0";
  const std::string sample = SHSTORE_ROOT "/samples/san.json";
};

TEST_F(TargetProgram, IsReadyWhenItSaysSoAndCleansUpAfterASignal) {
  for (const int number : {SIGTERM, SIGINT}) {
    Program program({sample, "--directory", san});
    ASSERT_EQ(program.read_until("ready\n"), "ready\n");
    for (const char* device : {"cibou/sg0", "cibou/sg1", "dir/sg4", "dir/sg5"}) {
      EXPECT_TRUE(open_transport(san + "/" + device)) << device;
    }
    program.signal(number);
    EXPECT_EQ(program.exit_status(), 0);
    EXPECT_FALSE(std::filesystem::exists(sg0));
  }
}

TEST_F(TargetProgram, ServesALibraryAndKeepsItThroughAKill) {
  const std::string library = SHSTORE_ROOT "/samples/library.json";
  const auto move = [&](uint16_t from, uint16_t to) {
    const auto transport = open_transport(san + "/cibou/sg2");
    ASSERT_TRUE(transport) << message(transport);
    LogicalUnit unit(**transport);
    EXPECT_EQ(MediumChanger(unit).move_medium({0, from, to, false})->result, MoveResult::done);
  };
  {
    Program killed({library, "--directory", san});
    ASSERT_EQ(killed.read_until("ready\n"), "ready\n");
    move(1024, 257);
  }
  Program program({library, "--directory", san});
  ASSERT_EQ(program.read_until("ready\n"), "ready\n");
  EXPECT_EQ(std::filesystem::read_symlink(san + "/drives/drive1"), san + "/media/A00001L4");
  move(257, 1031);
  EXPECT_EQ(std::filesystem::read_symlink(san + "/drives/drive1"), "/dev/null/no-medium");
}

// The end of the program is the drive's loss of power.
TEST_F(TargetProgram, KeepsReservationsThroughAKillWhereAptplIsActive) {
  std::ifstream in(sample);
  std::string text((std::istreambuf_iterator<char>(in)), {});
  const std::string drive0 = "\"name\": \"drive0\",";
  ASSERT_NE(text.find(drive0), std::string::npos);
  const auto with = text.replace(text.find(drive0), drive0.size(), drive0 + R"( "reservation_options": ["APTPL"],)");
  const auto file = folder.write("san.json", with);
  const ReservationKey key{0xbac001};
  const auto out = [&](PrOut action, const PrOutParameters& p) {
    const auto transport = open_transport(sg0);
    ASSERT_TRUE(transport) << message(transport);
    for (int attentions = 0; attentions < 3; ++attentions) {
      const auto reply = (*transport)
                             ->execute({cdb_pr_out(action, PrType::exclusive_access), encode_pr_out_parameters(p), 0,
                                        std::chrono::seconds(10)});
      ASSERT_TRUE(reply);
      if (reply->status == Status::good) return;
    }
    FAIL();
  };
  for (const bool active : {true, false}) {
    {
      Program killed({file, "--directory", san});
      ASSERT_EQ(killed.read_until("ready\n"), "ready\n");
      out(PrOut::register_and_ignore_existing_key,
          {.service_action_key = key, .activate_persist_through_power_loss = active});
      out(PrOut::reserve, {.key = key});
    }
    Program program({file, "--directory", san});
    ASSERT_EQ(program.read_until("ready\n"), "ready\n");
    const auto transport = open_transport(san + "/dir/sg4");
    ASSERT_TRUE(transport) << message(transport);
    LogicalUnit unit(**transport);
    const auto held = unit.read_reservation();
    ASSERT_TRUE(held) << message(held);
    EXPECT_EQ(held->reservation.has_value(), active);
  }
}

TEST_F(TargetProgram, ReplacesTheSocketsOfOneThatWasKilled) {
  {
    Program killed({sample, "--directory", san});
    ASSERT_EQ(killed.read_until("ready\n"), "ready\n");
  }
  EXPECT_TRUE(std::filesystem::exists(sg0));
  Program program({sample, "--directory", san});
  ASSERT_EQ(program.read_until("ready\n"), "ready\n");
  EXPECT_TRUE(open_transport(sg0));
}

TEST_F(TargetProgram, RefusesASecondOne) {
  Program first({sample, "--directory", san});
  ASSERT_EQ(first.read_until("ready\n"), "ready\n");
  Program second({sample, "--directory", san});
  EXPECT_EQ(second.read_until("ready\n"), "");
  EXPECT_EQ(second.exit_status(), 2);
  EXPECT_TRUE(open_transport(sg0));
}

TEST_F(TargetProgram, ExitStatus) {
  EXPECT_EQ(Program({"--help"}).exit_status(), 0);
  EXPECT_EQ(Program({"--version"}).exit_status(), 0);
  EXPECT_EQ(Program({}).exit_status(), 1);
  EXPECT_EQ(Program({sample}).exit_status(), 1);
  EXPECT_EQ(Program({sample, "--directory", san, "--frobnicate"}).exit_status(), 1);
  EXPECT_EQ(Program({folder.path("none.json"), "--directory", san}).exit_status(), 2);
  EXPECT_EQ(Program({sample, "--directory", sample}).exit_status(), 2);
}

TEST_F(TargetProgram, ThatHangsIsATimeoutWithinTheDeadline) {
  Program program({sample, "--directory", san, "--verbose"});
  ASSERT_EQ(program.read_until("ready\n"), "ready\n");
  const auto transport = open_transport(sg0);
  ASSERT_TRUE(transport) << message(transport);
  constexpr std::chrono::milliseconds kDeadline{200};
  const Command inquiry{cdb_inquiry(96), {}, 96, kDeadline};
  ASSERT_TRUE((*transport)->execute({cdb_inquiry(96), {}, 96, std::chrono::minutes(1)}));

  program.signal(SIGSTOP);
  const auto begin = std::chrono::steady_clock::now();
  const auto reply = (*transport)->execute(inquiry);
  const auto took = std::chrono::steady_clock::now() - begin;
  ASSERT_FALSE(reply);
  EXPECT_EQ(reply.error().kind, Error::Kind::timeout);
  EXPECT_EQ(reply.error().message, sg0 + " does not answer");
  EXPECT_GE(took, kDeadline - std::chrono::milliseconds(1));

  program.signal(SIGCONT);
  const auto other = (*transport)->execute({cdb_test_unit_ready(), {}, 0, std::chrono::minutes(1)});
  ASSERT_TRUE(other) << message(other);
  EXPECT_TRUE(other->data_in.empty()) << "the late answer must not be taken for the next command's";
}

}  // namespace
}  // namespace shstore::scsi
