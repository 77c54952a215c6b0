// A job that waits for an operator keeps the drive from all hosts. With idle_lock_release it lends it to them meanwhile, and takes
// it again when the device is opened: never does it write without.
#include "engine_fixture.h"
#include "reserve/refusal.h"

namespace shstore::reserve {
namespace {

using namespace std::chrono_literals;

const DeviceUse kIdleClosed{}, kIdleOpened{true, {}, true, true}, kIdleByMt{false, "mt (process 4711)", true, true};

struct IdleRelease : DriveTest {
  IdleRelease() {
    auto timing = steady_timing();
    timing.idle_release = 5min;
    drive = Drive(timing);
    EXPECT_EQ(act(Kind::done), Action::recover);
  }
  // Everything that is due in that time, with the drive as it is.
  void pass(std::chrono::milliseconds time) {
    const auto until = now + time;
    for (;;) {
      while (drive.view().locked && drive.next_action(now) == Action::look)
        drive.finish({Kind::done, {}, {}, ours()}, now);
      const auto moment = drive.next_moment();
      if (!moment || *moment > until) break;
      now = std::max(now + 1ms, *moment);
      if (now > until) break;
      if (drive.view().locked && drive.next_action(now) == Action::look)
        drive.finish({Kind::done, {}, {}, ours()}, now);
      else if (drive.state().under_way.action != Action::none)
        return;  // something else: for the test
    }
    now = until;
  }
  // A job had the device open, closed it, and waits for a Volume; its lock has been given back.
  void lend() {
    admit(1, 7);
    drive.see_use(kIdleOpened, now);
    later(1min);
    drive.see_use(kIdleClosed, now);
    later(5min);
    ASSERT_EQ(act(Kind::done), Action::release);
    ASSERT_FALSE(drive.view().locked);
  }
};

TEST_F(IdleRelease, TheLockGoesBackWhenTheDeviceHasBeenClosedForSoLong) {
  admit(1, 7);
  drive.see_use(kIdleOpened, now);
  later(1h);
  drive.see_use(kIdleClosed, now);
  later(5min - 1ms);
  while (drive.next_action(now) == Action::look) drive.finish({Kind::done, {}, {}, ours()}, now);
  EXPECT_TRUE(drive.view().locked);
  later(1ms);
  expect_lock_returned();
  EXPECT_TRUE(drive.view().claims.empty());
  ASSERT_EQ(drive.view().paused.size(), 1u);
  EXPECT_EQ(drive.view().paused[0].job, 7u);
  EXPECT_TRUE(told().empty()) << "nothing has happened to the job";
}

TEST_F(IdleRelease, NotUnderADeviceThatIsOpen) {
  admit(1, 7);
  drive.see_use(kIdleOpened, now);
  pass(1h);
  EXPECT_TRUE(drive.view().locked);
  drive.see_use(kIdleClosed, now);
  pass(4min);
  drive.see_use(kIdleOpened, now);
  pass(1h);
  EXPECT_TRUE(drive.view().locked) << "the time counts from the last close";
}

TEST_F(IdleRelease, NotUnderAnotherProgram) {
  admit(1, 7);
  drive.see_use(kIdleByMt, now);
  pass(1h);
  EXPECT_TRUE(drive.view().locked);
}

TEST_F(IdleRelease, IsOffUnlessItIsAskedFor) {
  drive = Drive(steady_timing());
  act(Kind::done);
  admit(1, 7);
  drive.see_use(kIdleOpened, now);
  drive.see_use(kIdleClosed, now);
  pass(24h);
  EXPECT_TRUE(drive.view().locked);
}

TEST_F(IdleRelease, AnOpenTakesItAgainAtOnceAndTheJobGoesOn) {
  lend();
  later(2h);
  drive.see_use(kIdleOpened, now);
  ASSERT_EQ(drive.next_action(now), Action::take) << "without a look before: the label is being read";
  drive.finish({Kind::done, {}, {}, ours()}, now);
  EXPECT_TRUE(drive.view().locked);
  ASSERT_EQ(drive.view().claims.size(), 1u);
  EXPECT_EQ(drive.view().claims[0].job, 7u);
  EXPECT_TRUE(drive.view().paused.empty());
  EXPECT_EQ(drive.view().opened_by, "");
  EXPECT_TRUE(told().empty());
  drive.end(1, now);
  drive.see_use(kIdleClosed, now);
  expect_lock_returned();
}

TEST_F(IdleRelease, AnOpenWhileAnotherHostHasTheDriveFailsTheJobByName) {
  lend();
  drive.see_use(kIdleOpened, now);
  ASSERT_EQ(drive.next_action(now), Action::take);
  drive.finish({Kind::blocked, kDir}, now);
  const auto notices = drive.take_notices();
  ASSERT_EQ(notices.size(), 1u);
  EXPECT_TRUE(notices[0].fatal());
  EXPECT_EQ(
      notice_text(notices[0], "\"LT09_1_Drive0\" (/dev/nst0)", "", ""),
      "shstore: device \"LT09_1_Drive0\" (/dev/nst0): its lock was given back while this job waited for a Volume "
      "(idle_lock_release in storage-ctl.conf), and cannot be had again now that the device is open: it is locked by "
      "0xbac999. The job is failed. If Bacula has marked the Volume Full or Error, that is not a fault of the medium.");
  EXPECT_TRUE(drive.view().lost);
  // Nobody joins the device while it is open, and then everything is as before.
  drive.end(1, now);
  drive.see_use(kIdleClosed, now);
  while (drive.next_action(now) != Action::none) drive.finish({Kind::done, {}, {}, free_drive()}, now);
  EXPECT_FALSE(drive.view().lost);
  admit(2, 8);
}

TEST_F(IdleRelease, AnOpenWhileTheDriveDoesNotAnswerFailsItToo) {
  lend();
  drive.see_use(kIdleOpened, now);
  EXPECT_EQ(act(Kind::failed, {}, "it did not answer within 20 s"), Action::take);
  EXPECT_EQ(told(), std::vector<std::string>{"not_retaken 7"});
}

TEST_F(IdleRelease, TheTurnOfAnotherHostDoesNotKeepItFromADeviceThatIsOpen) {
  admit(1, 7);
  drive.see_use(kIdleClosed, now);
  later(5min);
  ASSERT_EQ(drive.next_action(now), Action::release);
  drive.finish({Kind::done, {}, {}, ours({kDir})}, now);
  drive.see_use(kIdleOpened, now);
  EXPECT_EQ(act(Kind::done), Action::take);
  EXPECT_EQ(drive.view().claims.size(), 1u);
}

TEST_F(IdleRelease, ARefusedDeviceOpenIsTheJobsEnd) {
  lend();
  drive.request_verified(1, 7, now);
  look(held_by(kDir));
  if (!drive.state().queue.requests.at(1).answer) act(Kind::blocked, kDir);
  const auto answer = drive.answer(1);
  ASSERT_TRUE(answer);
  EXPECT_FALSE(answer->granted);
  EXPECT_TRUE(drive.view().waiting.empty());
}

TEST_F(IdleRelease, AGrantedDeviceOpenBringsAllOfThemBack) {
  admit(1, 7);
  admit(2, 8);
  drive.see_use(kIdleClosed, now);
  later(5min);
  ASSERT_EQ(act(Kind::done), Action::release);
  ASSERT_EQ(drive.view().paused.size(), 2u);
  drive.request_verified(2, 8, now);
  EXPECT_EQ(act(Kind::done), Action::take);
  const auto answer = drive.answer(2);
  ASSERT_TRUE(answer && answer->granted);
  EXPECT_EQ(drive.view().claims.size(), 2u);
}

TEST_F(IdleRelease, AnotherJobOfThisHostGetsItMeanwhile) {
  lend();
  admit(2, 8);
  EXPECT_EQ(drive.view().paused.size(), 1u);
  drive.see_use(kIdleOpened, now);
  EXPECT_EQ(drive.view().claims.size(), 2u) << "one device: both have it open now";
}

TEST_F(IdleRelease, AJobThatEndsMeanwhileLeavesNothing) {
  lend();
  EXPECT_FALSE(drive.claimed_by(1));
  drive.end(1, now);
  EXPECT_TRUE(drive.view().paused.empty());
  drive.see_use(kIdleOpened, now);
  EXPECT_EQ(act(Kind::done), Action::take) << "as for any device that is opened for no job";
  EXPECT_EQ(drive.view().opened_by, "this daemon");
}

TEST_F(IdleRelease, AnOpenDuringTheReleaseTakesItBack) {
  admit(1, 7);
  drive.see_use(kIdleClosed, now);
  later(5min);
  ASSERT_EQ(drive.next_action(now), Action::release);
  drive.see_use(kIdleOpened, now);
  drive.finish({Kind::done, {}, {}, ours()}, now);
  EXPECT_EQ(act(Kind::done), Action::take);
  EXPECT_EQ(drive.view().claims.size(), 1u);
}

TEST(UnusedText, SaysWhichJobKeepsTheDriveFromTheOthers) {
  DriveView view;
  view.locked = true;
  view.claims = {{122, {}}};
  view.unused_since = Instant{};
  const auto [text, warn] = opened_text(view, "\"D\" (/dev/nst0)", kCibou);
  EXPECT_EQ(
      text,
      "device \"D\" (/dev/nst0) is closed and locked for JobId 122, which waits for a Volume: no other host gets the drive "
      "meanwhile.");
  EXPECT_TRUE(warn);
}

TEST_F(IdleRelease, AReleaseOfWhichTheEndWasNotHeardIsLookedIntoAtOnce) {
  admit(1, 7);
  drive.see_use(kIdleClosed, now);
  later(5min);
  ASSERT_EQ(act(Kind::failed, {}, "it did not answer within 20 s"), Action::release);
  look(free_drive());
  EXPECT_EQ(drive.view().paused.size(), 1u);
  EXPECT_TRUE(told().empty());
}

}  // namespace
}  // namespace shstore::reserve
