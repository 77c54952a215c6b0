// Persistent reservations of one logical unit: the rules of SPC-4 5.13 and 6.16 as a function from state to state.
// No I/O, no clock, no memory of its own.
//
// What is left out, and answered as SPC-4 tells a device server to that does not have it: REGISTER AND MOVE,
// SPEC_I_PT, ALL_TG_PT, and APTPL. The last because shstore-target keeps nothing on disk: a target that is started
// anew is a drive that was powered on, so it must not promise more (PTPL_C is 0).
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "scsi/persistent_reserve.h"
#include "scsi/sense.h"

namespace shstore::scsi::target {

/// Which I_T nexus of the logical unit: an index into the list that the unit was made with.
using NexusId = size_t;

/// A registration belongs to the nexus, not to the key: two nexuses may use one key.
struct Registrant {
  NexusId nexus = 0;
  ReservationKey key;
  friend bool operator==(const Registrant&, const Registrant&) = default;
};

struct HeldReservation {
  NexusId holder = 0;  ///< says nothing for the all-registrants types: there every registrant holds
  PrType type = PrType::exclusive_access;
  friend bool operator==(const HeldReservation&, const HeldReservation&) = default;
};

struct ReservationState {
  uint32_t generation = 0;              ///< PRGENERATION
  std::vector<Registrant> registrants;  ///< in the order of registration; a nexus is there at most once
  std::optional<HeldReservation> reservation;

  /// The nexus's registration; nullptr if it has none. Valid until the state changes.
  const Registrant* registrant(NexusId nexus) const;
  bool is_holder(NexusId nexus) const;
  /// What READ RESERVATION shows: the key is 0 for the all-registrants types (SPC-4 6.15.3.2).
  std::optional<Reservation> shown_reservation() const;
  friend bool operator==(const ReservationState&, const ReservationState&) = default;
};

/// A unit attention condition to establish.
struct Attention {
  NexusId nexus = 0;
  uint16_t asc_ascq = 0;
  friend bool operator==(const Attention&, const Attention&) = default;
};

struct PrOutResult {
  Status status = Status::good;
  uint16_t asc_ascq = 0;   ///< with CHECK CONDITION; the sense key is always ILLEGAL REQUEST
  ReservationState state;  ///< as it was, unless the status is GOOD
  std::vector<Attention> attentions;
};

/// PERSISTENT RESERVE OUT from `nexus`. `data` is the parameter list as received.
PrOutResult persistent_reserve_out(const ReservationState& state, NexusId nexus, const PrOutCommand& command,
                                   ByteView data);

/// What REPORT CAPABILITIES says about the above.
Capabilities capabilities();

}  // namespace shstore::scsi::target
