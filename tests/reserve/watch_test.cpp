// Waiting and hand-off: what the engine does while jobs wait, and whose turn it is.
#include <gtest/gtest.h>

#include "engine_fixture.h"

namespace shstore::reserve {
namespace {

using namespace std::chrono_literals;
using Told = std::vector<std::string>;

class Watch : public DriveTest {
 protected:
  // Time passes until the engine wants something; how long that was.
  Duration until_something_is_due() {
    const auto moment = drive.next_moment();
    if (!moment) return Duration::max();
    const auto passed = std::chrono::duration_cast<Duration>(*moment - now);
    now = *moment;
    return passed;
  }
  // Dir gives the drive back, and the next look finds it free; others may be registered still.
  void dir_goes(std::vector<std::string> others = {}) {
    until_something_is_due();
    look(free_drive(std::move(others)));
  }
  Answer ask(JobContext owner, JobId job) {
    drive.request(owner, job, now);
    const auto answer = drive.answer(owner);
    EXPECT_TRUE(answer);
    return answer.value_or(Answer{});
  }
};

// Whoever is next in turn takes the drive within half a second; a queue of many hosts is no load for it.
TEST_F(Watch, TheNextInTurnLooksOftenTheOthersLessAndLess) {
  const auto pause_after = [this](const LockReading& reading) {
    const auto before = now;
    until_something_is_due();
    look(reading);
    return std::chrono::duration_cast<Duration>(now - before);
  };
  wait_for_dir(1, 7);
  EXPECT_EQ(pause_after(held_by(kDir)), 100ms) << "who else has come?";
  for (int i = 0; i < 20; ++i) EXPECT_EQ(pause_after(held_by(kDir)), 500ms);
  drive.end(1, now);
  EXPECT_EQ(act(Kind::done), Action::unregister);

  later(10s);
  drive.request(2, 8, now);
  look(held_by(kDir, {kDir, kThird}));
  EXPECT_EQ(act(Kind::done), Action::join);
  drive.answer(2);
  std::vector<Duration> pauses;
  for (int i = 0; i < 8; ++i) pauses.push_back(pause_after(held_by(kDir, {kDir, kThird})));
  EXPECT_EQ(pauses, (std::vector<Duration>{100ms, 1125ms, 1687ms, 2530ms, 3795ms, 5000ms, 5000ms, 5000ms}));
  EXPECT_EQ(pause_after(held_by(kThird)), 5s);
  EXPECT_EQ(pause_after(held_by(kThird)), 500ms) << "now it is next";
}

TEST_F(Watch, PausesVarySoThatHostsDoNotLookInStep) {
  auto timing = steady_timing();
  timing.jitter = 25;
  drive = Drive(timing);
  act(Kind::done);
  wait_for_dir(1, 2);
  until_something_is_due();
  look(held_by(kDir));  // who else has come?
  std::set<Duration> pauses;
  for (int i = 0; i < 100; ++i) {
    pauses.insert(until_something_is_due());
    look(held_by(kDir));
  }
  EXPECT_GT(pauses.size(), 20u);
  EXPECT_LE(*pauses.rbegin(), 625ms);
  EXPECT_GE(*pauses.begin(), 375ms);
}

TEST_F(Watch, AFreedLockIsTakenForTheJobThatHasWaitedLongestAndItIsCalled) {
  wait_for_dir(5, 50);
  later(1ms);
  wait_for_dir(3, 30);
  dir_goes();
  EXPECT_EQ(act(Kind::done), Action::take);
  EXPECT_EQ(told(), Told{"come 50"});
  EXPECT_EQ(drive.view().promised_to, 50u);
  const auto other = ask(3, 30);
  EXPECT_FALSE(other.granted);
  EXPECT_EQ(other.refusal, (Refusal{Refusal::Kind::promised, {}, {}, 50}));
  const auto called = ask(5, 50);
  EXPECT_TRUE(called.granted);
  EXPECT_EQ(called.waited_for, kDir);
  EXPECT_EQ(told(), Told{"come 30"}) << "the lock is there for it as well";
  EXPECT_TRUE(ask(3, 30).granted);
}

TEST_F(Watch, AJobThatDoesNotComeIsCalledAgainAndThenTheNextOne) {
  wait_for_dir(1, 10);
  later(1ms);
  wait_for_dir(2, 20);
  dir_goes();
  act(Kind::done);
  EXPECT_EQ(told(), Told{"come 10"});
  later(2s);
  EXPECT_TRUE(idle());
  EXPECT_EQ(told(), Told{"come 10"});
  later(33s);
  act(Kind::done);
  EXPECT_EQ(drive.view().promised_to, 20u);
  for (int i = 0; i < 100 && drive.view().locked; ++i) {
    later(1s);
    act(Kind::done);
  }
  EXPECT_FALSE(drive.view().locked) << "nobody came";
  EXPECT_TRUE(drive.view().registered) << "they still wait";
  later(1h);
  EXPECT_TRUE(idle()) << "no lock is taken for a job that does not come";
  drive.request(1, 10, now);
  EXPECT_EQ(act(Kind::done), Action::take);
  EXPECT_TRUE(drive.answer(1)->granted);
}

TEST_F(Watch, APromiseToAJobThatEndsGoesToTheNext) {
  wait_for_dir(1, 10);
  later(1ms);
  wait_for_dir(2, 20);
  dir_goes();
  act(Kind::done);
  drive.end(1, now);
  EXPECT_EQ(drive.view().promised_to, 20u);
  drive.end(2, now);
  expect_lock_returned();
}

TEST_F(Watch, AJobCalledElsewhereGetsNoSecondDrive) {
  wait_for_dir(1, 10);
  drive.called_elsewhere(1, now + 35s);
  later(20s);
  EXPECT_TRUE(idle());
  later(15s);
  EXPECT_EQ(drive.next_action(now), Action::look);
}

// ---- between hosts

TEST_F(Watch, AfterTheLastClaimThoseWhoWaitGoFirst) {
  admit(1, 7);
  later(5s);
  look(ours({kDir}));
  drive.end(1, now);
  drive.request(2, 8, now);  // a job of ours comes at the same moment
  EXPECT_TRUE(drive.answer(2)->granted) << "the lock was not given back yet";
  drive.end(2, now);
  EXPECT_EQ(act(Kind::done), Action::release);
  drive.request(3, 9, now);
  look(free_drive({kDir}));
  const auto answer = drive.answer(3);
  ASSERT_TRUE(answer);
  EXPECT_EQ(answer->refusal, (Refusal{Refusal::Kind::yielding, kDir, {}}));
  EXPECT_EQ(drive.view().yielding_to, kDir);
  EXPECT_EQ(act(Kind::done), Action::join) << "behind it";
}

TEST_F(Watch, WhoDoesNotTakeItsTurnIsNotWaitedForLonger) {
  drive.request(1, 7, now);
  look(free_drive({kDir}));
  drive.answer(1);
  act(Kind::done);
  const auto begun = now;
  while (!drive.view().locked) {
    ASSERT_LT(until_something_is_due(), 10s);
    if (drive.next_action(now) == Action::look) drive.finish({Kind::done, {}, {}, free_drive({kDir})}, now);
    if (drive.next_action(now) == Action::take) drive.finish({Kind::done, {}, {}, ours({kDir})}, now);
  }
  EXPECT_EQ(now - begun, 8s);
  EXPECT_EQ(told(), Told{"come 7"});
}

TEST_F(Watch, AHostThatOverlapsItsJobsEndsItsTurn) {
  admit(1, 7);
  for (int i = 0; i < 121; ++i) {
    later(5s);
    look(ours({kDir}));
  }
  const auto refused = ask(2, 8);
  EXPECT_EQ(refused.refusal, (Refusal{Refusal::Kind::yielding, kDir, {}}));
  drive.request_verified(1, 7, now);
  look(ours({kDir}));
  EXPECT_TRUE(drive.answer(1)->granted) << "who has a claim keeps it to its end";
  drive.end(1, now);
  ASSERT_EQ(drive.next_action(now), Action::release);
  EXPECT_TRUE(drive.keep_registration());
}

TEST_F(Watch, WithoutOthersATurnHasNoEnd) {
  admit(1, 7);
  for (int i = 0; i < 1000; ++i) {
    later(5s);
    look(ours());
  }
  EXPECT_TRUE(ask(2, 8).granted);
}

// AlwaysOpen = yes: the device is never closed, so refusing our own jobs would help nobody.
TEST_F(Watch, ATurnDoesNotEndWhereTheDeviceIsAlwaysOpen) {
  admit(1, 7);
  drive.end(1, now);
  EXPECT_EQ(act(Kind::still_open), Action::release);
  for (int i = 0; i < 2000; ++i) {
    later(500ms);
    const auto action = drive.next_action(now);
    if (action == Action::look) drive.finish({Kind::done, {}, {}, ours({kDir})}, now);
    if (action == Action::release) drive.finish({Kind::still_open, {}, {}, {}}, now);
  }
  EXPECT_TRUE(ask(2, 8).granted);
}

// CLEAR wiped the holder's key and ours. The holder still writes, and takes its lock back within seconds.
TEST_F(Watch, AfterTheKeysWereWipedTheFormerHolderGoesFirst) {
  wait_for_dir(1, 7);
  until_something_is_due();
  look({{}, false, false, {}, generation + 1});
  EXPECT_EQ(drive.view().yielding_to, kDir);
  EXPECT_TRUE(idle()) << "not even our key: dir could not tell whether we had used the drive";
  until_something_is_due();
  look({kDir, false, false, {kDir}, generation + 2});
  EXPECT_EQ(act(Kind::done), Action::join);
}

TEST_F(Watch, ButNotForEver) {
  wait_for_dir(1, 7);
  until_something_is_due();
  for (const auto end = now + 12s; now < end; until_something_is_due()) look({{}, false, false, {}, generation + 1});
  look({{}, false, false, {}, generation + 1});
  EXPECT_EQ(act(Kind::done), Action::take);
}

// ---- ways of locking that can do less

TEST(WatchWithoutHandOff, OnlyTheJobsOwnTriesFindAFreeDrive) {
  Instant now(1h);
  auto timing = steady_timing();
  timing.hand_off = false;
  Drive drive(timing);
  drive.next_action(now);
  drive.finish({}, now);
  drive.request(1, 7, now);
  EXPECT_EQ(drive.next_action(now), Action::look);
  drive.finish({Outcome::Kind::done, {}, {}, LockReading{kDir, false, false, {kDir}, 1}}, now);
  drive.answer(1);
  EXPECT_EQ(drive.next_action(now), Action::join);
  drive.finish({}, now);
  now += 1h;
  EXPECT_EQ(drive.next_action(now), Action::none);
}

TEST(WatchWithoutLooking, TheDriveIsTriedInsteadOfLookedAt) {
  Instant now(1h);
  Drive drive(steady_timing(), false);
  drive.next_action(now);
  drive.finish({}, now);
  drive.request(1, 7, now);
  EXPECT_EQ(drive.next_action(now), Action::take);
  drive.finish({Outcome::Kind::blocked, {}, {}, {}}, now);
  EXPECT_FALSE(drive.answer(1)->granted);
  now += 500ms;
  EXPECT_EQ(drive.next_action(now), Action::take);
  drive.finish({}, now);
  const auto notices = drive.take_notices();
  ASSERT_EQ(notices.size(), 1u);
  EXPECT_EQ(notices[0].kind, JobNotice::Kind::come);
  drive.request(1, 7, now);
  EXPECT_TRUE(drive.answer(1)->granted);
  now += 5s;
  EXPECT_EQ(drive.next_action(now), Action::take) << "which proves the lock as well";
  drive.finish({Outcome::Kind::blocked, {}, {}, {}}, now);
  EXPECT_EQ(drive.take_notices()[0].kind, JobNotice::Kind::lost);
}

}  // namespace
}  // namespace shstore::reserve
