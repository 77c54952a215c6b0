#include "scsi/target/command_table.h"

#include <algorithm>
#include <array>

namespace shstore::scsi::target {
namespace {

constexpr int kAny = -1;

struct Row {
  uint8_t opcode;
  int service_action;  // byte 1 bits 0-4, or kAny
  CommandRule rule;
};

using H = Handling;
using A = Access;

// A row with a service action stands before the row that takes the rest of its operation code.
constexpr std::array kCommands = {
    // SPC-4
    Row{0x00, kAny, {H::test_unit_ready, A::everybody}}, Row{0x03, kAny, {H::request_sense, A::everybody}},
    Row{0x12, kAny, {H::inquiry, A::everybody}}, Row{0x15, kAny, {H::not_simulated, A::nobody}},  // MODE SELECT(6)
    Row{0x1a, kAny, {H::not_simulated, A::readers}},                                              // MODE SENSE(6)
    Row{0x1c, kAny, {H::not_simulated, A::readers}},    // RECEIVE DIAGNOSTIC RESULTS
    Row{0x1d, kAny, {H::not_simulated, A::nobody}},     // SEND DIAGNOSTIC
    Row{0x1e, kAny, {H::not_simulated, A::nobody}},     // PREVENT ALLOW MEDIUM REMOVAL; see find_command()
    Row{0x3b, kAny, {H::not_simulated, A::nobody}},     // WRITE BUFFER
    Row{0x3c, kAny, {H::not_simulated, A::readers}},    // READ BUFFER
    Row{0x4c, kAny, {H::not_simulated, A::nobody}},     // LOG SELECT
    Row{0x4d, kAny, {H::not_simulated, A::everybody}},  // LOG SENSE
    Row{0x55, kAny, {H::not_simulated, A::nobody}},     // MODE SELECT(10)
    Row{0x5a, kAny, {H::not_simulated, A::readers}},    // MODE SENSE(10)
    Row{0x5e, kAny, {H::persistent_reserve_in, A::everybody}},
    Row{0x5f, kAny, {H::persistent_reserve_out, A::everybody}},
    Row{0x8c, kAny, {H::needs_medium, A::readers}},  // READ ATTRIBUTE
    Row{0x8d, kAny, {H::needs_medium, A::nobody}},   // WRITE ATTRIBUTE
    Row{0xa0, kAny, {H::report_luns, A::everybody}},
    Row{0xa2, kAny, {H::not_simulated, A::readers}},    // SECURITY PROTOCOL IN
    Row{0xa3, 0x05, {H::not_simulated, A::everybody}},  // REPORT IDENTIFYING INFORMATION
    Row{0xa3, 0x0a, {H::not_simulated, A::everybody}},  // REPORT TARGET PORT GROUPS
    Row{0xa3, 0x0f, {H::not_simulated, A::everybody}},  // REPORT TIMESTAMP
    Row{0xa3, kAny, {H::not_simulated, A::readers}},    // REPORT SUPPORTED OPERATION CODES, ...
    Row{0xa4, kAny, {H::not_simulated, A::nobody}},     // SET TIMESTAMP, ...
    Row{0xab, 0x01, {H::needs_medium, A::everybody}},   // READ MEDIA SERIAL NUMBER
    Row{0xb5, kAny, {H::not_simulated, A::nobody}},     // SECURITY PROTOCOL OUT
    // SSC-4
    Row{0x01, kAny, {H::needs_medium, A::readers}},     // REWIND
    Row{0x04, kAny, {H::needs_medium, A::nobody}},      // FORMAT MEDIUM
    Row{0x05, kAny, {H::not_simulated, A::everybody}},  // READ BLOCK LIMITS
    Row{0x08, kAny, {H::needs_medium, A::readers}},     // READ(6)
    Row{0x0a, kAny, {H::needs_medium, A::nobody}},      // WRITE(6)
    Row{0x0b, kAny, {H::needs_medium, A::nobody}},      // SET CAPACITY
    Row{0x0f, kAny, {H::needs_medium, A::readers}},     // READ REVERSE(6)
    Row{0x10, kAny, {H::needs_medium, A::nobody}},      // WRITE FILEMARKS(6)
    Row{0x11, kAny, {H::needs_medium, A::readers}},     // SPACE(6)
    Row{0x13, kAny, {H::needs_medium, A::readers}},     // VERIFY(6)
    Row{0x14, kAny, {H::needs_medium, A::readers}},     // RECOVER BUFFERED DATA
    Row{0x19, kAny, {H::needs_medium, A::nobody}},      // ERASE(6)
    Row{0x1b, kAny, {H::needs_medium, A::nobody}},      // LOAD UNLOAD
    Row{0x2b, kAny, {H::needs_medium, A::readers}},     // LOCATE(10)
    Row{0x34, kAny, {H::needs_medium, A::readers}},     // READ POSITION
    Row{0x44, kAny, {H::not_simulated, A::readers}},    // REPORT DENSITY SUPPORT
    Row{0x80, kAny, {H::needs_medium, A::nobody}},      // WRITE FILEMARKS(16)
    Row{0x81, kAny, {H::needs_medium, A::readers}},     // READ REVERSE(16)
    Row{0x88, kAny, {H::needs_medium, A::readers}},     // READ(16)
    Row{0x8a, kAny, {H::needs_medium, A::nobody}},      // WRITE(16)
    Row{0x8f, kAny, {H::needs_medium, A::readers}},     // VERIFY(16)
    Row{0x91, kAny, {H::needs_medium, A::readers}},     // SPACE(16)
    Row{0x92, kAny, {H::needs_medium, A::readers}},     // LOCATE(16)
    Row{0x93, kAny, {H::needs_medium, A::nobody}},      // ERASE(16)
};

constexpr uint8_t kPreventAllowMediumRemoval = 0x1e;

bool is_write_exclusive(PrType type) {
  return type == PrType::write_exclusive || type == PrType::write_exclusive_registrants_only ||
         type == PrType::write_exclusive_all_registrants;
}

// Holders, and under the types "registrants only" and "all registrants" every registrant.
bool may_execute_everything(const ReservationState& state, NexusId nexus) {
  if (!state.reservation || state.is_holder(nexus)) return true;
  return is_registrants_only(state.reservation->type) && state.registrant(nexus) != nullptr;
}

}  // namespace

std::optional<CommandRule> find_command(ByteView cdb) {
  const int service_action = cdb.size() > 1 ? cdb[1] & 0x1f : 0;
  const auto* found = std::find_if(kCommands.begin(), kCommands.end(), [&](const Row& row) {
    return row.opcode == cdb[0] && (row.service_action == kAny || row.service_action == service_action);
  });
  if (found == kCommands.end()) return std::nullopt;
  auto rule = found->rule;
  const bool allows_removal = cdb[0] == kPreventAllowMediumRemoval && cdb.size() > 4 && (cdb[4] & 0x03) == 0;
  if (allows_removal) rule.access = Access::everybody;
  return rule;
}

bool may_execute(const ReservationState& state, NexusId nexus, const CommandRule& rule) {
  if (rule.access == Access::everybody || may_execute_everything(state, nexus)) return true;
  return rule.access == Access::readers && is_write_exclusive(state.reservation->type);
}

}  // namespace shstore::scsi::target
