// Several programs of one host at one drive: they exclude each other below the reservation, which is the whole host's.
#include <fstream>
#include <iterator>

#include "program.h"

namespace shstore::scsi::ctl {
namespace {

struct OneHost : StorageCtl {
  std::string log = san.folder.path("log");

  /// Writes "+NAME" when it begins and "-NAME" when it ends, which is when `gate` is opened for writing.
  std::vector<std::string> under_the_lock(const std::string& name, const std::string& gate) const {
    return cibou({"exec", "--", "sh", "-c",
                  "echo +" + name + " >> " + log + "; cat " + gate + " > /dev/null; echo -" + name + " >> " + log});
  }
  std::string gate(const std::string& name) const {
    auto path = san.folder.path(name);
    EXPECT_EQ(::mkfifo(path.c_str(), 0600), 0);
    return path;
  }
  static void open(const std::string& gate) { const std::ofstream opened(gate); }
  std::string written() const {
    std::ifstream in(log);
    std::string all{std::istreambuf_iterator<char>(in), {}};
    std::replace(all.begin(), all.end(), '\n', ' ');
    return all;
  }
};

// The first to end gave the lock back under the other, which ran on without it for hours.
TEST_F(OneHost, TwoExecNeverOverlapThoughBothWaitedForAnotherHost) {
  ASSERT_EQ(run(dir({"lock"})), 0);
  const auto a = gate("a"), b = gate("b"), c = gate("c");
  Process first(under_the_lock("a", a)), second(under_the_lock("b", b)), third(under_the_lock("c", c));
  first.said("waiting"), second.said("waiting"), third.said("waiting");
  ASSERT_EQ(run(dir({"unregister"})), 0);  // and gives the lock back with it
  std::string order;
  for (int i = 0; i < 3; ++i) {
    wait_until([&] { return written().size() > order.size(); });
    order = written();
    ASSERT_EQ(order[order.size() - 3], '+') << order;
    const std::string name(1, order[order.size() - 2]);
    // The others look again and again meanwhile.
    for (int looks = 0; looks < 20; ++looks) {
      ASSERT_EQ(written(), order) << "two at a time";
      ASSERT_TRUE(state().held_by(kCibouKey)) << "unlocked under the one that runs";
      std::this_thread::sleep_for(std::chrono::milliseconds(20));
    }
    open(san.folder.path(name));
    order += "-" + name + " ";
    wait_until([&] { return written().size() >= order.size(); });
  }
  EXPECT_EQ(first.end() + second.end() + third.end(), 0);
  EXPECT_TRUE(untouched()) << "neither the lock nor a registration is left";
}

TEST_F(OneHost, AnExecThatComesWhileAnotherRunsWaitsForIt) {
  const auto a = gate("a"), b = gate("b");
  Process first(under_the_lock("a", a));
  wait_until([&] { return written() == "+a "; });
  Process second(under_the_lock("b", b));
  EXPECT_NE(second.said("waiting").find("is in use by storage-ctl (process "), std::string::npos)
      << second.said("waiting");
  open(a);
  EXPECT_EQ(first.end(), 0);
  wait_until([&] { return written() == "+a -a +b "; });
  EXPECT_TRUE(state().held_by(kCibouKey));
  open(b);
  EXPECT_EQ(second.end(), 0);
  EXPECT_TRUE(untouched());
}

TEST_F(OneHost, WhatIsBelowAnExecJoinsItsLockAndGivesNothingBack) {
  const auto inner = cibou({"exec", "--", "true"});
  std::string words;
  for (const auto& word : inner) words += "'" + word + "' ";
  const auto lock = words.substr(0, words.find("'exec'")) + "lock";
  EXPECT_EQ(run(cibou({"exec", "--", "sh", "-c", lock + " && " + words + " && " + words})), 0);
  EXPECT_TRUE(untouched());
}

TEST_F(OneHost, LockAndUnlockByHandKeepAwayFromAProgramThatRuns) {
  const auto a = gate("a");
  Process first(under_the_lock("a", a));
  wait_until([&] { return written() == "+a "; });
  EXPECT_EQ(run(cibou({"trylock"})), 24);
  EXPECT_EQ(run(cibou({"unlock"})), 4);
  EXPECT_EQ(run(cibou({"unregister"})), 4);
  Process lock(cibou({"lock"}));
  lock.said("waiting");
  EXPECT_TRUE(state().held_by(kCibouKey));
  open(a);
  EXPECT_EQ(first.end(), 0);
  EXPECT_EQ(lock.end(), 0);
  EXPECT_TRUE(state().held_by(kCibouKey)) << "a lock by hand leaves no process, and stays";
  EXPECT_EQ(run(cibou({"exec", "--", "true"})), 4);
  EXPECT_EQ(run(cibou({"trylock"})), 0) << "and is joined";
  EXPECT_EQ(run(cibou({"unlock"})), 0);
}

TEST_F(OneHost, AnExecThatIsKilledKeepsNobodyOut) {
  const auto a = gate("a");
  {
    const Process first(under_the_lock("a", a));
    wait_until([&] { return written() == "+a "; });
  }
  open(a);
  EXPECT_EQ(run(cibou({"trylock"})), 0) << "its lock is this host's, and no process has it";
}

TEST_F(OneHost, WhoeverGivesUpLeavesTheRegistrationToThoseWhoWaitOn) {
  ASSERT_EQ(run(dir({"lock"})), 0);
  Process first(cibou({"lock"})), second(cibou({"lock"}));
  first.said("waiting"), second.said("waiting");
  first.signal(SIGTERM);
  EXPECT_EQ(first.end(), 75);
  EXPECT_EQ(state().registrations_of(kCibouKey), 1u) << "the other one still waits";
  second.signal(SIGTERM);
  EXPECT_EQ(second.end(), 75);
  EXPECT_EQ(state().registrations_of(kCibouKey), 0u);
}

}  // namespace
}  // namespace shstore::scsi::ctl
