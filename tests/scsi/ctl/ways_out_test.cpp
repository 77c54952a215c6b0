// Every way out of storage-ctl that a process can notice gives back what it took.
#include <fstream>
#include <iterator>

#include "program.h"

namespace shstore::scsi::ctl {
namespace {

std::string text_of(const std::string& file) {
  std::ifstream in(file);
  return {std::istreambuf_iterator<char>(in), {}};
}

struct EndingSignal : StorageCtl, testing::WithParamInterface<int> {};

TEST_P(EndingSignal, WhileItWaitsLeavesNothing) {
  ASSERT_EQ(run(dir({"lock"})), 0);
  Process lock(cibou({"lock"}));
  lock.said("waiting");
  EXPECT_EQ(state().registrations_of(kCibouKey), 1u);
  lock.signal(GetParam());
  EXPECT_EQ(lock.end(), 75);
  EXPECT_EQ(state().registrations_of(kCibouKey), 0u);
  EXPECT_TRUE(state().held_by(kDirKey));
}

INSTANTIATE_TEST_SUITE_P(Signals, EndingSignal,
                         testing::Values(SIGHUP, SIGINT, SIGQUIT, SIGTERM, SIGPIPE, SIGALRM, SIGUSR1, SIGUSR2, SIGXCPU,
                                         SIGABRT, SIGPROF, SIGVTALRM, SIGPOLL, SIGPWR, SIGTRAP, SIGSYS, SIGRTMIN),
                         [](const auto& tested) { return std::to_string(tested.param); });

TEST_F(StorageCtl, WhoseListenerHasGoneLeavesNothing) {
  ASSERT_EQ(run(dir({"lock"})), 0);
  int ends[2];
  ASSERT_EQ(::pipe2(ends, O_CLOEXEC), 0);
  const base::Descriptor broken(ends[1]);
  ::close(ends[0]);
  EXPECT_EQ(Process(cibou({"lock"}), broken.get()).end(), 75) << "the line that says for whom it waits finds no reader";
  EXPECT_EQ(state().registrations_of(kCibouKey), 0u);
}

struct ExecSignal : EndingSignal {};

TEST_P(ExecSignal, ReachesTheProgramAndTheLockIsGivenBack) {
  const auto sign = san.folder.path("begun");
  Process exec(cibou({"exec", "--", "sh", "-c", "> " + sign + "; exec sleep 100"}));
  wait_until([&] { return std::filesystem::exists(sign); });
  EXPECT_TRUE(state().held_by(kCibouKey));
  exec.signal(GetParam());
  EXPECT_EQ(exec.end(), 128 + GetParam()) << "as the program ended";
  EXPECT_TRUE(untouched());
}

INSTANTIATE_TEST_SUITE_P(Signals, ExecSignal, testing::Values(SIGHUP, SIGINT, SIGQUIT, SIGTERM, SIGUSR1, SIGUSR2),
                         [](const auto& tested) { return std::to_string(tested.param); });

TEST_F(StorageCtl, ASignalThatWasIgnoredBeforeStaysIgnored) {
  ASSERT_EQ(run(dir({"lock"})), 0);
  std::vector<std::string> words = {"sh", "-c", "trap '' HUP; exec \"$@\"", "sh"};
  for (const auto& w : cibou({"lock"})) words.push_back(w);
  Process lock(words);
  lock.said("waiting");
  lock.signal(SIGHUP);
  ASSERT_EQ(run(dir({"unlock"})), 0);
  EXPECT_EQ(lock.end(), 0);
  EXPECT_TRUE(state().held_by(kCibouKey));
}

TEST_F(StorageCtl, AFileAtItsLimitIsAnErrorAndNoDeath) {
  const auto out = san.folder.write("out", "");
  std::vector<std::string> words = {"sh", "-c", "ulimit -f 0; exec \"$@\" > " + out, "sh"};
  for (const auto& w : cibou({"query"})) words.push_back(w);
  Process query(words);
  EXPECT_EQ(query.said(), "storage-ctl: cannot write the output\n");
  EXPECT_EQ(query.end(), 3);
}

// The lock was given back while the tape was still being written.
TEST_F(StorageCtl, WhatTheProgramLeavesRunningKeepsTheLock) {
  const auto fifo = san.folder.path("fifo");
  ASSERT_EQ(::mkfifo(fifo.c_str(), 0600), 0);
  Process exec(cibou({"exec", "--", "sh", "-c", "(cat " + fifo + " > /dev/null 2> /dev/null) & exit 7"}));
  EXPECT_NE(exec.said("\n").find("sh has ended, but what it started runs on ("), std::string::npos) << exec.said("\n");
  EXPECT_TRUE(state().held_by(kCibouKey));
  base::Descriptor(::open(fifo.c_str(), O_WRONLY)).close();
  EXPECT_EQ(exec.end(), 7);
  EXPECT_TRUE(untouched());
}

TEST_F(StorageCtl, WhatTheProgramLeavesRunningGetsTheSignal) {
  Process exec(cibou({"exec", "--", "sh", "-c", "setsid sleep 100 > /dev/null 2>&1 &"}));
  exec.said("has ended");
  exec.signal(SIGTERM);
  EXPECT_EQ(exec.end(), 0);
  EXPECT_TRUE(untouched());
}

// A safety catch must not be satisfied by a number that was guessed at.
TEST_F(StorageCtl, AGenerationIsANumberOrRefused) {
  for (const char* text : {"5junk", "010", "-1", "4294967296", "0x", "", " 5", "0x1ffffffff", "+5"}) {
    EXPECT_EQ(run(cibou({"clear", std::string("--if-generation=") + text})), 1) << text;
  }
  EXPECT_EQ(run(cibou({"clear", "--if-generation=0x7777"})), 4) << "a number, but not the drive's";
}

TEST_F(StorageCtl, AKeyThatIsSetTwiceIsRefused) {
  san.folder.write("storage-ctl.conf", "key=bac001\n# once more\nkey=bac002\n");
  Process registers(cibou({"register"}));
  EXPECT_EQ(registers.said(),
            "storage-ctl: " + conf + ":3: key is set a second time; the first is in line 1. Which one is meant?\n");
  EXPECT_EQ(registers.end(), 2);
  EXPECT_TRUE(untouched());
}

// The option parser takes words in square brackets apart.
TEST_F(StorageCtl, ExecPassesEveryWordOnAsItWasTyped) {
  const auto out = san.folder.path("out");
  const auto print = "printf '<%s>' \"$@\" > " + out;
  EXPECT_EQ(run(cibou({"exec", "--", "sh", "-c", print, "sh", "[a,b]", "[]", "{x}", "--", "", "-e", "%s"})), 0);
  EXPECT_EQ(text_of(out), "<[a,b]><[]><{x}><--><><-e><%s>");
  EXPECT_EQ(run(cibou({"exec", "--", "sh", "-c", "[ -e /nonexistent ]"})), 1);
  EXPECT_EQ(run(cibou({"exec", "test", "[]"})), 0) << "a word that is not empty is true, and none is not";
}

TEST_F(StorageCtl, ExecEndsWhatTakesTooLong) {
  EXPECT_EQ(run(cibou({"--timeout", "1", "exec", "--", "sleep", "1000"})), 124);
  EXPECT_TRUE(untouched());
}

TEST_F(StorageCtl, WhatIsNoOptionIsAMistake) {
  EXPECT_EQ(run(cibou({"exec", "btape", "-v"})), 1) << "what the program is to get stands behind --";
  EXPECT_EQ(run(cibou({"query", "--nope"})), 1);
  EXPECT_EQ(run(cibou({"query", "[]"})), 1) << "query takes no arguments";
}

}  // namespace
}  // namespace shstore::scsi::ctl
