#include "reserve/record/history.h"

#include <gtest/gtest.h>

#include "reserve/record/times.h"

namespace shstore::record {
namespace {

using namespace std::chrono_literals;
using Kind = HistoryEvent::Kind;

const WallTime kNow = std::chrono::sys_days(std::chrono::year(2026) / 11 / 22) + 11h;

SdState state_at(WallTime t) {
  SdState s;
  s.sd_name = "cibou-sd";
  s.started = kNow - 1h;
  s.updated = t;
  DriveState d;
  d.name = "Drive-0";
  d.key = "0xbac001";
  s.drives = {d};
  return s;
}

SdState locked_at(WallTime t, WallTime since) {
  auto s = state_at(t);
  s.drives[0].locked = true;
  s.drives[0].locked_since = since;
  return s;
}

std::string text(const History& events) {
  std::string all;
  for (const auto& e : events) all += to_line(e);
  return all;
}

TEST(History, TheFirstStateOfALifeTellsWhatIsSo) {
  auto s = locked_at(kNow, kNow - 5min);
  s.drives[0].claims = {{7, kNow - 5min}};
  EXPECT_EQ(text(changes(nullptr, s)),
            R"({"at":"2026-11-22T10:00:00Z","event":"started"}
{"at":"2026-11-22T10:55:00Z","event":"lock-taken","drive":"Drive-0","key":"0xbac001"}
{"at":"2026-11-22T10:55:00Z","event":"use-begins","drive":"Drive-0","job":7}
)");
}

TEST(History, NothingChangedIsNoLine) {
  const auto a = locked_at(kNow, kNow - 5min), b = locked_at(kNow + 1s, kNow - 5min);
  EXPECT_TRUE(changes(&a, b).empty());
}

TEST(History, RoundedTimesAreNoChange) {
  const auto a = locked_at(kNow, kNow - 5min), b = locked_at(kNow + 1s, kNow - 5min + 1s);
  EXPECT_TRUE(changes(&a, b).empty());
}

TEST(History, ALockThatWasGivenBackAndTakenAgainBetweenTwoStates) {
  const auto a = locked_at(kNow, kNow - 5min), b = locked_at(kNow + 9s, kNow + 8s);
  EXPECT_EQ(text(changes(&a, b)),
            R"({"at":"2026-11-22T11:00:08Z","event":"lock-released","drive":"Drive-0","key":"0xbac001"}
{"at":"2026-11-22T11:00:08Z","event":"lock-taken","drive":"Drive-0","key":"0xbac001"}
)");
}

// Within the two seconds in which one moment may be told twice: the counter tells. (Seen: a job's lock went back, and bconsole's mount
// took it 0.2 s later.)
TEST(History, ALockThatWasTakenAgainInTheSameSecond) {
  auto a = locked_at(kNow, kNow - 1s), b = locked_at(kNow + 1s, kNow);
  a.drives[0].counters = DriveCounters{.locks_taken = 1};
  b.drives[0].counters = DriveCounters{.locks_taken = 2};
  EXPECT_EQ(text(changes(&a, b)),
            R"({"at":"2026-11-22T11:00:00Z","event":"lock-released","drive":"Drive-0","key":"0xbac001"}
{"at":"2026-11-22T11:00:00Z","event":"lock-taken","drive":"Drive-0","key":"0xbac001"}
)");
  b.drives[0].counters->locks_lost = 1;
  EXPECT_NE(text(changes(&a, b)).find("lock-lost"), std::string::npos);
}

TEST(History, ALockThatCameAndWentBetweenTwoStates) {
  auto a = state_at(kNow), b = state_at(kNow + 1s);
  a.drives[0].counters = DriveCounters{};
  b.drives[0].counters = DriveCounters{.locks_taken = 1};
  EXPECT_EQ(text(changes(&a, b)),
            R"({"at":"2026-11-22T11:00:01Z","event":"lock-taken","drive":"Drive-0","key":"0xbac001"}
{"at":"2026-11-22T11:00:01Z","event":"lock-released","drive":"Drive-0","key":"0xbac001"}
)");
}

TEST(History, AJobWaitsForAnotherHostAndGetsTheDrive) {
  auto before = state_at(kNow);
  before.drives[0].blocked_by = "0xbac999";
  before.drives[0].waiting = {{2, kNow - 1s, {reserve::Refusal::Kind::held_by_other, "0xbac999", {}}}};
  const auto start = state_at(kNow - 2s);
  EXPECT_EQ(text(changes(&start, before)),
            R"({"at":"2026-11-22T10:59:59Z","event":"wait-begins","drive":"Drive-0","key":"0xbac999","job":2}
{"at":"2026-11-22T11:00:00Z","event":"blocked","drive":"Drive-0","key":"0xbac999"}
)");
  auto after = locked_at(kNow + 60s, kNow + 59s);
  after.drives[0].claims = {{2, kNow + 60s}};
  EXPECT_EQ(text(changes(&before, after)),
            R"({"at":"2026-11-22T11:00:59Z","event":"lock-taken","drive":"Drive-0","key":"0xbac001"}
{"at":"2026-11-22T11:01:00Z","event":"wait-ends","drive":"Drive-0","job":2}
{"at":"2026-11-22T11:01:00Z","event":"unblocked","drive":"Drive-0","key":"0xbac999"}
{"at":"2026-11-22T11:01:00Z","event":"use-begins","drive":"Drive-0","job":2}
)");
}

TEST(History, ALostLockSaysWhoHasTheDriveAndIsNotReleasedBesides) {
  const auto before = locked_at(kNow, kNow - 5min);
  auto after = state_at(kNow + 4s);
  after.drives[0].lost = true;
  after.drives[0].blocked_by = "0xbac999";
  EXPECT_EQ(text(changes(&before, after)),
            R"({"at":"2026-11-22T11:00:04Z","event":"lock-lost","drive":"Drive-0","key":"0xbac001","by":"0xbac999"}
{"at":"2026-11-22T11:00:04Z","event":"blocked","drive":"Drive-0","key":"0xbac999"}
)");
}

TEST(History, ADaemonThatEndsInOrderHasGivenBackFirst) {
  const auto before = locked_at(kNow, kNow - 5min);
  auto after = state_at(kNow + 4s);
  after.running = false;
  EXPECT_EQ(text(changes(&before, after)),
            R"({"at":"2026-11-22T11:00:04Z","event":"lock-released","drive":"Drive-0","key":"0xbac001"}
{"at":"2026-11-22T11:00:04Z","event":"stopped"}
)");
}

TEST(History, ADriveThatCannotBeLockedHasNone) {
  auto s = locked_at(kNow, kNow);
  s.drives[0].problem = "no key";
  EXPECT_EQ(changes(nullptr, s).size(), 1u);
}

TEST(History, LinesAreReadAsTheyWereWritten) {
  const History all = {{kNow - 1h, Kind::started},
                       {kNow, Kind::lock_lost, "Drive \"0\"\n", "0xbac001", "0xbac999"},
                       {kNow, Kind::wait_begins, "Drive-0", "0xbac999", {}, 0},
                       {kNow, Kind::running},
                       {kNow, Kind::stopped}};
  EXPECT_EQ(parse_history(text(all)), all);
}

TEST(History, TornLinesAndUnknownEventsArePassedOver) {
  const auto line = to_line({kNow, Kind::lock_taken, "Drive-0", "0xbac001"});
  const std::string unknown = R"({"at":"2026-11-22T11:00:00Z","event":"tape-eaten","drive":"Drive-0"})";
  const auto read =
      parse_history(line.substr(0, 30) + '\n' + unknown + "\n\n[]\nnull\n" + R"({"event":"started","at":7})" + '\n' +
                    R"({"event":"blocked","at":"2026-11-22T11:00:00Z"})" + '\n' + line + line.substr(0, 50));
  ASSERT_EQ(read.size(), 1u);
  EXPECT_EQ(to_line(read[0]), line);
}

TEST(History, EveryPrefixOfAFileIsReadToItsLastWholeLine) {
  const auto all =
      text({{kNow, Kind::started}, {kNow, Kind::lock_taken, "Drive-0", "0xbac001"}, {kNow, Kind::stopped}});
  for (size_t n = 0; n <= all.size(); ++n) {
    const auto prefix = all.substr(0, n);
    // A line that lacks nothing but its newline is whole.
    const auto whole = static_cast<size_t>(
        std::count(all.begin(), all.begin() + static_cast<std::ptrdiff_t>(std::min(n + 1, all.size())), '\n'));
    EXPECT_EQ(parse_history(prefix).size(), whole) << n;
  }
}

TEST(History, OfThePastIsKeptWhatIsStillSo) {
  const auto old = kNow - 72h;
  const History all = {{old, Kind::started},
                       {old, Kind::lock_taken, "Drive-0", "0xbac001"},
                       {old, Kind::lock_taken, "Drive-1", "0xbac001"},
                       {old, Kind::use_begins, "Drive-0", {}, {}, 5},
                       {old, Kind::use_begins, "Drive-1", {}, {}, 6},
                       {old + 1h, Kind::use_ends, "Drive-1", {}, {}, 6},
                       {old + 1h, Kind::lock_released, "Drive-1", "0xbac001"},
                       {kNow - 1h, Kind::use_ends, "Drive-0", {}, {}, 5}};
  const History kept = {all[0], all[1], all[3], all[7]};
  EXPECT_EQ(since(all, kNow - 48h), kept);
}

TEST(History, WhatAKilledLifeLeftOpenEndsWithTheNext) {
  const auto old = kNow - 72h;
  const History all = {{old, Kind::started}, {old, Kind::lock_taken, "Drive-0", "0xbac001"}, {old + 1h, Kind::started}};
  EXPECT_EQ(since(all, kNow - 48h), (History{all[2]}));
}

}  // namespace
}  // namespace shstore::record
