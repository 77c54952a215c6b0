#include "plugin/position_proof.h"

#include <fmt/format.h>

#include <chrono>
#include <thread>
#include <utility>

#include "scsi/append_guard.h"
#include "scsi/behind_filemark.h"

namespace shstore::plugin {

// Only while the daemon appends: a tape that is read may stand anywhere.
void PositionProof::guard(const DeviceWorld& world, const std::string& device) {
  const auto now = statistics_();
  if (guarded_ || !now || !now->in_flight || !position_.appends(*now)) return;
  guarded_ = true;
  (void)scsi::put_end_of_data_first(world.generic(device));  // if it cannot, the job fails all the same
}

// While st waits for anything but a write the drive may be winding a tape, and would let us wait as well.
std::optional<scsi::TapeStatistics> PositionProof::counted_at_rest() const {
  constexpr int kLooks = 10;
  constexpr std::chrono::milliseconds kPause{5};
  const auto first = statistics_();
  auto now = first;
  for (int i = 0; i < kLooks && now && now->in_flight && now->writes == first->writes; ++i) {
    std::this_thread::sleep_for(kPause);
    now = statistics_();
  }
  return now && now->in_flight && now->writes == first->writes ? std::nullopt : now;
}

// From Linux 7.3 on st says so once it has had a command answered, whoever was told of the reset. What was so before the device was
// opened ends with bacula-sd's first rewind.
void PositionProof::see_lost(const scsi::TapeStatistics& now) {
  if (now.position_lost && *now.position_lost && position_lost_ == false) lost_ = true;
  position_lost_ = now.position_lost;
}

void PositionProof::opens_volume(const std::string& volume, bool appends) {
  const std::lock_guard lock(volume_mutex_);
  next_volume_ = volume;
  appending_to_ = appends ? std::optional(volume) : std::nullopt;
}

bool PositionProof::may_stop_waiting() {
  const std::lock_guard lock(volume_mutex_);
  appending_to_.reset();
  return !moving_;
}

std::optional<std::string> PositionProof::begin_to_move() {
  const std::lock_guard lock(volume_mutex_);
  moving_ = appending_to_.has_value();
  return std::exchange(appending_to_, std::nullopt);
}

void PositionProof::end_to_move() {
  const std::lock_guard lock(volume_mutex_);
  moving_ = false;
}

// Whoever wrote what is on the tape, and whatever this daemon knows of it. Where it stands is asked anew: bacula-sd may have been winding
// it when this look began. The job is let go on to its first block: of a device that is refused now bacula-sd forgets that it is open.
void PositionProof::look_behind(scsi::LogicalUnit& unit, reserve::LockReading& reading) {
  struct Moving {
    PositionProof& proof;
    const std::optional<std::string> volume = proof.begin_to_move();
    ~Moving() { proof.end_to_move(); }  // whatever comes of it, or the job would wait for ever
  };
  const Moving moving{*this};
  if (!moving.volume) return;
  const auto here = scsi::read_position(unit, long_form_);
  const auto counted = statistics_();
  if (!here || !here->object || !counted) return;
  const auto found = scsi::behind_filemark(unit, *here);
  if (!found.back) {
    reading.moved = fmt::format("block {} expected, {} found", *here->object,
                                found.object ? std::to_string(*found.object) : std::string("an unknown place"));
  } else if (found.blocks.value_or(0) != 0) {
    volume_ends_.follows_cut_off(*moving.volume, {here->file.value_or(0), *here->object}, *counted);
  }
  if (found.back) position_.begins_to_append(*here->object, *counted);
}

// Before the counters are read: a look that began before bacula-sd had read the last of the label does not know it.
void PositionProof::hear_of_volume() {
  const std::lock_guard lock(volume_mutex_);
  if (!next_volume_) return;
  opening_volume_ = std::exchange(next_volume_, std::nullopt);
  position_.may_go_anywhere();
}

// Where something was read since the last look it may be another Volume by now: bacula-sd reads its label.
void PositionProof::see_volume(const scsi::TapePosition& position, const scsi::TapeStatistics& counted) {
  if (position_.begins()) volume_ends_.forget(counted);
  if (const auto opened = std::exchange(opening_volume_, std::nullopt)) volume_ends_.opens(*opened);
  if (position.file) volume_ends_.see({*position.file, *position.object}, counted, position_.wrote());
}

void PositionProof::device_is_closed() {
  position_.forget();
  volume_ends_.closed(statistics_());
  opening_volume_.reset();
  position_lost_.reset();
}

void PositionProof::see(scsi::LogicalUnit& unit, const std::function<bool()>& device_open,
                        reserve::LockReading& reading) {
  if (!statistics_) return;
  hear_of_volume();
  // Also of a device that was closed in order, at the end of a job.
  const auto first = statistics_();
  if (first) reading.cut_off = volume_ends_.cut_off(first->writes);
  if (!device_open()) {
    device_is_closed();
    if (first) volume_ends_.may_change(*first);
    return;
  }
  if (const auto now = statistics_()) see_lost(*now);
  const auto before = counted_at_rest();
  if (!before || tells_nothing_) return;
  const auto position = scsi::read_position(unit, long_form_);
  const auto after = statistics_();
  if (!position && position.error().kind == scsi::Error::Kind::unsupported) tells_nothing_ = true;
  if (!position || !position->object || !after) return;
  const auto moved = position_.see({*position->object, *before, *after});
  see_volume(*position, *before);
  if (position->file && position_.block_by_block())
    volume_ends_.see_changed({*position->file, *position->object}, *after);
  if (moved)
    reading.moved = fmt::format("at least block {} expected, {} found", moved->at_least, moved->found);
  else
    look_behind(unit, reading);
}

}  // namespace shstore::plugin
