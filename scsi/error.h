// What a SCSI operation reports when it could not be done, as a value.
#pragma once

#include <string>
#include <string_view>
#include <tl/expected.hpp>

namespace shstore::scsi {

struct Error {
  enum class Kind {
    usage,         ///< the caller's argument makes no sense
    config,        ///< storage-ctl.conf cannot be read or understood
    device,        ///< the device cannot be opened, does not answer in time, or reports a failure
    protocol,      ///< the device answered with bytes that contradict SPC-4
    unsupported,   ///< the device knows no persistent reservations (or not this part of them)
    refused,       ///< the lock rules forbid it: duplicate key, lock lost, not ours
    spc2_reserve,  ///< another host holds the drive by the old SPC-2 RESERVE command
    timeout,       ///< waited as long as was allowed
    interrupted,   ///< a signal asked us to end; what was asked for was not sent, or only reads
  };
  Kind kind = Kind::device;
  /// For the administrator: what was being done, to which device, what happened, what to do next.
  std::string message;
};

template <class T>
using Result = tl::expected<T, Error>;

/// Messages quote devices, files and other hosts: what must not reach a terminal is replaced (scsi/base/printable.h), line
/// ends too.
tl::unexpected<Error> fail(Error::Kind kind, std::string_view message);

/// "No such file or directory" for ENOENT; thread-safe.
std::string errno_text(int error);

}  // namespace shstore::scsi
