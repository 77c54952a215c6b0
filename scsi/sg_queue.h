// SG_FLAG_Q_AT_TAIL of the kernel's include/scsi/sg.h (Linux 2.6.28 and newer), which the C library's copy lacks.
#pragma once

namespace shstore::scsi {

inline constexpr unsigned kSgQueueAtTail = 0x10;

}  // namespace shstore::scsi
