// How shstore-changer ends, and why it failed.
#pragma once

#include <string>
#include <tl/expected.hpp>

#include "scsi/error.h"

namespace shstore::changer {

/// Exit statuses: stable, scripts rely on them. bacula-sd knows only zero and the rest. 1 is what mtx, and so mtx-changer,
/// fails with; 24 and 75 are storage-ctl's.
enum class ExitStatus : int {
  done = 0,
  library = 1,   ///< the library's state forbids it (slot empty, drive full, ...), or the arguments make no sense
  config = 2,    ///< bacula-sd.conf, storage-ctl.conf or shstore-changer.conf cannot be understood
  device = 3,    ///< a device cannot be opened, does not answer, or failed
  refused = 4,   ///< the guard: the drive is not the one that bacula-sd.conf means, or nobody can tell who has it
  locked = 24,   ///< another host holds the drive, or reserved the robot in a way that lets nobody move
  timeout = 75,  ///< waited in vain for the robot or for the drive to become ready
};

struct Failure {
  ExitStatus status = ExitStatus::device;
  std::string message;  ///< what is wrong, where, and what to do
};

template <class T>
using Outcome = tl::expected<T, Failure>;

inline tl::unexpected<Failure> fail(ExitStatus status, std::string message) {
  return tl::make_unexpected(Failure{status, std::move(message)});
}

/// The status that belongs to the error's kind.
Failure to_failure(const scsi::Error& error);

}  // namespace shstore::changer
