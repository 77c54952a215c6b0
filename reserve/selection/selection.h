// Which drive a job gets, or why each is refused: the rules of bacula-sd 9.6 to 15, without a daemon.
//
// Followed step by step from stored/reserve.c: use_device_cmd (the passes), find_suitable_device_for_job (the
// Volume list first, then the configuration), search_res_for_device, reserve_device,
// reserve_device_for_append and _for_read, is_max_jobs_ok, can_reserve_drive, is_pool_ok; stored/vol_mgr.c:
// can_i_use_volume, reserve_volume; stored/askdir.c: dir_find_next_appendable_volume. Also followed: what a
// refused try leaves behind for the next one, because later refusals name it (a drive keeps the pool of a job
// that was refused after the pool had been checked).
//
// For shstore-status, which explains and foretells. The plugin has no use for it: bacula-sd comes to
// DeviceTryOpen only after all these rules have let the job have the drive, so whoever waits for a lock could
// use that drive when it asked last; and what a look ahead would need, Pools, Volumes and counts, is not told
// to plugins.
//
// Not followed: a limit by Maximum Volume Size on File devices (allow_maxbytes_concurrency), and a Storage
// whose list of devices names one device twice. Pure; the same input gives the same answer.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "reserve/selection/sd_model.h"

namespace shstore::reserve {

/// Why a try ended without a drive. Those up to `no_code` print nothing in bacula-sd, the others queue a 36xx
/// line.
enum class Obstacle {
  none,
  read_only,        ///< a job that writes passes over it
  not_auto_select,  ///< Auto Select = no: only a Storage that names the drive itself gets it
  media_type,
  missing,  ///< bacula-sd could not set up the device
  disabled,
  volume_elsewhere,    ///< the Volume is in another drive that is busy
  no_usable_volume,    ///< every Volume that the Director offers is in use, or none is left for a drive with
                       ///< writers
  drive_keeps_volume,  ///< another job has reserved the Volume in this drive
  unmounted,           ///< 3601 (read), 3604 (append)
  busy,                ///< 3602: a job that reads needs the drive for itself
  reading,             ///< 3603
  not_free,            ///< 3605: a preference
  nothing_mounted,     ///< 3606: a preference
  other_volume,        ///< 3607: a preference
  other_pool,          ///< 3608
  max_jobs,            ///< 3609
  volume_max_jobs,     ///< 3611
  lock,                ///< 3612, 3613: the plugin
  misconfigured,       ///< 3614: the plugin
};

/// A preference keeps a job from a drive in some passes only; the last pass knows none.
bool is_preference(Obstacle obstacle);

/// One drive looked at in one pass.
struct Try {
  int pass = 0;  ///< 1 to 7: Prefer Mounted Volumes = yes, 8 to 13: no (store_opts in reserve.c)
  size_t drive = 0;
  Obstacle obstacle = Obstacle::none;  ///< none: the job has the drive
  std::string line;                    ///< "3608 JobId=2 wants Pool=..."; empty if bacula-sd is silent about it
};

struct Selection {
  std::optional<size_t> drive;
  std::string volume;      ///< the Volume reserved with it; empty: the job will ask for one (or it reads)
  bool suitable = false;   ///< some drive fits in principle. If not, the job fails instead of waiting for ever
  std::vector<Try> tries;  ///< in Bacula's order
  /// What `status storage` shows under "Jobs waiting to reserve a drive:", without the indent: the first line
  /// of each code, newest first (queue_reserve_message, send_drive_reserve_messages). Also filled when a
  /// drive was found in the end.
  std::vector<std::string> lines;
};

/// `use.drives` must be as long as `model.drives`.
Selection select(const SdModel& model, const SdUse& use, const JobWish& wish);

/// One drive's part in a selection.
struct Verdict {
  size_t drive = 0;
  Try decisive;             ///< the obstacle that counts: the last that was no preference, else the last
  std::vector<Try> others;  ///< the other obstacles met, each once
};

/// One for each drive that was looked at, in the order of the model.
std::vector<Verdict> verdicts(const Selection& selection);

/// In plain words: why, and what an administrator can do. Two sentences without their full stops.
struct Explanation {
  std::string why, what_to_do;
};
Explanation explain(const Try& looked_at, const SdModel& model, const SdUse& use, const JobWish& wish);

}  // namespace shstore::reserve
