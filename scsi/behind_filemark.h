// How many blocks stand between the last filemark and the place where a tape stands? bacula-sd counts the blocks of each file of a tape
// from its beginning and does so from 0 where it appends (eod() in stored/dev.c), so that there must be none: data that was cut off
// has no filemark behind it. Asked by moving the tape there and back (SPACE, SSC-4 7.10), whoever wrote what is on it.
#pragma once

#include <cstdint>
#include <optional>

#include "scsi/logical_unit.h"
#include "scsi/read_position.h"

namespace shstore::scsi {

struct BehindFilemark {
  /// Nothing: it cannot be told, because the drive does not do that, or does not say where its tape stands. A Volume's label, which
  /// is the first block of a tape, is not counted.
  std::optional<uint64_t> blocks{};
  /// Where it stands afterwards, if that is not where it stood or is not known: nothing may be written then.
  bool back = true;
  std::optional<uint64_t> object{};
};

/// `here`: where the tape stands. Only while nobody else moves or writes it. On a tape that ends with a filemark, as it should, that
/// is the way over that one mark and back. Each of its commands has `kSpaceDeadline`.
BehindFilemark behind_filemark(LogicalUnit& drive, const TapePosition& here);

/// A drive that must turn its tape round needs some seconds; one that must go back over what was cut off, more.
inline constexpr std::chrono::milliseconds kSpaceDeadline{180'000};

}  // namespace shstore::scsi
