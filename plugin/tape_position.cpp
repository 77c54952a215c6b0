#include "plugin/tape_position.h"

#include <fmt/format.h>

#include <utility>

namespace shstore::plugin {

// Writes that ended between the samples were made between them, but for one that was on its way at the first.
uint64_t PositionKeeper::least(const PositionSample& sample) const {
  const auto& from = *last_;
  const bool one_on_its_way = from.before.in_flight || from.after.in_flight || from.before.writes != from.after.writes;
  const uint64_t written = sample.before.writes - from.after.writes;
  const uint64_t refused = sample.after.errors - from.before.errors + (one_on_its_way ? 1 : 0);
  return from.object + (written > refused ? written - refused : 0);
}

std::optional<Moved> PositionKeeper::see(const PositionSample& sample) {
  wrote_ = begins_ = false;
  const bool same_counters =
      last_ && sample.before.writes >= last_->after.writes && sample.after.errors >= last_->before.errors;
  if (!same_counters || sample.after.reads != last_->before.reads) {
    *this = {};
    last_ = sample;
    begins_ = true;
    return std::nullopt;
  }
  const auto expected = least(sample);
  if (sample.object >= expected) {
    appends_ = appends_ || sample.before.writes > last_->after.writes;
    wrote_ = sample.after.others == last_->before.others && sample.object > last_->object;
    last_ = sample;
    writes_when_low_.reset();
    return std::nullopt;
  }
  if (!appends_) {
    last_ = sample;
    return std::nullopt;
  }
  const bool only_wrote = sample.after.others == last_->before.others;
  const bool wrote_there = writes_when_low_ && sample.before.writes > *writes_when_low_;
  if (only_wrote || wrote_there) return Moved{expected, sample.object};
  if (!writes_when_low_) writes_when_low_ = sample.after.writes;
  return std::nullopt;
}

void VolumeEnds::opens(const std::string& volume) {
  if (volume == volume_ && begin_) return;  // one more job joins
  forget();
  volume_ = volume;
  fresh_ = true;
}

void VolumeEnds::forget() {
  volume_.clear();
  begin_.reset();
  suspect_ = fresh_ = false;
}

void VolumeEnds::see(const TapePlace& place, uint64_t writes, bool wrote) {
  if (std::exchange(fresh_, false)) {
    begin_ = place;
    writes_ = writes;
    const auto before = ends_.find(volume_);
    suspect_ = before != ends_.end() && place.file == before->second.file && place.object >= before->second.object;
    return;
  }
  if (!volume_.empty() && begin_ && wrote && !suspect_) ends_[volume_] = place;
}

std::string VolumeEnds::cut_off(uint64_t writes) const {
  if (!suspect_ || writes <= writes_) return {};
  return fmt::format("the data on Volume \"{}\" before block {} was cut off, and is not ended by a filemark", volume_,
                     begin_->object);
}

}  // namespace shstore::plugin
