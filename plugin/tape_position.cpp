#include "plugin/tape_position.h"

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

}  // namespace shstore::plugin
