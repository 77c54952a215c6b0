// moonshot [JOBS [HOSTS DRIVES]]: large sites in simulated time, with the hand-off and with Bacula's own retries alone: how much of the drives' time is lost
// while a job waits, how evenly hosts share them, and how long the longest wait is beside the mean. So long that each host has JOBS jobs
// (default 150), of 1 to 60 minutes, and 1.5 to 3 more in which the robot brings the tape. A line for each site, tab-separated, which
// tests/bench/moonshot.py makes a table and a picture of; "*" behind what misses its target (of waits only where the mean is a minute). Jobs of
// one host may write in one drive together, so with as many drives as hosts nobody waits. Exit status 1 if a job never ran, or wrote without
// the lock.
#include <algorithm>
#include <cstdio>
#include <cstdlib>

#include "reserve/simulation.h"

namespace {

using namespace std::chrono_literals;
using shstore::reserve::Duration;
using shstore::reserve::SimulatedSite;

constexpr double kIdle = 2, kJain = 0.99, kLongest = 2.5;

constexpr Duration kJob = 17min;  // in the mean, with the robot

enum class Come {
  always,
  at_once
};  ///< one after the other, within 2 min; or all within 5 min, and the drives have time for 1.4 times as many

double minutes(Duration time) { return static_cast<double>(time.count()) / 60e3; }
const char* star(bool missed) { return missed ? "*" : ""; }

bool run(int hosts, int drives, Come come, bool hand_off, int jobs, unsigned seed) {
  SimulatedSite site;
  site.hosts = hosts;
  site.drives = site.drives_per_job = drives;
  site.jobs_per_host = std::max(1, 2 * drives / hosts);
  const auto round = kJob * (site.hosts * site.jobs_per_host) / site.drives;
  site.pause = come == Come::always ? 1min : 5min;
  if (come == Come::at_once) site.every = round * 14 / 10;
  site.mixed = true;
  site.shortest = 1min;
  site.longest = 60min;
  site.robot = 3min;
  site.verify = 60s;  // so many looks would take most of the time
  site.lasts = (come == Come::at_once ? site.every : round) * jobs / site.jobs_per_host;
  site.hand_off = hand_off;
  site.seed = seed;
  const auto report = simulate(site);
  const double jain = shstore::reserve::jain(report.hours_of_drive);
  const double longest = static_cast<double>(report.longest_wait.count()) /
                         static_cast<double>(std::max<int64_t>(1, report.mean_wait.count()));
  std::printf("%d\t%d\t%s\t%s\t%u\t%zu\t%.2f%s\t%.4f%s\t%.2f%s\t%.1f\t%s\n", hosts, drives,
              come == Come::always ? "always" : "at once", hand_off ? "with" : "without", seed, report.jobs,
              100 * report.idle, star(100 * report.idle > kIdle), jain, star(jain < kJain), longest,
              star(longest > kLongest && report.mean_wait >= 1min), minutes(report.mean_wait),
              report.broken.empty() && report.never_ran == 0 ? "" : "BROKEN");
  std::fflush(stdout);
  return report.broken.empty() && report.never_ran == 0;
}

}  // namespace

int main(int argc, char** argv) {
  const int jobs = argc > 1 ? std::atoi(argv[1]) : 150;
  const auto wanted = [&](int hosts, int drives) {
    return argc < 4 || (hosts == std::atoi(argv[2]) && drives == std::atoi(argv[3]));
  };
  std::printf("hosts\tdrives\tjobs come\tplugin\tseed\tjobs\tidle %%\tJain\tlongest : mean wait\tmean wait, min\t\n");
  bool good = true;
  for (const int hosts : {16, 64}) {
    for (const int drives : {2, 8, 32, 64}) {
      if (!wanted(hosts, drives)) continue;
      for (const auto come : {Come::always, Come::at_once}) {
        for (const bool hand_off : {true, false}) good = run(hosts, drives, come, hand_off, jobs, 1) && good;
      }
    }
  }
  return good ? 0 : 1;
}
