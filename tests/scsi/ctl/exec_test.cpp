#include <csignal>
#include <thread>

#include "host.h"
#include "scsi/ctl/child.h"

namespace shstore::scsi::ctl {
namespace {

TEST_F(SharedDrive, ExecRunsTheProgramUnderTheLockAndPassesItsExitStatusOn) {
  bool locked = false;
  cibou.run = [&](const std::vector<std::string>& words) {
    EXPECT_EQ(words, (std::vector<std::string>{"btape", "-v"}));
    locked = state().held_by(kCibouKey);
    return 7;
  };
  EXPECT_EQ(cibou("exec", {"btape", "-v"}), 7);
  EXPECT_TRUE(locked);
  EXPECT_TRUE(untouched());
}

TEST_F(SharedDrive, ExecTellsThatTheLockWasLost) {
  cibou.run = [&](const auto&) {
    dir.context.options.yes = true;
    EXPECT_EQ(dir("preempt", {"bac001"}), 0);
    EXPECT_EQ(dir("lock"), 0);
    return 0;
  };
  EXPECT_EQ(cibou("exec", {"true"}), 6);
  EXPECT_EQ(
      cibou.err.str(),
      "storage-ctl: /dev/sg0: the lock was LOST while the program ran, 0xbac999 has it now: what it wrote may be damaged\n");
  EXPECT_TRUE(state().held_by(kDirKey)) << "nothing is released that is not ours";
}

TEST_F(SharedDrive, ExecDoesNotRunWithoutTheLock) {
  dir("lock");
  cibou.run = [](const auto&) {
    ADD_FAILURE() << "it ran";
    return 0;
  };
  EXPECT_EQ(cibou("exec", {"true"}), 75);
  cibou("register");
  dir("unlock");
  cibou("lock");
  EXPECT_EQ(cibou("exec", {"true"}), 4) << "a job of this host has it";
  EXPECT_TRUE(state().held_by(kCibouKey));
}

// A long btape beside a short mt: the first to end gave the lock back under the other.
TEST_F(SharedDrive, ExecDoesNotRunBesideAnotherProgramOfThisHostThatGotTheLockMeanwhile) {
  CtlHost same_host{target, 0, kCibouKey};
  dir("lock");
  int naps = 0;
  bool running = false;
  cibou.on_sleep = [&] {
    ++naps;
    if (naps == 2) dir("unlock");
    if (naps == 2) same_host("lock");
    if (naps == 6) same_host("unlock");
  };
  cibou.run = [&](const auto&) {
    running = true;
    EXPECT_GE(naps, 6) << "while the other program had the lock";
    return 0;
  };
  EXPECT_EQ(cibou("exec", {"true"}), 0);
  EXPECT_TRUE(running);
}

TEST_F(SharedDrive, ExecThatGivesUpLeavesTheLockOfAnotherProgramOfThisHost) {
  CtlHost same_host{target, 0, kCibouKey};
  dir("lock");
  int naps = 0;
  cibou.on_sleep = [&] {
    if (++naps != 2) return;
    dir("unlock");
    same_host("lock");
  };
  EXPECT_EQ(cibou("exec", {"true"}), 75);
  EXPECT_TRUE(state().held_by(kCibouKey)) << "the registration and the lock with it are the other program's";
}

TEST_F(SharedDrive, ExecThatWasInterruptedRunsNothingAndLeavesNothing) {
  cibou.run = [](const auto&) {
    ADD_FAILURE() << "it ran";
    return 0;
  };
  cibou.host.transport.intercept = [&](const Command& command) -> std::optional<Result<Reply>> {
    if (command.cdb[0] == kPersistentReserveOut && command.cdb[1] == 1) cibou.stop = true;  // RESERVE
    return std::nullopt;
  };
  EXPECT_EQ(cibou("exec", {"true"}), 75);
  EXPECT_TRUE(untouched());
}

TEST_F(SharedDrive, ExecKeepsARegistrationThatWasThereBefore) {
  cibou("register");
  EXPECT_EQ(cibou("exec", {"true"}), 0);
  EXPECT_EQ(state().registrations_of(kCibouKey), 1u);
  EXPECT_FALSE(state().reservation);
}

TEST(RunChild, GivesTheExitStatusAsAShellDoes) {
  base::SignalSet none{0};
  std::ostringstream err;
  EXPECT_EQ(run_child({"sh", "-c", "exit 7"}, none, err), 7);
  EXPECT_EQ(run_child({"sh", "-c", "kill -9 $$"}, none, err), 128 + 9);
  EXPECT_EQ(err.str(), "");
  EXPECT_EQ(message(run_child({"no-such-program"}, none, err)),
            "cannot run no-such-program: No such file or directory");
}

// bls asks for ever for a tape when its input is at its end.
TEST(RunChild, EndsWhatTakesTooLongAndAllThatItStarted) {
  base::SignalSet none{0};
  std::ostringstream err;
  EXPECT_EQ(run_child({"sh", "-c", "sleep 1000 & exec sleep 1001"}, none, err, std::chrono::seconds(1)), 124);
  EXPECT_NE(err.str().find("sh has not ended within --timeout, and is ended"), std::string::npos) << err.str();
}

TEST(RunChild, PassesATerminationOn) {
  base::SignalSet sent{0};
  std::ostringstream err;
  std::thread sender([&] {
    std::this_thread::sleep_for(std::chrono::milliseconds(50));
    sent.fetch_or(base::signal_bit(SIGTERM));
  });
  EXPECT_EQ(run_child({"sleep", "60"}, sent, err), 128 + SIGTERM);
  sender.join();
}

}  // namespace
}  // namespace shstore::scsi::ctl
