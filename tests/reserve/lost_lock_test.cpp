// A lock that is not there any more: what becomes of the jobs that rely on it.
#include <gtest/gtest.h>

#include "engine_fixture.h"
#include "reserve/refusal.h"

namespace shstore::reserve {
namespace {

using namespace std::chrono_literals;
using Told = std::vector<std::string>;

class LostLock : public DriveTest {
 protected:
  LostLock() {
    admit(1, 7);
    later(5s);
  }
  LockReading wiped(uint32_t counted) { return {{}, false, false, {}, generation + counted, false, true}; }
  LockReading ours_again(uint32_t counted) { return {kCibou, true, true, {}, generation + counted, false, true}; }
  void take_back(const LockReading& reading) {
    ASSERT_EQ(drive.next_action(now), Action::take);
    drive.finish({Kind::done, {}, {}, reading}, now);
  }
  // The job ends, and nothing of ours is left on the drive.
  void expect_clean_end(bool locked) {
    drive.end(1, now);
    EXPECT_EQ(act(Kind::done), locked ? Action::release : Action::unregister);
    if (!locked) {
      EXPECT_EQ(act(Kind::done), Action::see_closed);
    }
    EXPECT_TRUE(idle());
    EXPECT_FALSE(drive.view().lost);
  }
};

TEST_F(LostLock, AHeldLockIsProvenEveryFewSeconds) {
  for (int i = 0; i < 3; ++i) {
    look(ours());
    EXPECT_TRUE(idle());
    EXPECT_EQ(drive.next_moment(), now + 5s);
    later(5s);
  }
}

TEST_F(LostLock, AtEachNewVolumeTheLockIsProvenAndOftenWhileTheDeviceIsClosed) {
  look(ours());
  drive.see_device(true, now);
  EXPECT_EQ(drive.next_moment(), now + 5s) << "as long as it is open";
  later(500ms);
  drive.see_device(false, now);
  look(ours());
  EXPECT_TRUE(idle());
  EXPECT_EQ(drive.next_moment(), now + 1s);
  later(1s);
  drive.see_device(false, now);
  look(ours());
  later(500ms);
  drive.see_device(true, now);
  look(ours());
  EXPECT_EQ(drive.next_moment(), now + 5s);
}

TEST_F(LostLock, BeforeTheJobHasOpenedTheDeviceItIsProvenOftenToo) {
  look(ours());
  later(500ms);
  drive.see_device(false, now);
  EXPECT_TRUE(idle());
  EXPECT_EQ(drive.next_moment(), now + 500ms);
  drive.end(1, now);
  EXPECT_EQ(act(Kind::done), Action::release);
  admit(2, 8);
  EXPECT_EQ(drive.next_moment(), now + 5s) << "what was seen under another job is no news";
  drive.see_device(true, now);
  EXPECT_EQ(drive.next_moment(), now + 5s);
}

TEST_F(LostLock, ALockCommandIsNotRunEverySecondForThat) {
  Drive scripted(steady_timing(), false);
  const auto done = [&](Action action) {
    EXPECT_EQ(scripted.next_action(now), action);
    scripted.finish({}, now);
  };
  done(Action::recover);
  scripted.request(1, 7, now);
  done(Action::take);
  scripted.see_device(true, now);
  later(1s);
  scripted.see_device(false, now);
  done(Action::take);
  later(1s);
  scripted.see_device(false, now);
  EXPECT_EQ(scripted.next_action(now), Action::none);
  EXPECT_EQ(scripted.next_moment(), now + 4s);
}

TEST_F(LostLock, OneThatVanishedIsTakenBackAndTheGapIsTold) {
  look(wiped(2));
  EXPECT_FALSE(drive.view().locked);
  take_back(ours_again(3));
  EXPECT_TRUE(drive.view().locked);
  const auto notices = drive.take_notices();
  ASSERT_EQ(notices.size(), 1u);
  EXPECT_EQ(notices[0].kind, JobNotice::Kind::regained);
  EXPECT_EQ(notices[0].until - notices[0].from, 5s);
  EXPECT_FALSE(drive.view().lost);
  drive.request(2, 8, now);
  EXPECT_TRUE(drive.answer(2)->granted);
}

TEST_F(LostLock, WhereSomebodyMayHaveUsedTheDriveTheJobFails) {
  look(wiped(3));  // PREEMPT by a host that registered for it and is gone again
  take_back(ours_again(4));
  EXPECT_EQ(told(), Told{"doubtful 7"});
  EXPECT_TRUE(drive.view().locked) << "to keep others out while the job ends";
  later(3s);
  drive.request(2, 8, now);
  look(ours_again(4));
  EXPECT_FALSE(drive.answer(2)->granted) << "nobody joins that";
  drive.end(2, now);
  expect_clean_end(true);
}

TEST_F(LostLock, TakenByAnotherHost) {
  look(held_by(kDir));
  const auto notices = drive.take_notices();
  ASSERT_EQ(notices.size(), 1u);
  EXPECT_EQ(notices[0].kind, JobNotice::Kind::lost);
  EXPECT_EQ(notices[0].holder, kDir);
  EXPECT_TRUE(drive.view().lost);
  later(1h);
  EXPECT_TRUE(idle()) << "nothing is taken under the feet of a job that has lost its place";
  expect_clean_end(false);
}

TEST_F(LostLock, TakenByAnotherHostJustBeforeWeTakeItBack) {
  look(wiped(1));
  ASSERT_EQ(drive.next_action(now), Action::take);
  drive.finish({Kind::blocked, kDir, {}, {}}, now);
  EXPECT_EQ(told(), Told{"lost 7"});
  expect_clean_end(false);
}

TEST_F(LostLock, AnAttemptToTakeItBackThatFailsIsRepeated) {
  look(wiped(1));
  ASSERT_EQ(drive.next_action(now), Action::take);
  drive.finish({Kind::failed, {}, "busy", {}}, now);
  EXPECT_TRUE(drive.view().lost);
  drive.request(2, 8, now);
  EXPECT_FALSE(drive.answer(2)->granted);
  drive.end(2, now);
  later(1s);
  take_back(ours_again(2));
  EXPECT_EQ(told(), Told{"regained 7"});
}

TEST_F(LostLock, ADriveThatDoesNotAnswerHasLostNothingYet) {
  ASSERT_EQ(drive.next_action(now), Action::look);
  drive.finish({Kind::failed, {}, "no answer", {}}, now);
  EXPECT_TRUE(drive.view().locked);
  EXPECT_EQ(drive.view().error, "no answer");
  EXPECT_TRUE(told().empty());
  later(5s);
  look(ours());
  EXPECT_EQ(drive.view().error, "");
}

TEST_F(LostLock, APowerCycleFailsTheJobAlthoughTheLockIsBack) {
  generation = 5;
  look({{}, false, false, {}, 0});
  take_back({kCibou, true, true, {}, 1});
  EXPECT_EQ(told(), Told{"reset 7"});
  expect_clean_end(true);
}

// The reservation may survive it (APTPL), but not the tape's position.
TEST_F(LostLock, AResetUnderTheJobFailsItEvenIfTheLockIsStillThere) {
  auto reading = ours();
  reading.was_reset = true;
  look(reading);
  EXPECT_EQ(told(), Told{"reset 7"});
  expect_clean_end(true);
}

// Another session, another cable: the lock was the old one's, and what the drive shows now is not asked.
TEST_F(LostLock, APathThatIsGoneTakesTheLockWithIt) {
  ASSERT_EQ(drive.next_action(now), Action::look);
  Outcome outcome{Kind::failed, {}, "the path is gone"};
  outcome.path_gone = true;
  drive.finish(outcome, now);
  EXPECT_EQ(told(), Told{"gone 7"});
  EXPECT_TRUE(drive.view().lost);
  drive.request_verified(1, 7, now);
  look(ours());
  EXPECT_FALSE(drive.answer(1)->granted) << "whatever has come back by that name";
  expect_clean_end(true);
}

TEST_F(LostLock, APathThatIsGoneWhileNobodyReliesOnItIsNoNews) {
  drive.end(1, now);
  EXPECT_EQ(act(Kind::done), Action::release);
  drive.request(2, 8, now);
  ASSERT_EQ(drive.next_action(now), Action::look);
  Outcome outcome{Kind::failed, {}, "the path is gone"};
  outcome.path_gone = true;
  drive.finish(outcome, now);
  EXPECT_TRUE(told().empty());
  EXPECT_EQ(drive.answer(2)->refusal.reason, "the path is gone");
}

// A site's own Lock Command shows no keys; what the kernel tells of the drive is told beside it.
TEST_F(LostLock, AResetIsNewsAlsoWhereTheLockCannotBeLookedAt) {
  Drive blind{steady_timing(), false};
  const auto perform = [&](bool was_reset) {
    Outcome outcome;
    outcome.was_reset = was_reset;
    const auto action = blind.next_action(now);
    blind.finish(outcome, now);
    return action;
  };
  EXPECT_EQ(perform(false), Action::recover);
  blind.request(1, 7, now);
  EXPECT_EQ(perform(true), Action::take) << "before the job began";
  EXPECT_TRUE(blind.answer(1)->granted);
  EXPECT_TRUE(blind.take_notices().empty());
  later(5s);
  EXPECT_EQ(perform(true), Action::take);
  const auto notices = blind.take_notices();
  ASSERT_EQ(notices.size(), 1u);
  EXPECT_EQ(notices[0].kind, JobNotice::Kind::reset);
  EXPECT_FALSE(blind.lost_reason().empty());
}

TEST_F(LostLock, ATapeThatMovedUnderTheJobFailsIt) {
  auto reading = ours();
  reading.moved = "at least block 70 expected, 3 found";
  look(reading);
  EXPECT_EQ(told(), Told{"moved 7"});
  EXPECT_EQ(drive.lost_reason(), "the tape moved under us: at least block 70 expected, 3 found");
  expect_clean_end(true);
}

TEST_F(LostLock, AProofThatIsAskedForIsMadeAtOnce) {
  look(ours());
  EXPECT_TRUE(idle());
  drive.prove_now(now);
  look(ours());
  EXPECT_TRUE(idle());
  EXPECT_EQ(drive.lost_reason(), "");
}

TEST_F(LostLock, WhereNoProofComesInTimeEveryJobIsFailed) {
  admit(2, 8);
  drive.unproven("the drive does not answer", now);
  drive.unproven("the drive does not answer", now);
  EXPECT_EQ(told(), (Told{"unproven 7", "unproven 8"})) << "once";
  EXPECT_NE(drive.lost_reason().find("the drive does not answer"), std::string::npos);
  drive.request(3, 9, now);
  look(ours());
  EXPECT_FALSE(drive.answer(3)->granted) << "and nobody joins";
}

TEST_F(LostLock, TheCounterGoingBackIsAPowerCycle) {
  auto reading = ours();
  reading.generation = generation - 1;
  look(reading);
  EXPECT_EQ(told(), Told{"reset 7"});
}

TEST_F(LostLock, ALockThatNoJobNeedsIsNotTakenBack) {
  drive.request(2, 8, now);
  drive.answer(2);
  drive.end(2, now);
  drive.end(1, now);
  EXPECT_EQ(act(Kind::done), Action::release);
  EXPECT_TRUE(told().empty());
}

TEST_F(LostLock, EveryJobThatReliesOnItIsTold) {
  drive.request(2, 8, now);
  EXPECT_TRUE(drive.answer(2)->granted);
  look(held_by(kDir));
  EXPECT_EQ(told(), (Told{"lost 7", "lost 8"}));
}

// A Lock Command cannot be asked who has the lock; it is tried for.
TEST_F(LostLock, WithALockCommandToNobodyJoinsALostLockThatIsFreeAgain) {
  Drive scripted(steady_timing(), false);
  const auto take = [&](Kind kind) {
    ASSERT_EQ(scripted.next_action(now), Action::take);
    scripted.finish({kind, kind == Kind::blocked ? kDir : "", {}, {}}, now);
  };
  ASSERT_EQ(scripted.next_action(now), Action::recover);
  scripted.finish({}, now);
  scripted.request(1, 7, now);
  take(Kind::done);
  EXPECT_TRUE(scripted.answer(1)->granted);
  later(5s);
  take(Kind::blocked);
  EXPECT_TRUE(scripted.view().lost);
  later(5s);
  scripted.request(2, 8, now);
  take(Kind::done);
  const auto answer = scripted.answer(2);
  ASSERT_TRUE(answer);
  EXPECT_FALSE(answer->granted) << "job 7 is still at its end on the same tape";
  scripted.end(2, now);
  scripted.end(1, now);
  EXPECT_EQ(scripted.next_action(now), Action::release);
  scripted.finish({}, now);
  EXPECT_FALSE(scripted.view().lost);
}

// Found in the lab: the job ended as OK, and its restore was short.
TEST_F(DriveTest, AJobThatAppendsBehindDataThatWasCutOffIsFailed) {
  admit(1, 7);
  later(5s);
  auto reading = ours();
  reading.cut_off = "the data on Volume \"TAPE-1\" before block 12 was cut off, and is not ended by a filemark";
  look(reading);
  const auto notices = drive.take_notices();
  ASSERT_EQ(notices.size(), 1U);
  EXPECT_TRUE(notices[0].fatal());
  EXPECT_EQ(
      notice_text(notices[0], "\"D\" (/dev/nst0)", "", ""),
      "shstore: device \"D\" (/dev/nst0): the data on Volume \"TAPE-1\" before block 12 was cut off, and is not ended by a "
      "filemark: bacula-sd counts what is appended from block 0 all the same, and a restore of it would end short. The job is "
      "failed. Set the Volume to Used (update volume=NAME volstatus=Used), so that the next job takes another.");
  drive.request_verified(1, 7, now, false);
  act(Kind::done);
  const auto answer = drive.answer(1);
  ASSERT_TRUE(answer);
  EXPECT_FALSE(answer->granted) << "at its end";
}

}  // namespace
}  // namespace shstore::reserve
