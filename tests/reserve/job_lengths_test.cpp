// How long jobs take, and when those who wait are told that one is near its end.
#include "reserve/job_lengths.h"

#include <gtest/gtest.h>

namespace shstore::reserve {
namespace {

using namespace std::chrono_literals;
using Moments = std::vector<Duration>;

TEST(JobLengths, AJobsNameIsWithoutTheMomentThatMakesItUnique) {
  EXPECT_EQ(name_without_moment("backup-dir.2026-11-30_17.20.00_05"), "backup-dir");
  EXPECT_EQ(name_without_moment("a.b.2026-11-30_17.20.00_1234"), "a.b");
  for (const std::string name : {"", "backup", "_", "_05", ".2026-11-30_17.20.00_", "x.2026-11-30_17.20.00_0a",
                                 "x.2026-11-30 17.20.00_05", "2026-11-30_17.20.00_05"})
    EXPECT_EQ(name_without_moment(name), name);
}

TEST(JobLengths, ThoseWhoWaitAreToldShortlyBeforeAJobHasTakenAsLongAsTheLastOnes) {
  JobLengths lengths;
  EXPECT_EQ(lengths.tell_after("nightly"), Moments{});
  lengths.add("nightly", 30s);
  EXPECT_EQ(lengths.tell_after("nightly"), Moments{28500ms});
  EXPECT_EQ(lengths.tell_after("other"), Moments{});
  lengths.add("nightly", 31s);
  lengths.add("nightly", 29s);
  EXPECT_EQ(lengths.tell_after("nightly"), Moments{27500ms}) << "that one telling does for all of them";
  lengths.add("nightly", 100s);
  lengths.add("nightly", 2h);
  EXPECT_EQ(lengths.tell_after("nightly"), (Moments{27500ms, 96s, 2h - 6s})) << "a Full and Incrementals";
}

TEST(JobLengths, AShortJobIsOverBeforeAnybodyHasHeardOfIt) {
  JobLengths lengths;
  lengths.add("short", 4999ms);
  EXPECT_EQ(lengths.tell_after("short"), Moments{});
  lengths.add("short", 5s);
  EXPECT_EQ(lengths.tell_after("short"), Moments{3500ms});
}

TEST(JobLengths, TheNamesThatEndedLongestAgoAreForgotten) {
  JobLengths lengths;
  for (size_t i = 0; i < JobLengths::kNames; ++i) lengths.add("job-" + std::to_string(i), 10s);
  lengths.add("job-0", 10s);
  lengths.add("one more", 10s);
  EXPECT_EQ(lengths.names(), JobLengths::kNames);
  EXPECT_EQ(lengths.tell_after("job-0").size(), 1u);
  EXPECT_EQ(lengths.tell_after("job-1").size(), 0u);
}

}  // namespace
}  // namespace shstore::reserve
