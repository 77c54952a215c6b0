#include "reserve/selection/attempt.h"

#include <algorithm>
#include <utility>

#include "reserve/refusal.h"

namespace shstore::reserve {
namespace {

std::string number(uint64_t n) { return std::to_string(n); }

bool holds(const std::vector<std::string>& names, const std::string& name) {
  return std::find(names.begin(), names.end(), name) != names.end();
}

}  // namespace

void Attempt::begin_pass(int number, const PassOptions& options) {
  pass_ = number;
  options_ = options;
}

bool Attempt::want_volume(const std::string& volume) {
  const auto known =
      std::find_if(wish_.volumes.begin(), wish_.volumes.end(), [&](const auto& v) { return v.name == volume; });
  if (known == wish_.volumes.end()) return false;
  known_volume_ = *known;
  volume_ = volume;
  return true;
}

void Attempt::forget_volume() { volume_.clear(); }

Selection Attempt::result() && {
  selection_.lines.assign(queue_.rbegin(), queue_.rend());
  return std::move(selection_);
}

// reserve_device()
Attempt::Result Attempt::reserve(const StorageWish& storage, size_t drive, std::optional<size_t> low_use) {
  const auto& facts = model_.drives[drive];
  const auto impossible = [&](Obstacle obstacle) {
    pass_over(drive, obstacle);
    return Result::impossible;
  };
  if (facts.media_type != storage.media_type) return impossible(Obstacle::media_type);
  if (!facts.exists) return impossible(Obstacle::missing);
  if (!use_.drives[drive].enabled) return impossible(Obstacle::disabled);
  selection_.suitable = true;
  give_back();  // new_dcr() leaves the drive of the try before
  const auto result = wish_.append ? reserve_for_append(storage, drive, low_use) : reserve_for_read(drive);
  if (result == Result::reserved) {
    selection_.drive = drive;
    selection_.volume = volume_;
    note(drive, Obstacle::none, {});
  } else {
    volume_.clear();
  }
  return result;
}

// reserve_device_for_append() and what reserve_device() does about the Volume after it
Attempt::Result Attempt::reserve_for_append(const StorageWish& storage, size_t drive, std::optional<size_t> low_use) {
  const auto& use = use_.drives[drive];
  if (use.reading || (use.reserved != 0 && use.reserved_for_read)) return fail(drive, Obstacle::reading);
  if (use.unmounted) return fail(drive, Obstacle::unmounted);
  if (!may_append(storage, drive, low_use) || !plugin_agrees(drive)) return Result::busy;
  promise(drive);
  return take_volume(storage, drive);
}

// reserve_device_for_read()
Attempt::Result Attempt::reserve_for_read(size_t drive) {
  if (use_.drives[drive].unmounted) return fail(drive, Obstacle::unmounted);
  if (use_.drives[drive].is_busy()) return fail(drive, Obstacle::busy);
  if (!plugin_agrees(drive)) return Result::busy;
  use_.drives[drive].appending = false;
  promise(drive);
  return Result::reserved;
}

bool Attempt::max_jobs_ok(size_t drive) {
  const auto& use = use_.drives[drive];
  const auto limit = model_.drives[drive].max_jobs;
  const auto jobs = use.writers + use.reserved;
  if (limit > 0 && limit <= jobs) return refuse(drive, Obstacle::max_jobs);
  if (known_volume_.recycle) return true;
  if (known_volume_.max_jobs > 0 && known_volume_.max_jobs <= jobs) return refuse(drive, Obstacle::volume_max_jobs);
  return true;
}

// Queues its line even when the drive is given in the end: so does bacula-sd.
bool Attempt::pool_ok(const StorageWish& storage, size_t drive) {
  const auto& use = use_.drives[drive];
  if (use.pool == storage.pool && (use.pool.empty() || use.pool_type == storage.pool_type)) return true;
  pool_line_ = "3608 JobId=" + number(wish_.job) + " wants Pool=\"" + storage.pool + "\" but have Pool=\"" + use.pool +
               "\" nreserve=" + number(use.reserved) + " on " + subject(drive) + '.';
  queue(pool_line_);
  return false;
}

// can_reserve_drive()
bool Attempt::may_append(const StorageWish& storage, size_t drive, std::optional<size_t> low_use) {
  if (!max_jobs_ok(drive)) return false;
  if (!options_.any_drive) {
    if (options_.try_low_use && low_use == drive && pool_ok(storage, drive)) return take_pool(storage, drive);
    if (!preferences_ok(drive)) return false;
  }
  auto& use = use_.drives[drive];
  if (options_.changer_only && !use.is_busy() && use.label.empty() && pool_ok(storage, drive)) {
    return take_pool(storage, drive);
  }
  if (use.writers != 0 || use.reserved != 0) return pool_ok(storage, drive) || refuse(drive, Obstacle::other_pool);
  if (use.appending) {
    if (pool_ok(storage, drive)) return true;
    if (model_.drives[drive].robot) {  // unload_autochanger()
      use.label.clear();
      use.volume.clear();
      use.volume_in_use = use.appending = false;
    }
  }
  return take_pool(storage, drive);
}

bool Attempt::preferences_ok(size_t drive) {
  const auto& use = use_.drives[drive];
  if (!options_.prefer_mounted && use.is_busy()) return refuse(drive, Obstacle::not_free);
  if (options_.prefer_mounted && use.volume.empty() && model_.drives[drive].is_tape()) {
    return refuse(drive, Obstacle::nothing_mounted);
  }
  if (options_.exact_match && !volume_.empty()) {
    if (use.label != volume_ && use.volume != volume_) return refuse(drive, Obstacle::other_volume);
    if (!can_use_volume(drive, volume_)) return refuse(drive, Obstacle::volume_elsewhere);
  }
  return true;
}

// The drive keeps the pool even if the job is refused after this.
bool Attempt::take_pool(const StorageWish& storage, size_t drive) {
  use_.drives[drive].pool = storage.pool;
  use_.drives[drive].pool_type = storage.pool_type;
  return true;
}

// bsdEventDeviceTryOpen
bool Attempt::plugin_agrees(size_t drive) {
  const auto& use = use_.drives[drive];
  if (!use.misconfigured.empty()) return refuse(drive, Obstacle::misconfigured);
  return !use.lock || refuse(drive, Obstacle::lock);
}

Attempt::Result Attempt::take_volume(const StorageWish& storage, size_t drive) {
  if (!volume_.empty())
    return reserve_volume(drive, volume_) ? Result::reserved : fail(drive, Obstacle::drive_keeps_volume);
  if (find_next_volume(drive)) {
    const bool usable = can_use_volume(drive, volume_);
    if (usable && pool_ok(storage, drive)) return Result::reserved;
    give_back();
    if (!usable) return fail(drive, Obstacle::volume_elsewhere);
    note(drive, Obstacle::other_pool, pool_line_);
    return Result::busy;
  }
  const bool kept = std::exchange(must_wait_, false);
  if (found_in_use_ && !options_.prefer_mounted) {
    options_.prefer_mounted = true;
    return fail(drive, kept ? Obstacle::drive_keeps_volume : Obstacle::no_usable_volume);
  }
  if (use_.drives[drive].writers != 0)
    return fail(drive, kept ? Obstacle::drive_keeps_volume : Obstacle::no_usable_volume);
  return Result::reserved;  // the job will ask the operator for a Volume
}

// dir_find_next_appendable_volume()
bool Attempt::find_next_volume(size_t drive) {
  found_in_use_ = false;
  for (const auto& candidate : wish_.volumes) {
    known_volume_ = candidate;
    if (holds(use_.read_volumes, candidate.name) || !can_use_volume(drive, candidate.name)) {
      found_in_use_ = true;
    } else if (reserve_volume(drive, candidate.name)) {
      volume_ = candidate.name;
      return true;
    } else if (must_wait_) {
      return false;
    }
  }
  return false;
}

bool Attempt::can_use_volume(size_t drive, const std::string& volume) const {
  const auto where = drive_with(volume);
  return !where || *where == drive || !use_.drives[*where].is_busy();
}

// reserve_volume() for a job that writes
bool Attempt::reserve_volume(size_t drive, const std::string& volume) {
  if (holds(use_.read_volumes, volume)) return false;
  auto& use = use_.drives[drive];
  if (use.volume != volume) {
    if (!use.volume.empty() && use.volume_in_use && !reserved_volume_) {
      must_wait_ = true;
      return false;
    }
    if (const auto where = drive_with(volume)) {
      auto& other = use_.drives[*where];
      if (other.is_busy() || other.swapping) return false;
      other.volume.clear();
      other.volume_in_use = false;
      use.swapping = true;
    }
    use.volume = volume;
  }
  use.volume_in_use = true;
  reserved_volume_ = true;
  return true;
}

std::optional<size_t> Attempt::drive_with(const std::string& volume) const {
  for (size_t i = 0; i < use_.drives.size(); ++i) {
    if (use_.drives[i].volume == volume) return i;
  }
  return std::nullopt;
}

void Attempt::promise(size_t drive) {
  ++use_.drives[drive].reserved;
  use_.drives[drive].reserved_for_read = !wish_.append;
  promised_ = drive;
}

// DCR::unreserve_device() and volume_unused()
void Attempt::give_back() {
  if (!promised_) return;
  auto& use = use_.drives[*promised_];
  const auto& facts = model_.drives[*promised_];
  promised_.reset();
  reserved_volume_ = false;
  if (--use.reserved != 0 || use.writers != 0) return;
  use.volume_in_use = false;
  if (!use.swapping && !facts.is_tape() && !facts.autochanger) use.volume.clear();
}

void Attempt::note(size_t drive, Obstacle obstacle, const std::string& line) {
  selection_.tries.push_back({pass_, drive, obstacle, line});
}

// queue_reserve_message(): one line for each code, the first of them.
void Attempt::queue(const std::string& line) {
  const auto same_code = [&](const std::string& l) { return l.compare(0, 4, line, 0, 4) == 0; };
  if (std::none_of(queue_.begin(), queue_.end(), same_code)) queue_.push_back(line);
}

bool Attempt::refuse(size_t drive, Obstacle obstacle) {
  const auto line = obstacle == Obstacle::other_pool ? pool_line_ : line_of(drive, obstacle);
  if (!line.empty()) queue(line);
  note(drive, obstacle, line);
  return false;
}

Attempt::Result Attempt::fail(size_t drive, Obstacle obstacle) {
  refuse(drive, obstacle);
  return Result::busy;
}

std::string Attempt::subject(size_t drive) const {
  return model_.drives[drive].type + " device " + model_.drives[drive].display();
}

// The texts of stored/reserve.c, and the plugin's.
std::string Attempt::line_of(size_t drive, Obstacle obstacle) const {
  const auto& use = use_.drives[drive];
  const auto& facts = model_.drives[drive];
  const auto job = " JobId=" + number(wish_.job) + ' ';
  const auto device = subject(drive);
  switch (obstacle) {
    case Obstacle::unmounted:
      return (wish_.append ? "3604" : "3601") + job + device + " is BLOCKED due to user unmount.";
    case Obstacle::busy:
      return "3602" + job + device + " is busy (already reading/writing). read=" + (use.reading ? "1" : "0") +
             ", writers=" + number(use.writers) + " reserved=" + number(use.reserved);
    case Obstacle::reading: return "3603" + job + device + " is busy reading.";
    case Obstacle::not_free: return "3605" + job + "wants free drive but " + device + " is busy.";
    case Obstacle::nothing_mounted: return "3606" + job + "prefers mounted drives, but " + device + " has no Volume.";
    case Obstacle::other_volume:
      return "3607" + job + "wants Vol=\"" + volume_ + "\" drive has Vol=\"" + use.label + "\" on " + device + '.';
    case Obstacle::max_jobs:
      return "3609" + job + "Max concurrent jobs=" + number(facts.max_jobs) + " exceeded on " + device + '.';
    case Obstacle::volume_max_jobs:
      return "3611" + job + "Volume max jobs=" + number(known_volume_.max_jobs) + " exceeded on " + device + '.';
    case Obstacle::lock: return refusal_text(wish_.job, facts.display(), *use.lock);
    case Obstacle::misconfigured: return misconfigured_text(wish_.job, facts.display(), use.misconfigured);
    default: return {};
  }
}

}  // namespace shstore::reserve
