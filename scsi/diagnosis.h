// Whose lock is on a drive, in one sentence with the next action. No I/O.
#pragma once

#include <optional>
#include <string>

#include "scsi/drive_lock.h"
#include "scsi/local_ports.h"

namespace shstore::scsi {

struct Diagnosis {
  enum class Case {
    free,
    ours,
    ours_by_other_port,  ///< this host's key, on another port of this host
    duplicate_key,       ///< this host's key, on a port that is not this host's
    other_sd,            ///< a key such as ours: another Storage Daemon
    other_product,       ///< a key or a type that no Storage Daemon uses
    spc2_reserve,        ///< the old RESERVE command: no key can be seen
    unsupported,         ///< the device knows no persistent reservations
    unknown,             ///< it could not be asked
  };
  Case kind = Case::unknown;
  std::string text;
};

/// "free", "ours", "other-sd", ...: stable words for scripts.
std::string word(Diagnosis::Case kind);

/// `own`: this host's key, 0 if it is not known. `status` where the drive has READ FULL STATUS.
Diagnosis diagnose(const std::string& device, const LockState& state, const std::optional<FullStatus>& status,
                   ReservationKey own, const LocalPorts& ports);
/// What READ KEYS and READ FULL STATUS contradict each other in; empty: nothing, or the two were not read of one generation.
std::string compare_lists(const LockState& state, const FullStatus& status);

/// The drive could not be asked, or answered so.
Diagnosis diagnose(const std::string& device, const Error& error);

}  // namespace shstore::scsi
