// The hazards H1 to H9 of bacula-sd's event sequences, as they were recorded from the real daemon (9.6.7),
// replayed against the engine. The plugin takes nothing from DeviceClose: it comes before the device is
// closed, twice, for other jobs, in the middle of a job, from a signal handler, or never. So a sequence is
// what remains of it.
#include <gtest/gtest.h>

#include <random>
#include <sstream>

#include "engine_fixture.h"

namespace shstore::reserve {
namespace {

class Hazard : public DriveTest {
 protected:
  // Lines of "JOB EVENT", as in the daemon's log; "core opens" and "core closes" are what happens to the
  // device itself. After each line the drive must be as the third word says: "locked" or "free".
  void replay(const std::string& recorded) {
    std::istringstream lines(recorded);
    for (std::string line; std::getline(lines, line);) {
      std::istringstream words(line);
      std::string who, event, expected;
      if (!(words >> who >> event >> expected)) continue;
      SCOPED_TRACE(line);
      if (who == "core") {
        device_open_ = event == "opens";
        later(std::chrono::milliseconds(600));  // a device that was open is looked at twice a second
      } else {
        happens(static_cast<JobContext>(std::stoul(who)), event);
      }
      settle();
      EXPECT_EQ(drive.view().locked ? "locked" : "free", expected);
      later(std::chrono::milliseconds(600));
      settle();
      EXPECT_EQ(drive.view().locked ? "locked" : "free", expected) << "a little later";
    }
  }
  void happens(JobContext job, const std::string& event) {
    const auto id = static_cast<JobId>(job);
    if (event == "TryOpen") drive.request(job, id, now);
    if (event == "DeviceOpen") drive.request_verified(job, id, now);
    if (event == "JobEnd" || event == "freePlugin") drive.end(job, now);
    // DeviceClose: nothing.
    if (event != "TryOpen" && event != "DeviceOpen") return;
    settle();
    const auto answer = drive.answer(job);
    ASSERT_TRUE(answer);
    EXPECT_TRUE(answer->granted);
  }
  // Whatever is to be done, on a drive that nobody else wants.
  void settle() {
    for (auto action = drive.next_action(now); action != Action::none; action = drive.next_action(now)) {
      const bool open = action == Action::release && device_open_;
      const auto reading = drive.view().locked || action == Action::take ? ours() : free_drive();
      drive.finish({open ? Kind::still_open : Kind::done, {}, {}, reading}, now);
    }
  }
  bool device_open_ = false;
};

TEST_F(Hazard, H1_DeviceCloseComesBeforeTheDeviceIsClosed) {
  replay(R"(
    1 TryOpen      locked
    core opens     locked
    1 DeviceOpen   locked
    1 DeviceClose  locked
    1 DeviceClose  locked
    1 JobEnd       locked
    1 freePlugin   locked
    core closes    free)");
}

TEST_F(Hazard, H1_AlwaysOpenKeepsTheLockForAsLongAsTheDeviceIsOpen) {
  replay(R"(
    1 TryOpen      locked
    core opens     locked
    1 DeviceOpen   locked
    1 DeviceClose  locked
    1 JobEnd       locked
    2 TryOpen      locked
    2 DeviceOpen   locked
    2 DeviceClose  locked
    2 JobEnd       locked)");
  later(std::chrono::hours(24));
  settle();
  EXPECT_TRUE(drive.view().locked);
  EXPECT_TRUE(drive.view().kept_for_open_device);
}

TEST_F(Hazard, H2_CloseWhileAnotherJobIsReserved) {
  replay(R"(
    9 TryOpen      locked
    core opens     locked
    9 DeviceOpen   locked
    10 TryOpen     locked
    9 DeviceClose  locked
    9 DeviceClose  locked
    core closes    locked
    9 JobEnd       locked
    9 freePlugin   locked
    10 JobEnd      free
    10 freePlugin  free)");
}

TEST_F(Hazard, H2_EndOfMediumClosesAndReopensWithoutAsking) {
  replay(R"(
    1 TryOpen      locked
    core opens     locked
    1 DeviceOpen   locked
    1 DeviceClose  locked
    1 DeviceClose  locked
    core closes    locked
    core opens     locked
    1 DeviceClose  locked
    1 DeviceClose  locked
    core closes    locked
    1 JobEnd       free)");
}

TEST_F(Hazard, H2_TwoWritersAndTheFirstEndsWithoutAnyClose) {
  replay(R"(
    1 TryOpen      locked
    core opens     locked
    1 DeviceOpen   locked
    2 TryOpen      locked
    2 DeviceOpen   locked
    1 JobEnd       locked
    1 freePlugin   locked
    2 DeviceClose  locked
    2 DeviceClose  locked
    core closes    locked
    2 JobEnd       free)");
}

TEST_F(Hazard, H2_DoubleCloseAndDoubleEndCountOnce) {
  replay(R"(
    1 TryOpen      locked
    2 TryOpen      locked
    1 DeviceClose  locked
    1 DeviceClose  locked
    1 JobEnd       locked
    1 freePlugin   locked
    2 JobEnd       free)");
}

TEST_F(Hazard, H3_CancelBeforeTheClientConnectsBringsNoClose) {
  replay(R"(
    1 TryOpen      locked
    1 JobEnd       free
    1 freePlugin   free)");
}

TEST_F(Hazard, H3_CancelWhileWaitingForAVolumeBringsNoClose) {
  replay(R"(
    1 TryOpen      locked
    core opens     locked
    core closes    locked
    1 JobEnd       free
    1 freePlugin   free)");
}

TEST_F(Hazard, H3_CancelWhileWaitingForTheDrive) {
  wait_for_dir(1, 7);
  drive.end(1, now);
  EXPECT_EQ(act(Kind::done), Action::unregister);
  EXPECT_TRUE(idle());
}

TEST_F(Hazard, H3_ARefusedOpenIsFollowedByTheEndAlone) {
  admit(1, 7);
  drive.request_verified(1, 7, now);
  act(Kind::blocked, kDir);
  EXPECT_FALSE(drive.answer(1)->granted);
  drive.end(1, now);
  while (act(Kind::done) != Action::none) {
  }
  EXPECT_FALSE(drive.view().locked);
  EXPECT_FALSE(drive.view().registered);
}

// The console opens a device without asking anybody; a lock is only ever given back with the device closed.
TEST_F(Hazard, H4_ADeviceThatTheConsoleHasOpenKeepsTheLockOfTheJobBefore) {
  replay(R"(
    1 TryOpen      locked
    core opens     locked
    1 JobEnd       locked
    core closes    free)");
}

// bacula-sd opens its AlwaysOpen devices at start with JobId 0; where another host has the drive, that is no
// wait.
TEST_F(Hazard, H5_AnOpenAtStartThatIsRefusedLeavesNothing) {
  drive.request_verified(1, 0, now);
  act(Kind::blocked, kDir);
  EXPECT_FALSE(drive.answer(1)->granted);
  drive.end(1, now);
  while (act(Kind::done) != Action::none) {
  }
  EXPECT_FALSE(drive.view().registered);
  EXPECT_TRUE(drive.view().waiting.empty());
}

// terminate_stored runs in a signal handler, beside the job's own thread: Close, Close, Close, then JobEnd.
// The lock stays until then, and for as long as the device is open.
TEST_F(Hazard, H6_SigtermClosesFromASignalHandlerWhileTheJobRuns) {
  replay(R"(
    19 TryOpen     locked
    core opens     locked
    19 DeviceOpen  locked
    19 DeviceClose locked
    19 DeviceClose locked
    19 DeviceClose locked
    19 JobEnd      locked
    19 freePlugin  locked
    core closes    free)");
}

// The daemon is gone before its jobs have ended, and comes again: what it left is looked for before anything
// else.
TEST(HazardOfUnloading, H7_TheNextLifeBeginsWithWhatTheLastOneLeft) {
  Drive next;
  EXPECT_EQ(next.next_action(Instant{}), Action::recover);
}

TEST_F(Hazard, H8_ElevenTriesInOnePassCostOneLook) {
  int looks = 0;
  for (int i = 0; i < 11; ++i) {
    drive.request(1, 7, now);
    for (auto action = act(Kind::blocked, kDir); action != Action::none; action = act(Kind::blocked, kDir)) ++looks;
    EXPECT_FALSE(drive.answer(1)->granted);
    later(std::chrono::milliseconds(2));
  }
  EXPECT_EQ(looks, 1);
}

// What Bacula says of the volume at TryOpen may be another drive's: a claim is on the drive, whatever is in
// it.
TEST_F(Hazard, H9_OneOpenPerVolumeAndNoCloseBetween) {
  replay(R"(
    3 TryOpen      locked
    3 DeviceOpen   locked
    core opens     locked
    core closes    locked
    3 DeviceOpen   locked
    core opens     locked
    core closes    locked
    3 DeviceOpen   locked
    core opens     locked
    3 DeviceClose  locked
    3 DeviceClose  locked
    core closes    locked
    3 JobEnd       free)");
}

// VirtualFull: one context, two devices. Each drive has a claim of that owner, and its end frees both.
TEST_F(Hazard, VirtualFullClaimsTwoDrivesByOneContext) {
  Drive second(steady_timing());
  second.next_action(now);
  second.finish({}, now);
  admit(1, 7);
  second.request(1, 7, now);
  ASSERT_EQ(second.next_action(now), Action::look);
  second.finish({Kind::done, {}, {}, LockReading{}}, now);
  ASSERT_EQ(second.next_action(now), Action::take);
  second.finish({}, now);
  EXPECT_TRUE(second.answer(1)->granted);
  drive.end(1, now);
  second.end(1, now);
  expect_lock_returned();
  EXPECT_EQ(second.next_action(now), Action::release);
}

// A restore goes on on a drive of another Media Type: Open, Close, then TryOpen and Open there. The first
// drive's claim ends with the job, and only then.
TEST_F(Hazard, MediaTypeSwitchKeepsTheFirstDriveUntilTheEnd) {
  replay(R"(
    4 TryOpen      locked
    4 DeviceOpen   locked
    core opens     locked
    4 DeviceClose  locked
    core closes    locked
    4 JobEnd       free)");
}

// Any order of requests, opens, ends and outcomes: a granted job means a lock, and when all is over nothing
// is left.
TEST(DriveRandom, NoClaimWithoutLockAndNoLockWithoutClaim) {
  for (unsigned seed = 1; seed <= 300; ++seed) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    std::mt19937 random(seed);
    const auto pick = [&](unsigned n) { return static_cast<unsigned>(random() % n); };
    Instant now{};
    Drive drive(steady_timing());
    bool held = false;  // what the drive itself would say
    Action under_way = Action::none;
    const auto work = [&](bool fair) {
      if (under_way == Action::none) {
        under_way = drive.next_action(now);
        return;
      }
      const Action action = std::exchange(under_way, Action::none);
      if (!fair && pick(6) == 0) return drive.finish({Outcome::Kind::failed, {}, "text", {}}, now);
      if (!fair && action == Action::release && pick(3) == 0)
        return drive.finish({Outcome::Kind::still_open, {}, {}, {}}, now);
      const bool taken_by_other = !fair && pick(5) == 0;
      if (taken_by_other) held = false;
      const LockReading other{kDir, false, drive.view().registered, {kDir}, 1};
      if (action == Action::take && taken_by_other) return drive.finish({Outcome::Kind::blocked, kDir, {}, {}}, now);
      if (action == Action::take) held = true;
      const LockReading mine{kCibou, true, true, {}, 1}, free{{}, false, drive.view().registered, {}, 1};
      if (action == Action::release || action == Action::recover) held = false;
      drive.finish({Outcome::Kind::done, {}, {}, taken_by_other ? other : held ? mine : free}, now);
    };
    for (int step = 0; step < 400; ++step) {
      const JobContext owner = 1 + pick(4);
      switch (pick(6)) {
        case 0: drive.request(owner, static_cast<JobId>(owner), now); break;
        case 1: drive.request_verified(owner, static_cast<JobId>(owner), now); break;
        case 2: drive.end(owner, now); break;
        case 3: now += std::chrono::milliseconds(pick(3000)); break;
        default: work(false); break;
      }
      for (JobContext each = 1; each <= 4; ++each) {
        const auto answer = drive.answer(each);
        ASSERT_TRUE(!answer || !answer->granted || drive.view().locked) << "granted without the lock, step " << step;
      }
    }
    for (JobContext owner = 1; owner <= 4; ++owner) drive.end(owner, now);
    for (int i = 0; i < 40; ++i) {
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
