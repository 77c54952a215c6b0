// storage-ctl DEVICE prove: the lock keeps the other host away, and nothing is left behind.
#include <gmock/gmock.h>

#include "host.h"

namespace shstore::scsi::ctl {
namespace {

using testing::HasSubstr;
using testing::Not;

struct Prove : SharedDrive {
  int looks = 0;
  /// What happens between the looks of cibou, which proves.
  void meanwhile(std::vector<std::function<void()>> steps) {
    cibou.on_sleep = [this, steps = std::move(steps)] {
      const auto step = static_cast<size_t>(looks++);
      if (step < steps.size()) steps[step]();
    };
  }
  void dir_comes() {
    const auto attempt = dir.context.lock().try_lock();
    ASSERT_TRUE(attempt);
    EXPECT_FALSE(attempt->held);
    EXPECT_EQ(attempt->holder.key, kCibouKey);
  }
  void dir_goes() { EXPECT_TRUE(dir.context.lock().unregister()); }
};

TEST_F(Prove, TheOtherHostComesIsRefusedAndGoes) {
  meanwhile({[&] { dir_comes(); }, [&] { EXPECT_TRUE(state().held_by(kCibouKey)); }, [&] { dir_goes(); }});
  EXPECT_EQ(cibou("prove"), 0) << cibou.err.str();
  // A line of its own, to be copied: its newline was once printed as a character that a terminal must not get.
  EXPECT_THAT(cibou.out.str(), HasSubstr("with its name of it:\n\n    storage-ctl /dev/sgN lock\n\n"));
  EXPECT_THAT(cibou.out.str(), Not(HasSubstr("?")));
  EXPECT_THAT(cibou.out.str(), HasSubstr("0xbac999 has come, and waits: the drive has refused it the lock"));
  EXPECT_THAT(cibou.out.str(), HasSubstr("PROVEN: "));
  EXPECT_TRUE(untouched());
}

TEST_F(Prove, TheOtherHostIsCalledByItsName) {
  cibou.context.conf.peers[kDirKey] = "dir";
  meanwhile({[&] { dir_comes(); }, [&] { dir_goes(); }});
  EXPECT_EQ(cibou("prove"), 0);
  EXPECT_THAT(cibou.out.str(), HasSubstr("0xbac999 (dir) has come"));
}

TEST_F(Prove, ARegistrationThatWasThereStays) {
  ASSERT_EQ(cibou("register"), 0);
  meanwhile({[&] { dir_comes(); }, [&] { dir_goes(); }});
  EXPECT_EQ(cibou("prove"), 0);
  EXPECT_EQ(state().registrations_of(kCibouKey), 1u);
  EXPECT_FALSE(state().reservation);
}

TEST_F(Prove, ADriveThatAnotherHostHasIsRefused) {
  ASSERT_EQ(dir("lock"), 0);
  EXPECT_EQ(cibou("prove"), 24);
  EXPECT_THAT(cibou.err.str(), HasSubstr("is locked by 0xbac999"));
  EXPECT_TRUE(state().held_by(kDirKey));
  EXPECT_EQ(state().registrations_of(kCibouKey), 0u);
}

TEST_F(Prove, ADriveThatThisHostUsesIsRefused) {
  ASSERT_EQ(cibou("lock"), 0);
  EXPECT_EQ(cibou("prove"), 4);
  EXPECT_THAT(cibou.err.str(), HasSubstr("this host itself: a job may be using it"));
  EXPECT_TRUE(state().held_by(kCibouKey)) << "that lock is not given back";
}

TEST_F(Prove, ADriveThatSomebodyWaitsForIsRefused) {
  ASSERT_EQ(dir("register"), 0);
  EXPECT_EQ(cibou("prove"), 4);
  EXPECT_THAT(cibou.err.str(), HasSubstr("0xbac999 is registered on "));
  EXPECT_EQ(state().registrations_of(kCibouKey), 0u);
}

TEST_F(Prove, NobodyComes) {
  EXPECT_EQ(cibou("prove"), 75);
  EXPECT_THAT(cibou.err.str(), HasSubstr("NOT PROVEN: no other host has come"));
  EXPECT_TRUE(untouched());
}

TEST_F(Prove, TheOtherHostStays) {
  meanwhile({[&] { dir_comes(); }});
  EXPECT_EQ(cibou("prove"), 75);
  EXPECT_THAT(cibou.err.str(), HasSubstr("still registered"));
  EXPECT_FALSE(state().reservation);
  EXPECT_EQ(state().registrations_of(kDirKey), 1u) << "nothing of the other host's is touched";
}

TEST_F(Prove, AnInterruptLeavesNothing) {
  meanwhile({[&] { cibou.stop = true; }});
  EXPECT_EQ(cibou("prove"), 75);
  EXPECT_THAT(cibou.err.str(), HasSubstr("(interrupted)"));
  EXPECT_TRUE(untouched());
}

TEST_F(Prove, ALockThatSomebodyBreaksProvesNothing) {
  meanwhile({[&] {
    ASSERT_TRUE(third.lock.register_key());
    ASSERT_TRUE(third.lock.clear());
  }});
  EXPECT_EQ(cibou("prove"), 6);
  EXPECT_THAT(cibou.err.str(), HasSubstr("NOT PROVEN: the lock was lost meanwhile, and nobody has it"));
  EXPECT_TRUE(untouched());
}

}  // namespace
}  // namespace shstore::scsi::ctl
