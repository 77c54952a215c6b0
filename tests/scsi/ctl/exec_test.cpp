#include <sys/wait.h>
#include <unistd.h>

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
  EXPECT_EQ(cibou.err.str(),
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

TEST_F(SharedDrive, ExecKeepsARegistrationThatWasThereBefore) {
  cibou("register");
  EXPECT_EQ(cibou("exec", {"true"}), 0);
  EXPECT_EQ(state().registrations_of(kCibouKey), 1u);
  EXPECT_FALSE(state().reservation);
}

TEST(RunChild, GivesTheExitStatusAsAShellDoes) {
  const std::atomic<int> none{0};
  EXPECT_EQ(run_child({"sh", "-c", "exit 7"}, none), 7);
  EXPECT_EQ(run_child({"sh", "-c", "kill -9 $$"}, none), 128 + 9);
  EXPECT_EQ(message(run_child({"no-such-program"}, none)), "cannot run no-such-program: No such file or directory");
}

TEST(RunChild, PassesATerminationOn) {
  static std::atomic<int> signalled{0};
  struct sigaction action {}, before {};
  action.sa_handler = [](int signal) { signalled = signal; };
  ASSERT_EQ(::sigaction(SIGTERM, &action, &before), 0);
  std::thread sender([parent = ::pthread_self()] {
    for (int i = 0; i < 200 && signalled == 0; ++i) std::this_thread::sleep_for(std::chrono::milliseconds(1));
    for (int i = 0; i < 20; ++i) {  // until waitpid is what it interrupts
      ::pthread_kill(parent, SIGTERM);
      std::this_thread::sleep_for(std::chrono::milliseconds(50));
    }
  });
  EXPECT_EQ(run_child({"sleep", "60"}, signalled), 128 + SIGTERM);
  sender.join();
  ASSERT_EQ(::sigaction(SIGTERM, &before, nullptr), 0);
}

}  // namespace
}  // namespace shstore::scsi::ctl
