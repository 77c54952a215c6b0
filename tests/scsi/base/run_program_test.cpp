#include "scsi/base/run_program.h"

#include <fmt/format.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <unistd.h>

#include <filesystem>
#include <thread>

namespace shstore::base {
namespace {

TEST(RunProgram, TheProgramHasNoDescriptorOfOursAndNoBlockedSignal) {
  const int tape = ::dup(STDERR_FILENO);
  sigset_t all, before;
  sigfillset(&all);
  pthread_sigmask(SIG_BLOCK, &all, &before);
  const auto end =
      run_program({"/bin/sh", "-c", "ls /proc/self/fd | sort -n | tr '\\n' ' '; grep SigBlk /proc/self/status"},
                  {std::chrono::seconds(30)});
  pthread_sigmask(SIG_SETMASK, &before, nullptr);
  ::close(tape);
  ASSERT_TRUE(end);
  EXPECT_EQ(end->status, 0);
  EXPECT_EQ(end->output, "0 1 2 3 SigBlk:\t0000000000000000\n") << "3 is what ls itself reads";
}

TEST(RunProgram, ArgumentsAreNotAShellsBusiness) {
  const auto end = run_program({"printf", "%s|", "a b", "$HOME", "; exit 3"}, {std::chrono::seconds(30)});
  ASSERT_TRUE(end);
  EXPECT_EQ(end->output, "a b|$HOME|; exit 3|");
  EXPECT_EQ(end->status, 0);
}

TEST(RunProgram, ASignalThatEndsItIsItsStatus) {
  const auto end = run_program({"/bin/sh", "-c", "kill -TERM $$"}, {std::chrono::seconds(30)});
  ASSERT_TRUE(end);
  EXPECT_EQ(end->status, 128 + SIGTERM);
  EXPECT_FALSE(end->timed_out);
}

// Says stop once the program has made the file that it is given.
struct Stopper {
  std::filesystem::path file = std::filesystem::temp_directory_path() / fmt::format("run-program-test.{}", ::getpid());
  std::atomic<bool> stop{false};
  std::thread thread{[this] {
    while (!std::filesystem::exists(file)) std::this_thread::sleep_for(std::chrono::milliseconds(5));
    stop = true;
  }};
  ~Stopper() {
    thread.join();
    std::filesystem::remove(file);
  }
};

TEST(RunProgram, StopEndsItAndAllThatItStarted) {
  Stopper when;
  const auto end = run_program({"/bin/sh", "-c", "echo began; sleep 600 & : >$0; wait", when.file},
                               {.deadline = std::chrono::seconds(300), .stop = &when.stop});
  ASSERT_TRUE(end);
  EXPECT_TRUE(end->stopped);
  EXPECT_FALSE(end->timed_out);
  EXPECT_EQ(end->output, "began\n");
  EXPECT_EQ(end->status, 128 + SIGTERM);
}

TEST(RunProgram, AProgramThatDoesNotHearStopIsKilled) {
  Stopper when;
  const auto end = run_program({"/bin/sh", "-c", "trap '' TERM; : >$0; while :; do sleep 0.1; done", when.file},
                               {.deadline = std::chrono::seconds(300), .stop = &when.stop});
  ASSERT_TRUE(end);
  EXPECT_TRUE(end->stopped);
  EXPECT_EQ(end->status, 128 + SIGKILL);
}

TEST(RunProgram, OutputBeyondTheLimitIsCutAndThatIsSaid) {
  const std::vector<std::string> thousand{"/bin/sh", "-c", "printf '%01000d' 0"};
  const auto cut = run_program(thousand, {.deadline = std::chrono::seconds(30), .most_output = 999});
  ASSERT_TRUE(cut);
  EXPECT_TRUE(cut->cut);
  EXPECT_EQ(cut->output.size(), 999u);
  EXPECT_EQ(cut->status, 0) << "the program could write all of it";
  const auto whole = run_program(thousand, {.deadline = std::chrono::seconds(30), .most_output = 1000});
  ASSERT_TRUE(whole);
  EXPECT_FALSE(whole->cut);
}

TEST(RunProgram, TheDeadlineEndsIt) {
  const auto end = run_program({"/bin/sh", "-c", "echo began; sleep 600"}, {std::chrono::seconds(3)});
  ASSERT_TRUE(end);
  EXPECT_TRUE(end->timed_out);
  EXPECT_EQ(end->output, "began\n");
}

TEST(RunProgram, WhatItWritesTooMuchMayEndIt) {
  const auto end = run_program({"/bin/sh", "-c", "cat /dev/zero"},
                               {.deadline = std::chrono::seconds(300), .most_output = 1000, .ends_when_cut = true});
  ASSERT_TRUE(end);
  EXPECT_TRUE(end->cut);
  EXPECT_FALSE(end->timed_out);
  EXPECT_EQ(end->signal, SIGKILL);
}

TEST(RunProgram, ItReadsWhatItIsGivenAndItsErrorsMayStayOurs) {
  const auto end =
      run_program({"/bin/sh", "-c", "cat; echo not to be seen >&2"},
                  {.deadline = std::chrono::seconds(300), .with_errors = false, .input = "status\nquit\n"});
  ASSERT_TRUE(end);
  EXPECT_EQ(end->output, "status\nquit\n");
}

// It has ended before it could be told anything.
TEST(RunProgram, OneThatReadsNothingIsNoSignalToUs) {
  const auto end = run_program({"true"}, {.deadline = std::chrono::seconds(300), .input = "quit\n"});
  ASSERT_TRUE(end);
  EXPECT_EQ(end->status, 0);
}

}  // namespace
}  // namespace shstore::base
