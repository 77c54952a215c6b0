// What the kernel counts of a tape device, without a command to the drive: st's statistics (Linux 4.2 and newer; Documentation/
// ABI/testing/sysfs-class-scsi_tape, st_do_stats() in drivers/scsi/st.c) and the SCSI layer's errors of that device.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

namespace shstore::scsi {

struct TapeStatistics {
  uint64_t writes = 0;  ///< WRITE(6) that have ended, refused ones too
  uint64_t reads = 0;   ///< READ(6), likewise
  uint64_t others = 0;  ///< all else that st sent: filemarks, positioning, ...
  bool in_flight = false;
  /// Commands of anybody on this host that ended with anything but GOOD (ioerr_cnt): so many of the writes may be refused ones.
  uint64_t errors = 0;
  /// st refuses to write, because the drive was reset and the position is lost, until a rewind (Linux 7.3 and newer; before it the
  /// kernel does not tell).
  std::optional<bool> position_lost{};
  friend bool operator==(const TapeStatistics&, const TapeStatistics&) = default;
};

/// Of the device behind a node (/dev/nst0); nothing: it is no tape device of st's, or the kernel counts nothing. Each number is read
/// by itself: a command that ends meanwhile is in some of them. `sysfs` is "/sys" but in tests.
std::optional<TapeStatistics> read_tape_statistics(const std::string& node, const std::string& sysfs = "/sys");

}  // namespace shstore::scsi
