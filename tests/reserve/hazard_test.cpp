// The hazards of bacula-sd's event sequences, replayed against the engine. The plugin does not look at DeviceClose at
// all, so a sequence is what remains: admissions, opens and ends.
#include <gtest/gtest.h>

#include <random>

#include "engine_fixture.h"

namespace shstore::reserve {
namespace {

// Job 10 has been admitted; job 9 closes the device (twice) and ends. The lock is job 10's now.
TEST_F(DriveTest, CloseWhileAnotherJobIsReserved) {
  admit(9, 9);
  admit(10, 10);
  drive.end(9);
  EXPECT_TRUE(idle());
  EXPECT_TRUE(drive.view().locked);
}

// JobEnd and then freePlugin: the end comes twice.
TEST_F(DriveTest, TheEndOfAJobMayComeTwice) {
  admit(1, 7);
  admit(2, 8);
  drive.end(1);
  drive.end(1);
  EXPECT_TRUE(drive.view().locked);
  EXPECT_EQ(drive.view().claims.size(), 1u);
}

// Cancel between TryOpen and the File Daemon's connection: no DeviceClose ever comes.
TEST_F(DriveTest, CancelWithoutClose) {
  admit(1, 7);
  drive.end(1);
  expect_lock_returned();
}

// Cancel while the job waits for its drive.
TEST_F(DriveTest, CancelWhileWaiting) {
  drive.request(1, 7, now);
  act(Kind::blocked, "0xbac999");
  drive.answer(1);
  drive.end(1);
  EXPECT_EQ(act(Kind::done), Action::unregister);
}

// VirtualFull reserves two drives under one context: the same owner claims both, and its end frees both.
TEST_F(DriveTest, VirtualFullClaimsTwoDrivesByOneContext) {
  Drive second;
  second.next_action(now);
  second.finish({}, now);
  admit(1, 7);
  second.request(1, 7, now);
  ASSERT_EQ(second.next_action(now), Action::take);
  second.finish({}, now);
  EXPECT_TRUE(second.answer(1)->granted);
  drive.end(1);
  second.end(1);
  expect_lock_returned();
  EXPECT_EQ(second.next_action(now), Action::release);
}

// A restore opens once per volume.
TEST_F(DriveTest, OpenOncePerVolume) {
  admit(1, 7);
  for (int volume = 0; volume < 3; ++volume) {
    drive.request_verified(1, 7, now);
    EXPECT_EQ(act(Kind::done), Action::verify);
    EXPECT_TRUE(drive.answer(1)->granted);
  }
  drive.end(1);
  expect_lock_returned();
}

// bacula-sd asks up to eleven times in one pass, holding its reservation lock.
TEST_F(DriveTest, ElevenTriesInOnePassCostOneCommand) {
  int commands = 0;
  for (int i = 0; i < 11; ++i) {
    drive.request(1, 7, now);
    while (act(Kind::blocked, "0xbac999") != Action::none) ++commands;
    EXPECT_FALSE(drive.answer(1)->granted);
    later(std::chrono::milliseconds(2));
  }
  EXPECT_EQ(commands, 1);
}

// Any order of requests, opens, ends and outcomes: a granted job means a lock, and when all is over nothing is left.
TEST(DriveRandom, NoClaimWithoutLockAndNoLockWithoutClaim) {
  for (unsigned seed = 1; seed <= 300; ++seed) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    std::mt19937 random(seed);
    const auto pick = [&](unsigned n) { return static_cast<unsigned>(random() % n); };
    Instant now{};
    Drive drive;
    Action under_way = Action::none;
    const auto work = [&](bool fair) {
      if (under_way == Action::none) {
        under_way = drive.next_action(now);
        return;
      }
      const Action action = std::exchange(under_way, Action::none);
      const auto kind = fair || pick(3) != 0 ? Outcome::Kind::done
                        : action == Action::take || action == Action::verify
                            ? (pick(2) == 0 ? Outcome::Kind::blocked : Outcome::Kind::failed)
                        : action == Action::release ? (pick(2) == 0 ? Outcome::Kind::still_open : Outcome::Kind::failed)
                                                    : Outcome::Kind::failed;
      drive.finish({kind, "0xbac999", "text"}, now);
    };
    for (int step = 0; step < 400; ++step) {
      const Owner owner = 1 + pick(4);
      switch (pick(6)) {
        case 0: drive.request(owner, static_cast<JobId>(owner), now); break;
        case 1: drive.request_verified(owner, static_cast<JobId>(owner), now); break;
        case 2: drive.end(owner); break;
        case 3: now += std::chrono::milliseconds(pick(3000)); break;
        default: work(false); break;
      }
      for (Owner each = 1; each <= 4; ++each) {
        const auto answer = drive.answer(each);
        ASSERT_TRUE(!answer || !answer->granted || drive.view().locked) << "granted without the lock, step " << step;
      }
    }
    for (Owner owner = 1; owner <= 4; ++owner) drive.end(owner);
    for (int i = 0; i < 10; ++i) {
      work(true);
      now += std::chrono::seconds(10);
    }
    EXPECT_FALSE(drive.view().locked);
    EXPECT_FALSE(drive.view().registered);
    EXPECT_TRUE(drive.view().claims.empty());
    EXPECT_TRUE(drive.view().waiting.empty());
  }
}

}  // namespace
}  // namespace shstore::reserve
