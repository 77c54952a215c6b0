// A device that is opened though no job asked for it: console label and mount, btape, mt.
#include "engine_fixture.h"
#include "reserve/refusal.h"

namespace shstore::reserve {
namespace {

using namespace std::chrono_literals;

const DeviceUse kClosed{}, kByDaemon{true, {}, true, true}, kDaemonHasIt{true, {}, true, false},
    kByMt{false, "mt (process 4711)", true, true}, kAMoment{false, {}, true, true}, kNotKnown{false, {}, false, false};

struct OpenUse : DriveTest {
  void opened(const DeviceUse& use) { drive.see_use(use, now); }
  void expect_refused(JobContext owner, const std::string& reason) {
    drive.request(owner, 8, now);
    while (!drive.answer(owner).has_value()) {
      const auto action = drive.next_action(now);
      ASSERT_NE(action, Action::none);
      drive.finish({Kind::done, {}, {}, drive.view().locked ? ours() : free_drive()}, now);
      drive.request(owner, 8, now);
    }
    drive.request(owner, 8, now);
    const auto answer = drive.answer(owner);
    ASSERT_TRUE(answer && !answer->granted);
    EXPECT_EQ(answer->refusal.reason, reason);
  }
};

TEST_F(OpenUse, AFreeDriveIsLockedAtOnceAndGivenBackFiveSecondsAfterTheClose) {
  opened(kByMt);
  EXPECT_EQ(act(Kind::done), Action::take) << "a look, and then the lock";
  EXPECT_EQ(drive.view().opened_by, "mt (process 4711)");
  later(1h);
  opened({false, "mt (process 4711)", true, false});
  while (drive.next_action(now) == Action::look) drive.finish({Kind::done, {}, {}, ours()}, now);
  EXPECT_TRUE(drive.view().locked) << "as long as it is open";
  opened(kClosed);
  EXPECT_TRUE(idle());
  later(4999ms);
  while (drive.next_action(now) == Action::look) drive.finish({Kind::done, {}, {}, ours()}, now);
  EXPECT_TRUE(drive.view().locked) << "one open of bacula-sd is open, rewind, close, open";
  later(1ms);
  expect_lock_returned();
  EXPECT_EQ(drive.view().opened_by, "");
}

TEST_F(OpenUse, OneThatWasOverBeforeItWasLookedAtCountsToo) {
  opened(kAMoment);
  EXPECT_EQ(act(Kind::done), Action::take);
  later(5s);
  expect_lock_returned();
}

// Found by the bench: its descriptor was there before its event, and the look of the time before was still to be waited for.
TEST_F(OpenUse, IsLockedAtOnceAlsoWhenItWasSeenBeforeItsEventCame) {
  opened(kByDaemon);
  EXPECT_EQ(act(Kind::done), Action::take);
  opened(kClosed);
  later(5s);
  expect_lock_returned();
  opened(kAMoment);
  look(held_by(kDir));
  opened(kClosed);
  opened(kDaemonHasIt);
  opened(kByDaemon);
  EXPECT_EQ(act(Kind::done), Action::take);
}

TEST_F(OpenUse, WhereAnotherHostHoldsItNothingIsRegisteredAndItIsLookedAtOnceASecond) {
  opened(kByMt);
  for (int second = 0; second < 10; ++second) {
    look(held_by(kDir));
    EXPECT_FALSE(drive.view().registered);
    EXPECT_TRUE(idle());
    later(999ms);
    EXPECT_TRUE(idle());
    later(1ms);
  }
  EXPECT_EQ(drive.view().blocked_by, kDir);
  EXPECT_FALSE(drive.view().lost) << "mt believes nothing of the tape";
  EXPECT_EQ(act(Kind::done), Action::take) << "as soon as it is free";
}

TEST_F(OpenUse, WhereAnotherHostWaitsItComesFirst) {
  opened(kByMt);
  look(free_drive({kDir}));
  EXPECT_TRUE(idle());
  EXPECT_FALSE(drive.view().registered);
  EXPECT_EQ(drive.view().yielding_to, kDir);
  // One that is dead is not waited for for ever.
  for (int second = 0; second < 60 && !drive.view().locked; ++second) {
    later(1s);
    const auto action = drive.next_action(now);
    if (action != Action::none)
      drive.finish({Kind::done, {}, {}, action == Action::take ? ours({kDir}) : free_drive({kDir})}, now);
    if (drive.next_action(now) == Action::take) drive.finish({Kind::done, {}, {}, ours({kDir})}, now);
  }
  EXPECT_TRUE(drive.view().locked);
}

// bacula-sd believes what it has read of the label and of the position.
TEST_F(OpenUse, WhatTheDaemonHadOpenUnderAnotherHostsLockGoesToNoJobUntilItWasClosed) {
  opened(kByDaemon);
  look(held_by(kDir));
  EXPECT_TRUE(drive.view().lost);
  drive.request(1, 7, now);
  while (drive.next_action(now) != Action::none) drive.finish({Kind::still_open, {}, {}, free_drive()}, now);
  const auto answer = drive.answer(1);
  EXPECT_FALSE(answer && answer->granted);
  drive.end(1, now);
  later(1min);
  opened(kDaemonHasIt);
  while (drive.next_action(now) != Action::none) drive.finish({Kind::still_open, {}, {}, free_drive()}, now);
  EXPECT_TRUE(drive.view().lost) << "though the drive is free now";
  opened(kClosed);
  while (drive.next_action(now) != Action::none) drive.finish({Kind::done, {}, {}, free_drive()}, now);
  EXPECT_FALSE(drive.view().lost);
  admit(2, 8);
}

TEST_F(OpenUse, TheDaemonsOwnJobJoinsALockThatWasOursAllTheTime) {
  opened(kByDaemon);
  EXPECT_EQ(act(Kind::done), Action::take);
  later(1min);
  admit(1, 7);
  drive.end(1, now);
  opened(kDaemonHasIt);
  later(5s);
  EXPECT_EQ(act(Kind::still_open), Action::release);
  EXPECT_TRUE(drive.view().kept_for_open_device);
  opened(kClosed);
  later(5s);
  expect_lock_returned();
}

TEST_F(OpenUse, AnotherProgramKeepsJobsOfThisHostAwayWithItsName) {
  opened(kByMt);
  EXPECT_EQ(act(Kind::done), Action::take);
  expect_refused(1, "mt (process 4711) has it open on this host");
  EXPECT_TRUE(told().empty());
  opened(kClosed);
  EXPECT_TRUE(idle());
  EXPECT_EQ(told(), std::vector<std::string>{"come 8"}) << "the lock is there for it";
}

TEST_F(OpenUse, WhetherItIsStillOpenMayBeUnknown) {
  opened(kByMt);
  EXPECT_EQ(act(Kind::done), Action::take);
  opened(kNotKnown);
  expect_refused(1, "whether another program of this host has it open is not known");
  later(1h);
  drive.end(1, now);
  while (drive.next_action(now) == Action::look) drive.finish({Kind::done, {}, {}, ours()}, now);
  EXPECT_TRUE(drive.view().locked) << "a lock is not given back on a guess";
}

// The close is told a moment after the job has ended: no other host waits for that.
TEST_F(OpenUse, AJobsOwnDeviceIsGivenBackAtOnce) {
  admit(1, 7);
  opened(kByDaemon);
  later(1min);
  drive.end(1, now);
  opened(kClosed);
  EXPECT_EQ(act(Kind::done), Action::release);
}

TEST_F(OpenUse, ADeviceThatIsOpenForALockedJobIsNobodyElses) {
  admit(1, 7);
  opened(kByDaemon);
  EXPECT_EQ(drive.view().opened_by, "");
  EXPECT_FALSE(drive.view().unused_since);
  later(1min);
  opened(kClosed);
  EXPECT_EQ(drive.view().unused_since, now) << "it waits for a Volume, perhaps";
  later(1min);
  opened(kByDaemon);
  EXPECT_FALSE(drive.view().unused_since);
}

// btape with the plugin, or under storage-ctl exec: the next one of them must not find the drive in use by this daemon.
TEST_F(OpenUse, AProgramThatHasTheLockForItselfLeavesNothingToKeep) {
  opened(kByMt);
  look({kCibou, true, true, {}, generation});
  ASSERT_EQ(drive.next_action(now), Action::take);
  Outcome refused{Kind::failed, {}, "it is in use by mt (process 4711) of this host", {}};
  refused.in_use_here = true;
  drive.finish(refused, now);
  while (drive.next_action(now) == Action::unregister) drive.finish({}, now);
  opened(kClosed);
  later(1s);
  EXPECT_TRUE(idle());
  EXPECT_FALSE(drive.view().locked);
  EXPECT_EQ(drive.view().error, "") << "what went wrong is over";
}

TEST_F(OpenUse, IsToldInASentence) {
  DriveView view;
  view.opened_by = "mt (process 4711)";
  view.locked = true;
  EXPECT_EQ(
      opened_text(view, "\"D\" (/dev/nst0)", kCibou).first,
      "device \"D\" (/dev/nst0) was opened by mt (process 4711) and not by a job: it is locked with key 0xbac001 while it is open.");
  view.locked = false;
  view.blocked_by = kDir;
  EXPECT_EQ(
      opened_text(view, "\"D\" (/dev/nst0)", kCibou).first,
      "device \"D\" (/dev/nst0) was opened by mt (process 4711) and not by a job, while 0xbac999 holds it: the drive refuses what "
      "needs the lock, and nothing is registered.");
}

}  // namespace
}  // namespace shstore::reserve
