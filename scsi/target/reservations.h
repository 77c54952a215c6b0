// Persistent reservations of one logical unit: the rules of SPC-4 5.13 and 6.16 as a function from state to state.
// No I/O, no clock, no memory of its own.
//
// REGISTER AND MOVE (6.16.4), SPEC_I_PT, ALL_TG_PT and APTPL (6.16.3) are there for a device server that has them, see
// ReservationOptions; without, they are answered as SPC-4 tells one to that does not have them.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "scsi/persistent_reserve.h"
#include "scsi/sense.h"

namespace shstore::scsi::target {

/// Which I_T nexus of the logical unit: an index into the list that the unit was made with.
using NexusId = size_t;

/// One initiator port as it sees the logical unit through one target port.
struct Nexus {
  TransportId initiator;
  uint16_t relative_target_port = 1;
};

/// What drives are unlike in. Each is off unless somebody says otherwise.
struct ReservationOptions {
  /// REGISTER AND MOVE (SPC-4 5.13.8, 6.16.4). REPORT CAPABILITIES has no bit for it; off: 5/24/00.
  bool register_and_move = false;
  /// ATP_C: a registration with ALL_TG_PT is one for each target port through which this initiator port sees the unit, as
  /// if it had come through each; if one of them would be refused, none is made. Off: 5/26/00 (SPC-4 6.16.3).
  bool all_target_ports = false;
  /// SIP_C: REGISTER with SPEC_I_PT registers the initiator ports that it lists, too: those that see the unit through the
  /// same target port (with ALL_TG_PT: through any) and are not registered. Only of a nexus that is not registered itself, with a
  /// key: else 5/24/00 (SPC-4 5.13.7, table of REGISTER's behaviours). A port that is none of this unit's: 5/26/00. Off: 5/26/00.
  bool specify_initiator_ports = false;
  /// PTPL_C: the APTPL of the registering command that came last says whether registrations and reservation outlive a
  /// loss of power (SPC-4 5.13.5); PTPL_A shows it. Off: 5/26/00.
  bool persist_through_power_loss = false;
  friend bool operator==(const ReservationOptions&, const ReservationOptions&) = default;
};

/// The logical unit that the rules are applied to. NexusId counts `nexuses`; where a TransportID is to be found there.
struct ReservationUnit {
  ReservationOptions options{};
  std::vector<Nexus> nexuses{};
};

/// A registration belongs to the nexus, not to the key: two nexuses may use one key.
struct Registrant {
  NexusId nexus = 0;
  ReservationKey key;
  bool all_target_ports = false;  ///< it was made with ALL_TG_PT
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
  bool persists = false;  ///< APTPL is active: all of this but `generation` outlives a loss of power (SPC-4 5.13.5)

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
                                   ByteView data, const ReservationUnit& unit = {});

/// What REPORT CAPABILITIES says about the above.
Capabilities capabilities(const ReservationOptions& options = {}, const ReservationState& state = {});

}  // namespace shstore::scsi::target
