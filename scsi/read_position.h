// READ POSITION of a tape drive (SSC-4 7.7; SSC-5 says the same): where the tape stands. The codec has no I/O.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>

#include "scsi/bytes.h"
#include "scsi/logical_unit.h"

namespace shstore::scsi {

inline constexpr uint8_t kReadPosition = 0x34;

/// Where the next command of the host will read or write. What still waits in the drive's buffer counts as written.
struct TapePosition {
  bool beginning = false;  ///< BOP: at the beginning of the partition
  bool end = false;        ///< EOP: between early warning and the end of the partition
  uint32_t partition = 0;
  std::optional<uint64_t>
      object{};  ///< blocks and filemarks before it; nothing: the drive does not know, or not in this form
  std::optional<uint64_t> file{};  ///< filemarks before it; the long form has it
  friend bool operator==(const TapePosition&, const TapePosition&) = default;
};

enum class PositionForm : uint8_t {
  of_blocks = 0x00,  ///< SHORT FORM -- BLOCK ID: 20 bytes, object numbers of 32 bits
  long_form = 0x06,  ///< LONG FORM: 32 bytes, 64 bits
};

uint32_t length_of(PositionForm form);
Bytes cdb_read_position(PositionForm form);
/// For the device server. `cdb` has at least 2 bytes. 01h, the vendor's own short form, counts as the short one.
std::optional<PositionForm> decode_cdb_read_position(ByteView cdb);

/// An error of kind protocol if bytes are missing.
Result<TapePosition> decode_read_position(PositionForm form, ByteView data);
/// An object number that has no room in the short form is shown as not known (BPU).
Bytes encode_read_position(PositionForm form, const TapePosition& position);

/// While a tape is wound the drive answers when it is there. A command that the kernel gives up is aborted, which can end in a reset.
inline constexpr std::chrono::milliseconds kPositionDeadline{180'000};

/// Asks the drive: the short form, which every drive has, and where its numbers end the long one. Under another host's lock an
/// error of kind refused; of kind unsupported: this drive does not know the command.
Result<TapePosition> read_position(LogicalUnit& drive);
/// The same with the file, where the drive has the long form. `long_form` is false afterwards where it has not: it is not asked in vain
/// again.
Result<TapePosition> read_position(LogicalUnit& drive, bool& long_form);

}  // namespace shstore::scsi
