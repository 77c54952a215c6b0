#include "plugin/tape_position.h"

namespace shstore::plugin {
namespace {

// At the end of a medium bacula-sd goes back over one or two filemarks and a block, which it reads then (re_read_last_block(),
// stored/block_util.c).
constexpr uint64_t kMayGoBack = 8;

}  // namespace

void PositionKeeper::begin_anew() {
  const bool block_by_block = block_by_block_;
  *this = {};
  block_by_block_ = block_by_block;
}

void PositionKeeper::begins_to_append(uint64_t object, const scsi::TapeStatistics& counted) {
  begin_anew();
  last_ = PositionSample{object, counted, counted};
  appends_ = from_its_end_ = true;
}

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
    begin_anew();
    last_ = sample;
    begins_ = true;
    return std::nullopt;
  }
  const auto expected = least(sample);
  if (sample.object >= expected) {
    appends_ = appends_ || sample.before.writes > last_->after.writes;
    wrote_ = sample.after.others == last_->before.others && sample.object > last_->object;
    if (wrote_) block_by_block_ = sample.object - last_->object <= sample.after.writes - last_->before.writes;
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
  const bool no_rewind = from_its_end_ && sample.object > 0 && sample.object + kMayGoBack < expected;
  if (only_wrote || wrote_there || no_rewind) return Moved{expected, sample.object};
  if (!writes_when_low_) writes_when_low_ = sample.after.writes;
  return std::nullopt;
}

}  // namespace shstore::plugin
