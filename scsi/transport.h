// The seam between what we say to a SCSI device and how it gets there.
//
// Two implementations: the kernel's SG_IO (sg_transport.cpp) for a character device, and a Unix socket to
// shstore-target (socket_transport.cpp). open_transport() chooses by what the path is.
#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <string>

#include "scsi/bytes.h"
#include "scsi/error.h"
#include "scsi/sense.h"

namespace shstore::scsi {

/// How long one command may take. Persistent reservation commands touch no medium and answer in milliseconds;
/// a drive that needs longer than this is in trouble.
inline constexpr std::chrono::milliseconds kCommandDeadline{5000};

struct Command {
  Bytes cdb;
  Bytes data_out;               ///< empty: nothing is sent
  uint32_t data_in_length = 0;  ///< room for the answer in bytes; not together with data_out
  std::chrono::milliseconds deadline = kCommandDeadline;
};

struct Reply {
  Status status = Status::good;
  Bytes sense;    ///< raw, as the device sent it; empty if none
  Bytes data_in;  ///< what was really received: the residual is already subtracted
};

/// One open device. Not thread-safe: one thread at a time.
class Transport {
 public:
  virtual ~Transport() = default;
  Transport() = default;
  Transport(const Transport&) = delete;
  Transport& operator=(const Transport&) = delete;

  /// Sends one command and waits for its answer, at most about `deadline`. Any SCSI status is an answer, not an
  /// error: RESERVATION CONFLICT and CHECK CONDITION come back in Reply. An Error means that there was no answer:
  /// kind timeout if the deadline passed, kind device otherwise. Nothing is retried here, and no signal that can be
  /// blocked ends the wait: what the device does would go on without us.
  virtual Result<Reply> execute(const Command& command) = 0;

  /// The path as given, for messages.
  virtual const std::string& path() const = 0;
};

/// Opens a control device: a character device (read-write, as PERSISTENT RESERVE needs) or a socket of
/// shstore-target. Anything else is refused with a message that says what the path is.
Result<std::unique_ptr<Transport>> open_transport(const std::string& path);

/// The two implementations; use open_transport() unless the kind is known.
Result<std::unique_ptr<Transport>> open_sg_transport(const std::string& path);
Result<std::unique_ptr<Transport>> open_socket_transport(const std::string& path);

/// Puts a command without data before all that waits for the device, `times` times, and does not wait for it: its answers are
/// nobody's. Only for a generic SCSI node (/dev/sg0).
Result<void> put_first(const std::string& path, const Command& command, int times);

}  // namespace shstore::scsi
