// Waking a job's thread: a real one, asleep as Bacula's loop has it.
#include "plugin/running_jobs.h"

#include <gtest/gtest.h>
#include <poll.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <atomic>
#include <condition_variable>
#include <csignal>
#include <ctime>
#include <thread>

#include "plugin/thread_state.h"

namespace shstore::plugin {
namespace {

using namespace std::chrono_literals;

TEST(ThreadState, TheKernelsWordsForASleep) {
  EXPECT_TRUE(says_nanosleep("230 0x0 0x0 0x7ffd 0x0 0x0 0x0 0x7ffd 0x7f12", ""));
  EXPECT_TRUE(says_nanosleep("35 0x7ffd 0x0", ""));
  EXPECT_FALSE(says_nanosleep("0 0xb 0x7ffd", "")) << "a read";
  EXPECT_FALSE(says_nanosleep("running", "hrtimer_nanosleep")) << "it does not sleep any more";
  EXPECT_TRUE(says_nanosleep("", "hrtimer_nanosleep"));
  EXPECT_TRUE(says_nanosleep("", "do_nanosleep"));
  EXPECT_FALSE(says_nanosleep("", "futex_wait_queue"));
  EXPECT_FALSE(says_nanosleep("", "0")) << "a kernel without symbols";
  EXPECT_FALSE(says_nanosleep("", ""));
}

TEST(ThreadState, ASleepThatGoesOnAfterAStopIsASleep) {
  const auto restart = std::to_string(SYS_restart_syscall);
  EXPECT_TRUE(says_nanosleep(restart + " 0x0 0x0 0x7ffd4a5b 0x0", "hrtimer_nanosleep"));
  EXPECT_TRUE(says_nanosleep(restart + " 0x7ffd4a5b 0x0", "hrtimer_nanosleep_restart"));
  EXPECT_FALSE(says_nanosleep(restart + " 0x0 0x0 0x7ffd12345678 0x0", "do_sys_poll"));
  EXPECT_FALSE(says_nanosleep(restart + " 0x0 0x0 0x7ffd12345678 0x0", "futex_wait_queue"));
  // Where the kernel does not tell in what it sleeps.
  for (const char* wchan : {"", "0", "do_syscall_64"}) {
    EXPECT_TRUE(says_nanosleep(restart + " 0x0 0x0 0x7ffd12345678 0x7ffd12345678 0x0 0x0 0x7ffd 0x7f12", wchan));
    EXPECT_TRUE(says_nanosleep(restart + " 0x1 0x1 0x7ffd12345678 0x0 0x0 0x0 0x7ffd 0x7f12", wchan));
    EXPECT_FALSE(says_nanosleep(restart + " 0x7f0012345678 0x1 0x7530 0x0 0x0 0x0 0x7ffd 0x7f12", wchan)) << "poll";
    EXPECT_FALSE(says_nanosleep(restart + " 0x0 0x0 0xffffffff 0x0 0x0 0x0 0x7ffd 0x7f12", wchan)) << "poll of nothing";
    EXPECT_FALSE(says_nanosleep(restart + " 0x7f0012345678 0x189 0x0 0x7ffd12345678 0x0 0x0 0x7ffd 0x7f12", wchan))
        << "futex";
    EXPECT_FALSE(says_nanosleep(restart, wchan));
  }
}

// Found with a daemon that a debugger had stopped: the lock was taken, and the drive idled until Bacula's own 30 s.
TEST(ThreadState, ARealSleepIsStillOneAfterStopAndContinue) {
  int ends[2];
  ASSERT_EQ(::pipe(ends), 0);
  const pid_t child = ::fork();
  if (child == 0) {  // its second thread says once in 10 ms whether the first one sleeps
    const auto first = ::gettid();
    std::thread([&] {
      for (;;) {
        const char answer = is_in_nanosleep(first) ? 'y' : 'n';
        if (::write(ends[1], &answer, 1) != 1) ::_exit(1);
        std::this_thread::sleep_for(10ms);
      }
    }).detach();
    const timespec long_time{600, 0};
    ::nanosleep(&long_time, nullptr);
    ::_exit(0);
  }
  ::close(ends[1]);
  const auto next = [&] {
    char answer = 0;
    return ::read(ends[0], &answer, 1) == 1 ? answer : '?';
  };
  const auto sleeps = [&] {
    for (int i = 0; i < 500; ++i) {
      if (next() == 'y') return true;
    }
    return false;
  };
  EXPECT_TRUE(sleeps());
  ::kill(child, SIGSTOP);
  int status = 0;
  ::waitpid(child, &status, WUNTRACED);
  EXPECT_TRUE(WIFSTOPPED(status));
  for (pollfd said{ends[0], POLLIN, 0}; ::poll(&said, 1, 0) == 1;) next();  // before the stop
  ::kill(child, SIGCONT);
  ::waitpid(child, &status, WCONTINUED);
  EXPECT_TRUE(sleeps());
  ::kill(child, SIGKILL);
  ::waitpid(child, &status, 0);
  ::close(ends[0]);
}

TEST(ThreadState, ARunningThreadDoesNotSleep) {
  EXPECT_FALSE(is_in_nanosleep(::gettid()));
  EXPECT_FALSE(is_in_nanosleep(1 << 22)) << "there is no such thread";
}

struct Jobs : testing::Test {
  Jobs() {
    struct sigaction action {};
    action.sa_handler = [](int) {};  // as Bacula has it: empty, without SA_RESTART
    ::sigaction(SIGUSR2, &action, nullptr);
  }
  RunningJobs jobs{{[this](void* jcr, MessageType type, const std::string& text) {
                      told = {jcr, type, text};
                    },
                    [this] { ++broadcasts; }}};
  struct {
    void* jcr = nullptr;
    MessageType type = MessageType::info;
    std::string text;
  } told;
  std::atomic<int> broadcasts{0};
};

TEST_F(Jobs, AJobAsleepInBaculasLoopIsInterrupted) {
  std::atomic<bool> refused{false}, interrupted{false};
  std::thread job([&] {
    jobs.begin(1, nullptr);
    jobs.refused(1);
    refused = true;
    const timespec long_time{600, 0};
    interrupted = ::nanosleep(&long_time, nullptr) == -1;
    jobs.goes_on(1);
    jobs.end(1);
  });
  while (!refused) std::this_thread::sleep_for(1ms);
  auto woken = RunningJobs::Woken::broadcast;
  while (woken == RunningJobs::Woken::broadcast) {
    woken = jobs.wake(1);
    std::this_thread::sleep_for(1ms);
  }
  job.join();
  EXPECT_EQ(woken, RunningJobs::Woken::interrupted);
  EXPECT_TRUE(interrupted);
}

TEST(ThreadState, ASleepingThreadIsToldOfAndOneThatIsNotThereIsNot) {
  EXPECT_FALSE(is_told(1 << 22));
  int ends[2];
  ASSERT_EQ(::pipe(ends), 0);
  std::atomic<pid_t> id{0};
  std::thread thread([&] {
    id = ::gettid();
    char byte = 0;
    EXPECT_EQ(::read(ends[0], &byte, 1), 0);
  });
  while (id == 0 || !is_told(id)) std::this_thread::sleep_for(1ms);
  ::close(ends[1]);
  thread.join();
  ::close(ends[0]);
}

// A thread number that is nobody's stands for one of which the kernel says nothing.
TEST_F(Jobs, AKernelThatTellsNothingIsNoticed) {
  std::atomic<bool> refused{false};
  std::thread job([&] {
    jobs.begin(1, nullptr);
    jobs.refused(1);
    refused = true;
  });
  job.join();  // bacula-sd never does that: now there is no such thread any more
  ASSERT_TRUE(refused);
  EXPECT_TRUE(jobs.can_wake()) << "nobody has looked";
  for (int i = 0; i < 5; ++i) EXPECT_EQ(jobs.wake(1), RunningJobs::Woken::broadcast);
  EXPECT_FALSE(jobs.can_wake());
}

TEST_F(Jobs, AJobThatWaitsForAnythingElseGetsNoSignal) {
  std::atomic<bool> refused{false}, interrupted{false};
  int pipe[2];
  ASSERT_EQ(::pipe(pipe), 0);
  std::thread job([&] {
    jobs.begin(1, nullptr);
    jobs.refused(1);
    refused = true;
    char byte = 0;
    interrupted = ::read(pipe[0], &byte, 1) != 1;  // the answer of mtx-changer, perhaps
    jobs.end(1);
  });
  while (!refused) std::this_thread::sleep_for(1ms);
  for (int i = 0; i < 20; ++i) EXPECT_EQ(jobs.wake(1), RunningJobs::Woken::broadcast);
  EXPECT_EQ(::write(pipe[1], "x", 1), 1);
  job.join();
  EXPECT_FALSE(interrupted);
  EXPECT_EQ(broadcasts, 20);
  ::close(pipe[0]);
  ::close(pipe[1]);
}

TEST_F(Jobs, AJobThatWasGivenADriveOrHasEndedIsLeftAlone) {
  EXPECT_EQ(jobs.wake(1), RunningJobs::Woken::not_there);
  jobs.begin(1, nullptr);
  EXPECT_EQ(jobs.wake(1), RunningJobs::Woken::not_there);
  jobs.refused(1);
  jobs.goes_on(1);
  EXPECT_EQ(jobs.wake(1), RunningJobs::Woken::not_there);
  jobs.end(1);
  EXPECT_FALSE(jobs.tell(1, MessageType::fatal, "text"));
  EXPECT_EQ(broadcasts, 0);
}

TEST_F(Jobs, AMessageReachesTheJobsOwnLog) {
  int jcr = 0;
  jobs.begin(1, &jcr);
  EXPECT_TRUE(jobs.tell(1, MessageType::warning, "a gap"));
  EXPECT_FALSE(jobs.was_failed(1));
  EXPECT_TRUE(jobs.tell(1, MessageType::fatal, "the lock is lost"));
  EXPECT_EQ(told.jcr, &jcr);
  EXPECT_EQ(told.text, "the lock is lost");
  EXPECT_TRUE(jobs.was_failed(1));
}

}  // namespace
}  // namespace shstore::plugin
