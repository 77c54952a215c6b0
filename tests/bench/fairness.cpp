// How evenly hosts share drives that are never free, with the hand-off and without it: 16 hosts, 2 drives, a
// week.
#include <cstdio>

#include "reserve/simulation.h"

namespace {

using shstore::reserve::Duration;
using shstore::reserve::SimulatedSite;

double minutes(Duration time) { return static_cast<double>(time.count()) / 60e3; }

double run(bool hand_off, unsigned seed) {
  SimulatedSite site;
  site.hosts = 16;
  site.drives = 2;
  site.jobs_per_host = 2;
  site.drives_per_job = 2;
  site.lasts = std::chrono::hours(7 * 24);
  site.hand_off = hand_off;
  site.seed = seed;
  const auto report = simulate(site);
  const double fairness = shstore::reserve::jain(report.hours_of_drive);
  std::printf(
      "%-9s seed %u: Jain's index %.4f; longest wait %7.1f min, mean %5.1f min; drives idle while jobs "
      "waited %5.2f %%; "
      "%zu jobs%s\n",
      hand_off ? "hand-off" : "retries", seed, fairness, minutes(report.longest_wait), minutes(report.mean_wait),
      100 * report.idle, report.jobs, report.broken.empty() ? "" : (" BROKEN: " + report.broken).c_str());
  return report.broken.empty() ? fairness : 0;
}

}  // namespace

int main() {
  bool good = true;
  for (unsigned seed = 1; seed <= 3; ++seed) {
    run(false, seed);
    good = run(true, seed) >= 0.95 && good;
  }
  return good ? 0 : 1;
}
