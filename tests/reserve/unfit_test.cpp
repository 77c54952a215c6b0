// The nodes come to lead to two drives while the lock is ours: jobs that write go on, no other gets the drive, and the lock goes back.
#include <gtest/gtest.h>

#include "engine_fixture.h"

namespace shstore::reserve {
namespace {

using namespace std::chrono_literals;
using Told = std::vector<std::string>;

constexpr const char* kTwo = "its Control Device /dev/sg1 is another drive than its Archive Device /dev/nst0";

class TwoDrives : public DriveTest {
 protected:
  void expect_refused(JobContext owner, JobId job) {
    drive.request(owner, job, now);
    const auto answer = drive.answer(owner);
    ASSERT_TRUE(answer) << "no command is needed for that";
    EXPECT_FALSE(answer->granted);
    EXPECT_EQ(answer->refusal, (Refusal{Refusal::Kind::error, {}, kTwo}));
  }
};

TEST_F(TwoDrives, TheNextJobIsRefusedWhileTheOneThatWritesKeepsTheLock) {
  admit(1, 7);
  drive.see_unfit(kTwo, now);
  expect_refused(2, 8);
  EXPECT_EQ(drive.view().error, kTwo);
  later(5s);
  look(ours());
  EXPECT_TRUE(drive.view().locked);
  EXPECT_EQ(told(), Told{}) << "its lock is on the drive that it writes";
}

TEST_F(TwoDrives, TheLockGoesBackAlthoughOneWaits) {
  admit(1, 7);
  drive.see_unfit(kTwo, now);
  expect_refused(2, 8);
  drive.end(1, now);
  EXPECT_EQ(act(Kind::done), Action::release);
  EXPECT_FALSE(drive.view().locked);
  EXPECT_FALSE(drive.view().registered) << "no other host is to let us go first";
}

TEST_F(TwoDrives, ALockThatWasTakenAheadForAJobGoesBack) {
  wait_for_dir(1, 7);
  later(5s);
  look(free_drive());
  ASSERT_EQ(act(Kind::done), Action::take);
  ASSERT_EQ(drive.view().promised_to, JobId{7});
  drive.see_unfit(kTwo, now);
  EXPECT_EQ(act(Kind::done), Action::release);
  EXPECT_EQ(drive.view().promised_to, std::nullopt);
}

TEST_F(TwoDrives, AJobThatWasAdmittedBeforeMayNotOpenTheDevice) {
  admit(1, 7);
  drive.request_verified(1, 7, now);
  ASSERT_EQ(drive.next_action(now), Action::look);
  drive.see_unfit(kTwo, now);  // looked at with it
  drive.finish({Kind::done, {}, {}, ours()}, now);
  const auto answer = drive.answer(1);
  ASSERT_TRUE(answer);
  EXPECT_FALSE(answer->granted);
  EXPECT_EQ(answer->refusal.reason, kTwo);
  drive.end(1, now);
  expect_lock_returned();
}

TEST_F(TwoDrives, AJobThatHasWrittenAllUnderItsLockEndsWell) {
  admit(1, 7);
  drive.see_unfit(kTwo, now);
  drive.request_verified(1, 7, now, false);
  look(ours());
  const auto answer = drive.answer(1);
  ASSERT_TRUE(answer);
  EXPECT_TRUE(answer->granted);
}

TEST_F(TwoDrives, WhenTheyAreOneAgainThoseThatWaitAreCalled) {
  admit(1, 7);
  drive.see_unfit(kTwo, now);
  expect_refused(2, 8);
  drive.see_unfit({}, now);
  EXPECT_EQ(told(), Told{"come 8"});
  admit(2, 8);
  EXPECT_EQ(drive.view().error, "");
}

TEST_F(TwoDrives, OfALockThatIsNotOursTheNextAttemptSays) {
  drive.see_unfit(kTwo, now);
  EXPECT_EQ(drive.view().error, "");
  admit(1, 7);
}

}  // namespace
}  // namespace shstore::reserve
