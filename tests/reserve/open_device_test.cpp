// A device that this daemon has kept open: what bacula-sd believes of the tape in it is worth something only while
// the lock was held without a gap.
#include <gtest/gtest.h>

#include "engine_fixture.h"

namespace shstore::reserve {
namespace {

using namespace std::chrono_literals;
using Told = std::vector<std::string>;

class OpenDevice : public DriveTest {
 protected:
  OpenDevice() { admit(1, 7); }

  LockReading after_reset() {
    auto reading = ours();
    reading.was_reset = true;
    return reading;
  }
  void expect_refused(JobContext owner, JobId job, const std::string& reason) {
    drive.request(owner, job, now);
    auto answer = drive.answer(owner);
    if (!answer) {
      look(drive.view().locked ? ours() : free_drive());
      answer = drive.answer(owner);
    }
    ASSERT_TRUE(answer);
    EXPECT_FALSE(answer->granted);
    EXPECT_EQ(answer->refusal.reason, reason);
  }
  // What shows that the device is open or closed: giving our lock back, or no more than looking at that.
  Action returning() { return drive.view().locked ? Action::release : Action::see_closed; }
  void expect_still_open() {
    if (!drive.view().locked && drive.view().registered) {
      EXPECT_EQ(act(Kind::done), Action::unregister) << "nobody waits here";
    }
    const auto action = returning();
    EXPECT_EQ(act(Kind::still_open), action);
  }
  // Once the device is closed, everything is as if nothing had been.
  void expect_usable_once_closed(JobContext owner, JobId job) {
    later(5s);
    const auto action = returning();
    EXPECT_EQ(act(Kind::done), action);
    EXPECT_FALSE(drive.view().lost);
    admit(owner, job);
    EXPECT_TRUE(drive.view().locked);
  }
};

TEST_F(OpenDevice, AfterAResetNoJobGetsItUntilItWasClosed) {
  later(5s);
  look(after_reset());
  EXPECT_EQ(told(), Told{"reset 7"});
  drive.end(1, now);
  expect_still_open();
  EXPECT_TRUE(drive.view().lost);
  expect_refused(
      2, 8,
      "the drive was reset or switched off: where its tape stands is unknown; the device is still open in this "
      "daemon: release it in bconsole (with Always Open = yes: unmount it and mount it again), or restart bacula-sd");
  drive.end(2, now);
  later(500ms);
  expect_still_open();
  expect_usable_once_closed(3, 9);
}

TEST_F(OpenDevice, AfterAnotherHostHadTheDriveNoJobGetsItUntilItWasClosed) {
  later(5s);
  look(held_by(kDir));
  drive.end(1, now);
  expect_still_open();
  expect_refused(
      2, 8,
      "the lock was lost: 0xbac999 has taken the drive; the device is still open in this daemon: release it in "
      "bconsole (with Always Open = yes: unmount it and mount it again), or restart bacula-sd");
  drive.end(2, now);
  expect_usable_once_closed(3, 9);
}

// With Always Open = yes; no job is told anything, because none is at work.
TEST_F(OpenDevice, ALockLostWhileTheDeviceWaitsForTheNextJobCountsToo) {
  drive.end(1, now);
  expect_still_open();
  later(5s);
  while (drive.next_action(now) == Action::release) drive.finish({Kind::still_open, {}, {}, {}}, now);
  drive.finish({Kind::done, {}, {}, held_by(kDir)}, now);
  EXPECT_TRUE(told().empty());
  EXPECT_TRUE(drive.view().lost);
  later(500ms);
  expect_still_open();
  expect_usable_once_closed(2, 8);
}

TEST_F(OpenDevice, SoDoesAGapInWhichSomebodyMayHaveUsedTheDrive) {
  drive.end(1, now);
  expect_still_open();
  later(5s);
  while (drive.next_action(now) == Action::release) drive.finish({Kind::still_open, {}, {}, {}}, now);
  drive.finish({Kind::done, {}, {}, LockReading{{}, false, false, {}, generation + 3, false, true}}, now);
  ASSERT_EQ(drive.next_action(now), Action::take);
  drive.finish({Kind::done, {}, {}, LockReading{kCibou, true, true, {}, generation + 4, false, true}}, now);
  EXPECT_TRUE(drive.view().lost);
  expect_still_open();
  later(400ms);
  EXPECT_TRUE(idle());
  expect_usable_once_closed(2, 8);
}

// Between DeviceTryOpen and DeviceOpen: bacula-sd fails the job and leaves the device open (append.c, do_append_data).
TEST_F(OpenDevice, ALockLostBeforeTheJobHasBegunToWriteLeavesItOpenForNobody) {
  drive.request_verified(1, 7, now);
  look(held_by(kDir));
  EXPECT_FALSE(drive.answer(1)->granted);
  drive.end(1, now);
  expect_still_open();
  EXPECT_TRUE(drive.view().lost);
  expect_usable_once_closed(2, 8);
}

// Found by the model test: the job ended while the lock was being taken back.
TEST_F(OpenDevice, AGapThatNobodyWaitedForTheEndOfCountsAsDoubtful) {
  later(5s);
  look(free_drive());
  ASSERT_EQ(drive.next_action(now), Action::take);
  drive.end(1, now);
  drive.finish({Kind::done, {}, {}, ours()}, now);
  EXPECT_TRUE(drive.view().lost);
  expect_still_open();
  expect_usable_once_closed(2, 8);
}

// Found by the model test too: it ended while the lock was being looked for.
TEST_F(OpenDevice, ALockFoundGoneJustAfterTheJobIsNotForgotten) {
  later(5s);
  ASSERT_EQ(drive.next_action(now), Action::look);
  drive.end(1, now);
  drive.finish({Kind::done, {}, {}, held_by(kDir)}, now);
  EXPECT_TRUE(drive.view().lost);
  expect_still_open();
  expect_usable_once_closed(2, 8);
}

TEST_F(OpenDevice, ADeviceThatIsClosedWithTheJobIsUsableAtOnce) {
  later(5s);
  look(after_reset());
  drive.end(1, now);
  EXPECT_EQ(act(Kind::done), Action::release);
  admit(2, 8);
}

TEST_F(OpenDevice, JobsThatWaitedForItAreCalledOnceItIsClosed) {
  later(5s);
  look(after_reset());
  drive.request(2, 8, now);
  EXPECT_FALSE(drive.answer(2)->granted);
  told();
  drive.end(1, now);
  expect_still_open();
  EXPECT_TRUE(idle());
  later(500ms);
  EXPECT_EQ(act(Kind::done), Action::release);
  later(10s);
  EXPECT_EQ(act(Kind::done), Action::take);
  EXPECT_EQ(told(), Told{"come 8"});
}

}  // namespace
}  // namespace shstore::reserve
