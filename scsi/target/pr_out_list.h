// PERSISTENT RESERVE OUT's parameter list as a device server reads it: the basic one of SPC-4 6.16.3, with the TransportIDs
// of SPEC_I_PT, and the one of REGISTER AND MOVE (6.16.4). No I/O.
#pragma once

#include <vector>

#include "scsi/persistent_reserve.h"
#include "scsi/target/reservations.h"

namespace shstore::scsi::target {

struct PrOutList {
  uint16_t asc_ascq = 0;              ///< what is wrong with it, with ILLEGAL REQUEST; 0: it can be used
  PrOutParameters parameters{};       ///< bits that the service action ignores are not set
  std::vector<TransportId> ports{};   ///< of SPEC_I_PT; of REGISTER AND MOVE the one it moves to
  bool unregister = false;            ///< REGISTER AND MOVE: UNREG
  uint16_t relative_target_port = 0;  ///< REGISTER AND MOVE
};

/// `data` is the parameter list as received. Errors are 1A/00 where lengths do not fit each other, and 26/00 for a bit that
/// `options` has not, for SPEC_I_PT in another service action than REGISTER, and for a TransportID that names no port.
PrOutList read_pr_out_list(const PrOutCommand& command, ByteView data, const ReservationOptions& options);

/// REGISTER, REGISTER AND IGNORE EXISTING KEY: what a nexus may send that is not registered.
bool is_registering(PrOut service_action);

}  // namespace shstore::scsi::target
