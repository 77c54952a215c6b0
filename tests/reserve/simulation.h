// A site over days: many hosts, drives and jobs, in simulated time. Everything comes from one seed and can be
// replayed.
#pragma once

#include <memory>
#include <queue>
#include <random>

#include "model.h"

namespace shstore::reserve {

struct SimulatedSite {
  int hosts = 2, drives = 1;
  int jobs_per_host = 1;                       ///< at the same time, at most
  int drives_per_job = 1;                      ///< that a job may choose from
  Duration pause{60000};                       ///< on average, between the end of a job and the next in its place
  Duration shortest{300000}, longest{900000};  ///< how long jobs write
  bool mixed = false;  ///< as many from 1 to 2 minutes as from 10 to 20, rather than as many in each minute
  Duration robot{
      0};  ///< so long at most, and half of it at least, a drive is not written to before a job's tape is in it
  Duration every{
      0};  ///< jobs begin within `pause` after each multiple of this, instead of after the last one in their place
  Duration lasts{86400000};
  Duration verify{5000};  ///< Timing::verify
  Duration watch_first{500};
  int breaks_per_day = 0;        ///< of locks, by CLEAR
  int crashes_per_day = 0;       ///< of daemons; they come again after a minute
  int copies = 0;                ///< of a hundred jobs: they need two drives, one after the other
  Duration mutual_wait{600000};  ///< as storage-ctl.conf's; zero: hosts that wait for each other do so for ever
  bool hand_off = true;
  unsigned seed = 1;
};

struct SimulationReport {
  std::string broken;  ///< an invariant that was hurt, and when; empty: none
  size_t jobs = 0, failed = 0, regained = 0, actions = 0;
  size_t copies = 0, gave_in = 0;  ///< Copies begun, and those that were failed because hosts waited for each other
  size_t gave_in_early = 0;  ///< of the latter: another host of the ring had its drive for a job that would have ended
  std::vector<double> hours_of_drive;  ///< by host: with a job that writes
  double idle = 0;                     ///< share of the drives' time in which a job waited and none wrote
  Duration mean_wait{}, longest_wait{};
  size_t left_behind = 0;  ///< keys and locks on drives when all is over
  size_t never_ran = 0;    ///< jobs that still waited then
};

/// Jain's index of fairness: 1 if all have the same, 1/n if one has all.
double jain(const std::vector<double>& shares);

SimulationReport simulate(const SimulatedSite& site);

}  // namespace shstore::reserve
