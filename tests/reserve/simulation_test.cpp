// A large site over a week of jobs, in simulated time. The seed is printed; SHSTORE_SEED=N replays one.
#include "simulation.h"

#include <gtest/gtest.h>

#include <cstdio>
#include <cstdlib>

namespace shstore::reserve {
namespace {

using namespace std::chrono_literals;

#ifdef __SANITIZE_ADDRESS__
constexpr auto kWeek = 24h;  // the sanitizers take ten times as long
#else
constexpr auto kWeek = 7 * 24h;
#endif

unsigned seed() {
  const char* given = std::getenv("SHSTORE_SEED");
  return given != nullptr ? static_cast<unsigned>(std::strtoul(given, nullptr, 10)) : std::random_device{}();
}

void run(SimulatedSite site, unsigned usual = 0) {
  site.seed = usual != 0 && std::getenv("SHSTORE_SEED") == nullptr ? usual : seed();
  SCOPED_TRACE("SHSTORE_SEED=" + std::to_string(site.seed));
  const auto report = simulate(site);
  std::printf(
      "%d hosts, %d drives: %zu jobs, %zu failed and %zu warned for a broken lock, %zu actions on drives, "
      "longest wait %.1f min, mean %.1f min; SHSTORE_SEED=%u\n",
      site.hosts, site.drives, report.jobs, report.failed, report.regained, report.actions,
      static_cast<double>(report.longest_wait.count()) / 60e3, static_cast<double>(report.mean_wait.count()) / 60e3,
      site.seed);
  if (site.copies > 0)
    std::printf("  of them %zu Copies; %zu were ended because hosts waited for each other, %zu of these without need\n",
                report.copies, report.gave_in, report.gave_in_early);
  EXPECT_EQ(report.broken, "");
  EXPECT_EQ(report.never_ran, 0u) << "jobs waited for ever";
  EXPECT_EQ(report.left_behind, 0u) << "keys or locks leaked";
  EXPECT_GT(report.jobs, 100u);
}

TEST(Simulation, AWeekOf64HostsAnd256Drives) {
  SimulatedSite site;
  site.hosts = 64;
  site.drives = 256;
  site.jobs_per_host = 5;
  site.drives_per_job = 4;
  site.pause = 2h;
  site.shortest = 10min;
  site.longest = 4h;
  site.lasts = kWeek;
  site.verify = 60s;  // so many looks would take most of the time
  site.watch_first = 5s;
  site.breaks_per_day = 100;
  site.crashes_per_day = 8;
  run(site);
}

TEST(Simulation, ADayOnDrivesThatAreNeverFree) {
  SimulatedSite site;
  site.hosts = 16;
  site.drives = 2;
  site.jobs_per_host = 2;
  site.drives_per_job = 2;
  site.breaks_per_day = 20;
  site.crashes_per_day = 10;
  run(site);
}

// Half of the jobs need two drives, on drives that are never free, while daemons die and locks are broken.
SimulatedSite with_copies() {
  SimulatedSite site;
  site.hosts = 5;
  site.drives = 4;
  site.copies = 50;
  site.pause = 10min;
  return site;
}

TEST(Simulation, AWeekOfCopiesInWhichNobodyWaitsForEver) {
  auto site = with_copies();
  site.lasts = kWeek;
  site.breaks_per_day = 5;
  site.crashes_per_day = 10;
  run(site, 3755443697);
}

// That those rings are there at all.
TEST(Simulation, WithoutMutualWaitHostsWaitForEachOtherForEver) {
  auto site = with_copies();
  site.mutual_wait = 0ms;
  site.lasts = 6h;
  site.seed = 2;
  const auto report = simulate(site);
  EXPECT_EQ(report.gave_in, 0u);
  EXPECT_GT(report.never_ran, 0u);
  site.mutual_wait = 10min;
  const auto ended = simulate(site);
  EXPECT_GT(ended.gave_in, 0u);
  EXPECT_EQ(ended.never_ran, 0u);
  EXPECT_GT(ended.jobs, report.jobs);
}

TEST(Simulation, JainsIndex) {
  EXPECT_DOUBLE_EQ(jain({3, 3, 3}), 1);
  EXPECT_DOUBLE_EQ(jain({6, 0, 0}), 1.0 / 3);
}

}  // namespace
}  // namespace shstore::reserve
