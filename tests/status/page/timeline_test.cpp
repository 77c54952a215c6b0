#include "status/page/timeline.h"

#include <fmt/chrono.h>
#include <fmt/ranges.h>
#include <gtest/gtest.h>

namespace shstore::status {
namespace {

using namespace std::chrono_literals;
using Kind = record::HistoryEvent::Kind;

const record::WallTime kMidnight = std::chrono::sys_days(std::chrono::year(2026) / 11 / 22);

constexpr const char* kDrive = "Drive-0";

std::string clock(record::WallTime t) {
  return fmt::format("{:%H:%M:%S}", fmt::gmtime(std::chrono::system_clock::to_time_t(t)));
}

/// One stretch a line, the whole day asked for.
std::string day(const std::vector<DriveRecord>& daemons) {
  std::string text;
  for (const auto& s : timeline(daemons, kMidnight, kMidnight + 24h).stretches) {
    text += fmt::format("{}-{} {} {}", clock(s.from), clock(s.until),
                        s.kind == Stretch::Kind::held ? "held" : "unknown", s.key.empty() ? "-" : s.key);
    if (s.daemon) text += fmt::format(" of {}", *s.daemon);
    if (s.lost) text += " lost";
    if (!s.jobs.empty()) text += fmt::format(" jobs {}", fmt::join(s.jobs, ","));
    text += '\n';
  }
  return text;
}

DriveRecord cibou(const record::History& events, bool runs = true) { return {kDrive, "0xbac001", events, runs}; }
DriveRecord dir(const record::History& events, bool runs = true) { return {kDrive, "0xbac999", events, runs}; }

record::HistoryEvent lock(record::WallTime t, const std::string& key, Kind kind = Kind::lock_taken) {
  return {t, kind, kDrive, key};
}

TEST(Timeline, WithoutADaemonAllIsUnknown) {
  EXPECT_EQ(day({}), "00:00:00-00:00:00 unknown -\n");
  EXPECT_EQ(day({cibou({}, false)}), "00:00:00-00:00:00 unknown -\n");
}

TEST(Timeline, ALockFromWhenToWhenAndTheJobsOfIt) {
  const record::History h = {{kMidnight - 1h, Kind::started},
                             lock(kMidnight + 1h, "0xbac001"),
                             {kMidnight + 1h, Kind::use_begins, kDrive, {}, {}, 7},
                             {kMidnight + 90min, Kind::use_begins, kDrive, {}, {}, 8},
                             {kMidnight + 90min, Kind::use_begins, "Drive-1", {}, {}, 9},
                             {kMidnight + 2h, Kind::use_ends, kDrive, {}, {}, 7},
                             {kMidnight + 3h, Kind::use_ends, kDrive, {}, {}, 8},
                             lock(kMidnight + 3h, "0xbac001", Kind::lock_released),
                             lock(kMidnight + 23h, "0xbac001")};
  EXPECT_EQ(day({cibou(h)}),
            "01:00:00-03:00:00 held 0xbac001 of 0 jobs 7,8\n"
            "23:00:00-00:00:00 held 0xbac001 of 0\n");
}

TEST(Timeline, BeforeTheDaemonBeganAndAfterItEndedIsUnknown) {
  const record::History h = {{kMidnight + 1h, Kind::started}, {kMidnight + 20h, Kind::stopped}};
  EXPECT_EQ(day({cibou(h, false)}), "00:00:00-01:00:00 unknown -\n20:00:00-00:00:00 unknown -\n");
}

TEST(Timeline, AnotherDaemonsHistoryCoversIt) {
  const record::History one = {{kMidnight + 1h, Kind::started}, {kMidnight + 20h, Kind::stopped}};
  const record::History two = {{kMidnight - 1h, Kind::started}, lock(kMidnight + 21h, "0xbac999")};
  EXPECT_EQ(day({cibou(one, false), dir(two)}), "21:00:00-00:00:00 held 0xbac999 of 1\n");
}

TEST(Timeline, WhatAnotherSawCountsWhereItsOwnDaemonIsNotAsked) {
  const record::History h = {{kMidnight - 1h, Kind::started},
                             {kMidnight + 2h, Kind::blocked, kDrive, "0xbac999"},
                             {kMidnight + 5h, Kind::unblocked, kDrive, "0xbac999"}};
  EXPECT_EQ(day({cibou(h)}), "02:00:00-05:00:00 held 0xbac999\n");
}

TEST(Timeline, ADaemonsOwnWordCountsForMore) {
  const record::History one = {{kMidnight - 1h, Kind::started},
                               {kMidnight + 2h, Kind::blocked, kDrive, "0xbac999"},
                               {kMidnight + 5h, Kind::unblocked, kDrive, "0xbac999"}};
  const record::History two = {{kMidnight - 1h, Kind::started},
                               lock(kMidnight + 1h, "0xbac999"),
                               lock(kMidnight + 4h, "0xbac999", Kind::lock_released)};
  EXPECT_EQ(day({cibou(one), dir(two)}), "01:00:00-04:00:00 held 0xbac999 of 1\n");
}

TEST(Timeline, AKilledDaemonsLockIsUnknownFromItsLastSignUntilItIsBack) {
  const record::History h = {{kMidnight - 1h, Kind::started},
                             lock(kMidnight + 1h, "0xbac001"),
                             {kMidnight + 2h, Kind::running},
                             {kMidnight + 6h, Kind::started}};
  EXPECT_EQ(day({cibou(h)}),
            "01:00:00-02:00:00 held 0xbac001 of 0\n"
            "02:00:00-06:00:00 unknown 0xbac001 of 0\n");
}

TEST(Timeline, AKilledDaemonsLockStaysUnknownWhileOthersSeeNothing) {
  const record::History one = {{kMidnight - 1h, Kind::started}, lock(kMidnight + 1h, "0xbac001")};
  const record::History two = {{kMidnight - 1h, Kind::started},
                               lock(kMidnight + 4h, "0xbac999"),
                               lock(kMidnight + 5h, "0xbac999", Kind::lock_released)};
  auto dead = cibou(one, false);
  dead.last_sign = kMidnight + 2h;
  EXPECT_EQ(day({dead, dir(two)}),
            "01:00:00-02:00:00 held 0xbac001 of 0\n"
            "02:00:00-04:00:00 unknown 0xbac001 of 0\n"
            "04:00:00-05:00:00 held 0xbac999 of 1\n"
            "05:00:00-00:00:00 unknown 0xbac001 of 0\n");
}

TEST(Timeline, ALostLockIsMarked) {
  const record::History h = {{kMidnight - 1h, Kind::started},
                             lock(kMidnight + 1h, "0xbac001"),
                             {kMidnight + 2h, Kind::lock_lost, kDrive, "0xbac001", "0xbac999"},
                             {kMidnight + 2h, Kind::blocked, kDrive, "0xbac999"}};
  EXPECT_EQ(day({cibou(h)}), "01:00:00-02:00:00 held 0xbac001 of 0 lost\n02:00:00-00:00:00 held 0xbac999\n");
}

TEST(Timeline, AShortLockIsNotLost) {
  const record::History h = {{kMidnight - 1h, Kind::started},
                             lock(kMidnight + 1h, "0xbac001"),
                             lock(kMidnight + 1h, "0xbac001", Kind::lock_released)};
  EXPECT_EQ(day({cibou(h)}), "01:00:00-01:00:01 held 0xbac001 of 0\n");
}

TEST(Timeline, EventsWithoutTheirBeginningAreTolerated) {
  const record::History h = {lock(kMidnight + 1h, "0xbac001", Kind::lock_released),
                             {kMidnight + 2h, Kind::wait_ends, kDrive, {}, {}, 3},
                             lock(kMidnight + 3h, "0xbac001"),
                             lock(kMidnight + 4h, "0xbac001")};
  EXPECT_EQ(day({cibou(h)}), "00:00:00-01:00:00 unknown -\n03:00:00-00:00:00 held 0xbac001 of 0\n");
}

TEST(Timeline, WaitingJobsOfTheDay) {
  const record::History one = {{kMidnight - 2h, Kind::started},
                               {kMidnight - 1h, Kind::wait_begins, kDrive, "0xbac999", {}, 2},
                               {kMidnight + 1h, Kind::wait_ends, kDrive, {}, {}, 2},
                               {kMidnight + 23h, Kind::wait_begins, kDrive, {}, {}, 3}};
  const auto waits = timeline(std::vector{cibou(one)}, kMidnight, kMidnight + 24h).waits;
  ASSERT_EQ(waits.size(), 2u);
  EXPECT_EQ(waits[0], (Wait{0, 2, "0xbac999", kMidnight, kMidnight + 1h, true}));
  EXPECT_EQ(waits[1], (Wait{0, 3, "", kMidnight + 23h, kMidnight + 24h, false}));
}

}  // namespace
}  // namespace shstore::status
