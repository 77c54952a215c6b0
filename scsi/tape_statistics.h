// What the kernel counts of a tape device, without a command to the drive: st's statistics (Linux 4.2 and newer; Documentation/
// ABI/testing/sysfs-class-scsi_tape, st_do_stats() in drivers/scsi/st.c) and the SCSI layer's errors of that device.
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <optional>
#include <string>
#include <utility>

#include "scsi/attribute_file.h"

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

/// The same of one node again and again: one stat(2), and one pread(2) for each number, while the node leads to the device that it led to.
/// Not thread-safe.
class TapeCounters {
 public:
  explicit TapeCounters(std::string node, std::string sysfs = "/sys")
      : node_(std::move(node)), sysfs_(std::move(sysfs)) {}

  std::optional<TapeStatistics> read();
  /// sysfs_device() of the node when it was read last.
  const std::string& device() const { return device_; }

 private:
  void open(dev_t number);

  std::string node_, sysfs_;
  std::optional<dev_t> number_;
  std::string device_;
  AttributeFile writes_, reads_, others_, in_flight_, errors_;
  std::optional<AttributeFile> position_lost_;  ///< nothing: this kernel does not tell
};

}  // namespace shstore::scsi
