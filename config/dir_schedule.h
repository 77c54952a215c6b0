// The Run lines of a Schedule: `Run = Level=Full Pool=Monthly 1st sun at 23:05` (dird/run_conf.c, store_run).
#pragma once

#include <bitset>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "config/diagnostics.h"
#include "config/document.h"
#include "config/value.h"

namespace shstore::config {

/// What a Run line overrides in the Job, and when it runs. Where nothing is said about days, months and so on, all
/// of them are set, as Bacula does it.
struct ScheduleRun {
  Location at;
  Value<std::string> level;  ///< in Bacula's spelling; also from the old form `Run = Full ...`
  Value<std::string> pool, full_pool, incremental_pool, differential_pool, next_pool, storage, messages;
  Value<uint32_t> priority;
  Value<bool> spool_data, write_part_after_job, accurate;
  Value<uint64_t> max_run_sched_time;  ///< seconds
  std::bitset<24> hours;
  uint32_t minute = 0;            ///< of the last time given; Bacula has one for all hours
  std::bitset<31> days;           ///< of the month, from 0
  bool last_day = false;          ///< the last day of the month
  std::bitset<12> months;         ///< from 0
  std::bitset<7> weekdays;        ///< from 0, Sunday
  std::bitset<6> weeks_of_month;  ///< from 0
  std::bitset<54> weeks_of_year;
};

/// Errors go to `diagnostics`, at the word that is wrong; nothing is returned then.
std::optional<ScheduleRun> read_run(const Directive& directive, Diagnostics& diagnostics);

}  // namespace shstore::config
