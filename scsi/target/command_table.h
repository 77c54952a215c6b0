// Which commands the simulated devices know, and which of them a nexus may execute while another one holds a
// reservation (SPC-4 table 48 and 49, SSC-4 table 21, and SMC-3's table of the same).
#pragma once

#include <optional>

#include "scsi/bytes.h"
#include "scsi/target/reservations.h"

namespace shstore::scsi::target {

/// What the target does with a command that may be executed.
enum class Handling {
  inquiry,
  test_unit_ready,
  request_sense,
  report_luns,
  persistent_reserve_in,
  persistent_reserve_out,
  load_unload,
  log_sense,
  positions,  ///< moves the tape or tells where it stands
  mode_sense,
  initialize_element_status,
  read_element_status,
  move_medium,
  needs_medium,   ///< answered "medium not present" by an empty drive; with a tape it is not simulated
  not_simulated,  ///< a command of real devices that this target lacks: "invalid command operation code"
};

/// Who may execute a command besides those whom the reservation allows everything.
enum class Access {
  everybody,
  readers,  ///< allowed under the Write Exclusive types, a conflict under Exclusive Access
  nobody,
};

struct CommandRule {
  Handling handling = Handling::not_simulated;
  Access access = Access::nobody;
};

/// Nothing for a CDB whose operation code is not known here. `cdb` is not empty.
std::optional<CommandRule> find_tape_command(ByteView cdb);
std::optional<CommandRule> find_changer_command(ByteView cdb);

/// False: the command ends with RESERVATION CONFLICT. PERSISTENT RESERVE OUT is always let through here, because
/// its conflicts depend on the service action.
bool may_execute(const ReservationState& state, NexusId nexus, const CommandRule& rule);

}  // namespace shstore::scsi::target
