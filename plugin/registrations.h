// Who is registered on a drive and who holds it, in one command where that is enough.
//
// READ RESERVATION has the holder and PRGENERATION, which counts every registration, CLEAR and PREEMPT (SPC-4 5.13.2). While both are as
// they were, so are the keys. Except where unregistering is not counted (Linux's own target), so there, and where nobody knows, the
// keys are read again every five seconds. On a drive that is free they are read each time: somebody may be let go first for them.
#pragma once

#include <chrono>
#include <optional>

#include "scsi/drive_lock.h"

namespace shstore::plugin {

/// Not thread-safe.
class Registrations {
 public:
  using Instant = std::chrono::steady_clock::time_point;
  static constexpr std::chrono::seconds kUncounted{5};

  /// As the drive says now. `counts_unregistering`: it was seen to.
  scsi::Result<scsi::LockState> read(scsi::LogicalUnit& unit, bool counts_unregistering, Instant now);
  /// By the last read() the holder had registered its key anew since the one before, and nobody had come or gone.
  bool registered_anew() const { return anew_; }
  /// Something was done to the drive, or reported by it: the next read() asks for everything.
  void forget() { seen_.reset(); }
  /// Its READ FULL STATUS has shown our own lock as it was, so that it is believed where both other commands would have to be sent.
  void status_is_right() { status_is_right_ = true; }

 private:
  struct Seen {
    uint32_t generation = 0;  ///< of READ KEYS
    std::vector<scsi::ReservationKey> keys{};
    std::optional<scsi::Reservation> reservation{};
    Instant at{};
  };
  bool still_so(const scsi::ReadReservation& now, bool counts_unregistering, Instant at) const;
  scsi::Result<std::optional<scsi::LockState>> by_status(scsi::LogicalUnit& unit) const;
  tl::unexpected<scsi::Error> failed(const scsi::Error& error);
  scsi::LockState keep(scsi::LockState state, uint32_t generation_of_keys, Instant now);

  std::optional<Seen> seen_;
  bool status_is_right_ = false;
  bool anew_ = false;
};

}  // namespace shstore::plugin
