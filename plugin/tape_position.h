// Does the tape stand where it can stand, by what was written since it was looked at last? A pure judgement over what the drive
// says (READ POSITION) and what the kernel has counted (scsi/tape_statistics.h).
#pragma once

#include <optional>

#include "scsi/tape_statistics.h"

namespace shstore::plugin {

/// READ POSITION between two readings of the counters: writes go on meanwhile.
struct PositionSample {
  uint64_t object = 0;  ///< blocks and filemarks before the tape's head
  scsi::TapeStatistics before{}, after{};
};

/// A tape that is not where it must be.
struct Moved {
  uint64_t at_least = 0;
  uint64_t found = 0;
  friend bool operator==(const Moved&, const Moved&) = default;
};

/// One open of one device. Only while the daemon appends can it be told where the tape must be: it has written, and read nothing
/// since. bacula-sd never goes back on a tape and writes there without reading first (the label, or the last block), except to
/// close the device. So a position that is too low after st sent anything but writes counts only once writing went on there, or where
/// it can be no rewind (begins_to_append()).
/// Bounds, not equality: a write may be refused (TapeStatistics::errors), one in flight may be on the tape and not yet counted, and
/// a write may be several blocks.
class PositionKeeper {
 public:
  /// The device was closed, or is another.
  void forget() { begin_anew(); }
  /// A job begins to append from there: bacula-sd has read what it had to read, and stands at the end of the data. Until it reads, or
  /// some other job begins there, it goes back over its last block at most, or to the tape's beginning.
  void begins_to_append(uint64_t object, const scsi::TapeStatistics& counted);
  /// Some job begins there that need not: it may go anywhere without reading first.
  void may_go_anywhere() { from_its_end_ = false; }
  /// By these counters the daemon has written since the tape was looked at, and read nothing.
  bool appends(const scsi::TapeStatistics& now) const {
    return last_ && now.reads == last_->before.reads && (appends_ || now.writes > last_->after.writes);
  }
  /// Since the sample before the last one blocks were written, and nothing else was done.
  bool wrote() const { return wrote_; }
  /// When it wrote last, each write was one block: the drive is not in fixed-block mode, where it may be several.
  bool block_by_block() const { return block_by_block_; }
  /// The last sample was the first of a device, or of one of which something was read since the one before.
  bool begins() const { return begins_; }
  /// Nothing: it fits, or cannot be told.
  std::optional<Moved> see(const PositionSample& sample);

 private:
  uint64_t least(const PositionSample& sample) const;
  void begin_anew();

  std::optional<PositionSample> last_{};
  bool wrote_ = false, begins_ = false;
  bool appends_ = false;  ///< between the last two samples it wrote, and nothing else was done to go back
  bool block_by_block_ = false;
  bool from_its_end_ = false;  ///< as begins_to_append() has it
  std::optional<uint64_t>
      writes_when_low_{};  ///< the position was too low, and st had sent something else: how many writes by then
};

}  // namespace shstore::plugin
