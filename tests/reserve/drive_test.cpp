#include "reserve/drive.h"

#include <gtest/gtest.h>

#include "engine_fixture.h"

namespace shstore::reserve {
namespace {

using namespace std::chrono_literals;

TEST_F(DriveTest, NothingIsDoneWithoutAJob) {
  EXPECT_TRUE(idle());
  EXPECT_FALSE(drive.view().registered);
}

TEST_F(DriveTest, TheFirstJobTakesTheLockAndItsEndReturnsIt) {
  drive.request(1, 7, now);
  EXPECT_FALSE(drive.answer(1)) << "nobody may be admitted before the lock is held";
  EXPECT_EQ(act(Kind::done), Action::take);
  const auto answer = drive.answer(1);
  ASSERT_TRUE(answer);
  EXPECT_TRUE(answer->granted);
  EXPECT_TRUE(answer->news);
  EXPECT_TRUE(drive.view().locked);
  ASSERT_EQ(drive.view().claims.size(), 1u);
  EXPECT_EQ(drive.view().claims[0].job, 7u);
  EXPECT_TRUE(idle());
  drive.end(1, now);
  expect_lock_returned();
}

TEST_F(DriveTest, AnAnswerIsGivenOnce) {
  admit(1, 7);
  EXPECT_FALSE(drive.answer(1));
}

TEST_F(DriveTest, ASecondJobJoinsWithoutTouchingTheDrive) {
  admit(1, 7);
  drive.request(2, 8, now);
  const auto answer = drive.answer(2);
  ASSERT_TRUE(answer);
  EXPECT_TRUE(answer->granted);
  EXPECT_TRUE(idle());
}

TEST_F(DriveTest, TheLockIsReturnedOnlyAfterTheLastJob) {
  admit(1, 7);
  admit(2, 8);
  drive.end(1, now);
  EXPECT_TRUE(idle());
  EXPECT_TRUE(drive.view().locked);
  drive.end(2, now);
  expect_lock_returned();
}

TEST_F(DriveTest, ARefusedJobIsToldWhoHoldsTheDriveAndWaits) {
  drive.request(1, 2, now);
  EXPECT_EQ(act(Kind::blocked, kDir), Action::look);
  const auto answer = drive.answer(1);
  ASSERT_TRUE(answer);
  EXPECT_FALSE(answer->granted);
  EXPECT_TRUE(answer->news);
  EXPECT_EQ(answer->refusal, kHeldByDir);
  const auto view = drive.view();
  EXPECT_TRUE(view.registered);
  EXPECT_FALSE(view.locked);
  EXPECT_EQ(view.blocked_by, kDir);
  ASSERT_EQ(view.waiting.size(), 1u);
  EXPECT_EQ(view.waiting[0].job, 2u);
  EXPECT_TRUE(idle()) << "our key stays on the drive while the job waits";
}

TEST_F(DriveTest, AKnownRefusalIsAnsweredFromMemoryForAWhile) {
  wait_for_dir(1, 2);
  for (int retry = 0; retry < 6; ++retry) {
    later(300ms);
    drive.request(1, 2, now);
    const auto answer = drive.answer(1);
    ASSERT_TRUE(answer) << "retry " << retry;
    EXPECT_FALSE(answer->granted);
    EXPECT_FALSE(answer->news) << "the job's log says it already";
  }
  later(300ms);  // 2.1 s after the refusal: ask the drive again
  drive.request(1, 2, now);
  EXPECT_FALSE(drive.answer(1));
  EXPECT_EQ(act(Kind::done), Action::take);
  const auto answer = drive.answer(1);
  ASSERT_TRUE(answer);
  EXPECT_TRUE(answer->granted);
  EXPECT_EQ(answer->waited, 2100ms);
  EXPECT_EQ(answer->waited_for, kDir);
  EXPECT_TRUE(drive.view().waiting.empty());
  EXPECT_EQ(drive.view().blocked_by, "");
}

TEST_F(DriveTest, AnotherHolderIsNews) {
  drive.request(1, 2, now);
  act(Kind::blocked, kDir);
  EXPECT_TRUE(drive.answer(1)->news);
  later(3s);
  drive.request(1, 2, now);
  act(Kind::blocked, "0xbac888");
  EXPECT_TRUE(drive.answer(1)->news);
}

TEST_F(DriveTest, OurKeyLeavesTheDriveWithTheLastWaitingJob) {
  drive.request(1, 2, now);
  act(Kind::blocked, kDir);
  drive.answer(1);
  drive.request(2, 3, now);
  drive.answer(2);
  drive.end(1, now);
  EXPECT_TRUE(idle());
  drive.end(2, now);
  EXPECT_EQ(act(Kind::done), Action::unregister);
  EXPECT_FALSE(drive.view().registered);
}

TEST_F(DriveTest, AJobThatFoundAnotherDriveWaitsNoLonger) {
  drive.request(1, 2, now);
  act(Kind::blocked, kDir);
  drive.answer(1);
  drive.stop_waiting(1, now);
  EXPECT_EQ(act(Kind::done), Action::unregister);
}

TEST_F(DriveTest, ReleasingKeepsTheRegistrationWhileAJobOfOursWaits) {
  admit(1, 7);
  drive.request_verified(2, 8, now);  // refused because the drive does not answer
  EXPECT_EQ(act(Kind::failed, {}, "no answer"), Action::look);
  drive.answer(2);
  later(5s);
  look(ours({kDir}));
  drive.end(1, now);
  ASSERT_EQ(drive.next_action(now), Action::release) << "dir waits too: it goes first";
  EXPECT_TRUE(drive.keep_registration());
  drive.finish({Kind::done, {}, {}, ours({kDir})}, now);
  EXPECT_TRUE(drive.view().registered);
}

TEST_F(DriveTest, AnErrorRefusesWithItsReasonAndIsRemembered) {
  drive.request(1, 2, now);
  EXPECT_EQ(act(Kind::failed, {}, "/dev/sg0 does not answer"), Action::look);
  const auto answer = drive.answer(1);
  ASSERT_TRUE(answer);
  EXPECT_FALSE(answer->granted);
  EXPECT_EQ(answer->refusal, (Refusal{Refusal::Kind::error, {}, "/dev/sg0 does not answer"}));
  EXPECT_EQ(drive.view().error, "/dev/sg0 does not answer");
  drive.end(1, now);
  EXPECT_TRUE(idle()) << "nothing was changed on the drive";
}

TEST_F(DriveTest, AJobThatGaveUpLeavesNoLockWhenTheDriveAnswersLate) {
  drive.request(1, 2, now);
  look(free_drive());
  ASSERT_EQ(drive.next_action(now), Action::take);
  const auto answer = drive.give_up(1, "no answer", now);
  EXPECT_FALSE(answer.granted);
  drive.end(1, now);
  drive.finish({Kind::done, {}, {}}, now);
  EXPECT_TRUE(drive.view().locked);
  EXPECT_EQ(act(Kind::done), Action::release) << "a lock that no job claims";
}

TEST_F(DriveTest, AJobThatGaveUpIsCalledWhenTheDriveAnswersLate) {
  drive.request(1, 2, now);
  look(free_drive());
  ASSERT_EQ(drive.next_action(now), Action::take);
  drive.give_up(1, "no answer", now);
  drive.finish({Kind::done, {}, {}}, now);
  EXPECT_EQ(told(), (std::vector<std::string>{"come 2"}));
  EXPECT_EQ(drive.view().promised_to, 2u);
}

// bacula-sd asks up to eleven times in one pass, holding its reservation lock: only the first may wait for a
// hung drive.
TEST_F(DriveTest, WhileADriveHangsFurtherRequestsAreRefusedAtOnce) {
  drive.request(1, 2, now);
  ASSERT_EQ(drive.next_action(now), Action::look);
  drive.give_up(1, "no answer", now);
  later(10s);
  drive.request(1, 2, now);
  auto answer = drive.answer(1);
  ASSERT_TRUE(answer);
  EXPECT_EQ(answer->refusal.reason, "no answer");
  EXPECT_FALSE(answer->news);
  drive.request_verified(2, 3, now);
  EXPECT_TRUE(drive.answer(2)) << "an open as well";
  drive.finish({Kind::failed, {}, "timed out at last", {}}, now);
  later(10s);
  drive.request(1, 2, now);
  EXPECT_FALSE(drive.answer(1)) << "it answered, so it is asked again";
}

TEST_F(DriveTest, ALockThatCouldNotBeReturnedIsTriedAgainAndAgain) {
  admit(1, 7);
  drive.end(1, now);
  EXPECT_EQ(act(Kind::failed, {}, "gone"), Action::release);
  EXPECT_TRUE(drive.view().locked);
  EXPECT_EQ(drive.view().error, "gone");
  EXPECT_TRUE(idle());
  ASSERT_TRUE(drive.next_moment());
  EXPECT_EQ(*drive.next_moment(), now + 5s);
  later(5s);
  EXPECT_EQ(act(Kind::done), Action::release);
  EXPECT_FALSE(drive.view().locked);
}

// RELEASE may have been done, and only its answer was lost.
TEST_F(DriveTest, AfterAReleaseThatFailedTheLockIsProvenBeforeAJobGetsIt) {
  admit(1, 7);
  drive.end(1, now);
  EXPECT_EQ(act(Kind::failed, {}, "no answer"), Action::release);
  drive.request(2, 8, now);
  EXPECT_FALSE(drive.answer(2)) << "from memory";
  look(held_by(kDir));
  const auto answer = drive.answer(2);
  ASSERT_TRUE(answer);
  EXPECT_EQ(answer->refusal, kHeldByDir) << "nothing was lost: the drive was given back";
  EXPECT_FALSE(drive.view().lost);
}

TEST_F(DriveTest, AfterAReleaseThatFailedALockThatIsStillThereIsUsed) {
  admit(1, 7);
  drive.end(1, now);
  EXPECT_EQ(act(Kind::failed, {}, "no answer"), Action::release);
  drive.request(2, 8, now);
  look(ours());
  const auto answer = drive.answer(2);
  ASSERT_TRUE(answer);
  EXPECT_TRUE(answer->granted);
}

TEST_F(DriveTest, AJobThatWentToAnotherDriveGivesTheLockBackHereAtOnce) {
  admit(1, 7);
  drive.leave(1, now);
  EXPECT_FALSE(drive.claimed_by(1));
  expect_lock_returned();
}

TEST_F(DriveTest, TheOthersOnThatDriveKeepIt) {
  admit(1, 7);
  drive.request(2, 8, now);
  EXPECT_TRUE(drive.answer(2)->granted);
  drive.leave(1, now);
  EXPECT_TRUE(idle());
  EXPECT_TRUE(drive.view().locked);
}

TEST_F(DriveTest, TheLockIsKeptWhileTheDaemonHasTheDeviceOpen) {
  admit(1, 7);
  drive.end(1, now);
  EXPECT_EQ(act(Kind::still_open), Action::release);
  EXPECT_TRUE(drive.view().kept_for_open_device);
  EXPECT_TRUE(idle());
  later(500ms);
  EXPECT_EQ(act(Kind::still_open), Action::release);
  later(500ms);
  expect_lock_returned();
}

TEST_F(DriveTest, AJobMayUseALockThatWasKeptForAnOpenDevice) {
  admit(1, 7);
  drive.end(1, now);
  act(Kind::still_open);
  drive.request(2, 8, now);
  EXPECT_TRUE(drive.answer(2)->granted);
  later(1s);
  EXPECT_TRUE(idle()) << "it has a claim again";
}

TEST_F(DriveTest, AJobThatComesDuringTheReleaseGetsALockOfItsOwn) {
  admit(1, 7);
  drive.end(1, now);
  ASSERT_EQ(drive.next_action(now), Action::release);
  drive.request(2, 8, now);
  EXPECT_FALSE(drive.answer(2)) << "the lock is on its way out";
  drive.finish({Kind::done, {}, {}, ours()}, now);
  EXPECT_EQ(act(Kind::done), Action::take);
  EXPECT_TRUE(drive.answer(2)->granted);
}

TEST_F(DriveTest, OpeningProvesTheLock) {
  admit(1, 7);
  drive.request_verified(1, 7, now);
  EXPECT_EQ(act(Kind::done), Action::look);
  const auto answer = drive.answer(1);
  ASSERT_TRUE(answer);
  EXPECT_TRUE(answer->granted);
  EXPECT_FALSE(answer->news);
  EXPECT_EQ(drive.view().claims.size(), 1u);
}

TEST_F(DriveTest, ALockLostToAnotherHostFailsTheOpenAndSaysToWhom) {
  admit(1, 7);
  drive.request_verified(1, 7, now);
  EXPECT_EQ(act(Kind::blocked, kDir), Action::look);
  const auto answer = drive.answer(1);
  ASSERT_TRUE(answer);
  EXPECT_FALSE(answer->granted);
  EXPECT_EQ(answer->refusal.reason, "the lock was lost: 0xbac999 has taken the drive");
  EXPECT_FALSE(drive.view().locked);
}

TEST_F(DriveTest, OpeningWithoutAClaimTakesTheLock) {
  drive.request_verified(1, 0, now);  // bacula-sd opens AlwaysOpen devices at its start
  EXPECT_EQ(act(Kind::done), Action::take);
  EXPECT_TRUE(drive.answer(1)->granted);
}

TEST(DriveStart, LooksForALockOfAnEarlierLifeBeforeAnythingElse) {
  const Instant now{};
  Drive drive;
  drive.request(1, 2, now);
  EXPECT_EQ(drive.next_action(now), Action::recover);
  drive.finish({Outcome::Kind::failed, {}, "no answer", {}}, now);
  EXPECT_EQ(drive.view().error, "no answer");
  EXPECT_EQ(drive.next_action(now), Action::look) << "a failure there must not keep jobs from trying";
}

// Found by the model test: a drive that was silent at the start kept the lock of the daemon's earlier life
// for ever.
TEST(DriveStart, WhatCouldNotBeLookedForIsLookedForAgain) {
  Instant now{};
  Drive drive;
  EXPECT_EQ(drive.next_action(now), Action::recover);
  drive.finish({Outcome::Kind::failed, {}, "no answer", {}}, now);
  EXPECT_EQ(drive.next_action(now), Action::none);
  ASSERT_EQ(drive.next_moment(), now + 5s);
  now += 5s;
  EXPECT_EQ(drive.next_action(now), Action::recover);
  drive.finish({Outcome::Kind::failed, {}, "no answer", {}}, now);
  EXPECT_EQ(drive.next_moment(), now + 10s) << "less and less often";
  now += 10s;
  EXPECT_EQ(drive.next_action(now), Action::recover);
  drive.finish({}, now);
  EXPECT_EQ(drive.view().error, "");
  EXPECT_FALSE(drive.next_moment());
}

TEST(DriveStart, OneActionAtATime) {
  const Instant now{};
  Drive drive;
  EXPECT_EQ(drive.next_action(now), Action::recover);
  drive.request(1, 2, now);
  EXPECT_EQ(drive.next_action(now), Action::none);
}

}  // namespace
}  // namespace shstore::reserve
