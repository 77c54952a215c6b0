#include "scsi/target/command_table.h"

#include <algorithm>
#include <array>
#include <span>

#include "scsi/medium_changer.h"

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

// SPC-4: every device
constexpr std::array kCommon = {
    Row{0x00, kAny, {H::test_unit_ready, A::everybody}},  // TEST UNIT READY
    Row{0x03, kAny, {H::request_sense, A::everybody}},    // REQUEST SENSE
    Row{0x12, kAny, {H::inquiry, A::everybody}},          // INQUIRY
    Row{0x15, kAny, {H::not_simulated, A::nobody}},       // MODE SELECT(6)
    Row{0x1c, kAny, {H::not_simulated, A::readers}},      // RECEIVE DIAGNOSTIC RESULTS
    Row{0x1d, kAny, {H::not_simulated, A::nobody}},       // SEND DIAGNOSTIC
    Row{0x1e, kAny, {H::not_simulated, A::nobody}},       // PREVENT ALLOW MEDIUM REMOVAL; see find_common_command()
    Row{0x3b, kAny, {H::not_simulated, A::nobody}},       // WRITE BUFFER
    Row{0x3c, kAny, {H::not_simulated, A::readers}},      // READ BUFFER
    Row{0x4c, kAny, {H::not_simulated, A::nobody}},       // LOG SELECT
    Row{0x4d, kAny, {H::not_simulated, A::everybody}},    // LOG SENSE
    Row{0x55, kAny, {H::not_simulated, A::nobody}},       // MODE SELECT(10)
    Row{0x5e, kAny, {H::persistent_reserve_in, A::everybody}},   // PERSISTENT RESERVE IN
    Row{0x5f, kAny, {H::persistent_reserve_out, A::everybody}},  // PERSISTENT RESERVE OUT
    Row{0xa0, kAny, {H::report_luns, A::everybody}},             // REPORT LUNS
    Row{0xa2, kAny, {H::not_simulated, A::readers}},             // SECURITY PROTOCOL IN
    Row{0xa3, 0x05, {H::not_simulated, A::everybody}},           // REPORT IDENTIFYING INFORMATION
    Row{0xa3, 0x0a, {H::not_simulated, A::everybody}},           // REPORT TARGET PORT GROUPS
    Row{0xa3, 0x0f, {H::not_simulated, A::everybody}},           // REPORT TIMESTAMP
    Row{0xa3, kAny, {H::not_simulated, A::readers}},             // REPORT SUPPORTED OPERATION CODES, ...
    Row{0xa4, kAny, {H::not_simulated, A::nobody}},              // SET TIMESTAMP, ...
    Row{0xb5, kAny, {H::not_simulated, A::nobody}},              // SECURITY PROTOCOL OUT
};

// SSC-4, and what of SPC-4 is about the medium
constexpr std::array kTapeCommands = {
    Row{0x4d, kAny, {H::log_sense, A::everybody}},      // LOG SENSE
    Row{0x1a, kAny, {H::not_simulated, A::readers}},    // MODE SENSE(6)
    Row{0x5a, kAny, {H::not_simulated, A::readers}},    // MODE SENSE(10)
    Row{0x8c, kAny, {H::needs_medium, A::readers}},     // READ ATTRIBUTE
    Row{0x8d, kAny, {H::needs_medium, A::nobody}},      // WRITE ATTRIBUTE
    Row{0xab, 0x01, {H::needs_medium, A::everybody}},   // READ MEDIA SERIAL NUMBER
    Row{0x01, kAny, {H::positions, A::readers}},        // REWIND
    Row{0x04, kAny, {H::needs_medium, A::nobody}},      // FORMAT MEDIUM
    Row{0x05, kAny, {H::not_simulated, A::everybody}},  // READ BLOCK LIMITS
    Row{0x08, kAny, {H::needs_medium, A::readers}},     // READ(6)
    Row{0x0a, kAny, {H::needs_medium, A::nobody}},      // WRITE(6)
    Row{0x0b, kAny, {H::needs_medium, A::nobody}},      // SET CAPACITY
    Row{0x0f, kAny, {H::needs_medium, A::readers}},     // READ REVERSE(6)
    Row{0x10, kAny, {H::positions, A::nobody}},         // WRITE FILEMARKS(6)
    Row{0x11, kAny, {H::positions, A::readers}},        // SPACE(6)
    Row{0x13, kAny, {H::needs_medium, A::readers}},     // VERIFY(6)
    Row{0x14, kAny, {H::needs_medium, A::readers}},     // RECOVER BUFFERED DATA
    Row{0x19, kAny, {H::needs_medium, A::nobody}},      // ERASE(6)
    Row{0x1b, kAny, {H::load_unload, A::nobody}},       // LOAD UNLOAD
    Row{0x2b, kAny, {H::positions, A::readers}},        // LOCATE(10)
    Row{0x34, kAny, {H::positions, A::readers}},        // READ POSITION
    Row{0x44, kAny, {H::not_simulated, A::readers}},    // REPORT DENSITY SUPPORT
    Row{0x80, kAny, {H::needs_medium, A::nobody}},      // WRITE FILEMARKS(16)
    Row{0x81, kAny, {H::needs_medium, A::readers}},     // READ REVERSE(16)
    Row{0x88, kAny, {H::needs_medium, A::readers}},     // READ(16)
    Row{0x8a, kAny, {H::needs_medium, A::nobody}},      // WRITE(16)
    Row{0x8f, kAny, {H::needs_medium, A::readers}},     // VERIFY(16)
    Row{0x91, kAny, {H::needs_medium, A::readers}},     // SPACE(16)
    Row{0x92, kAny, {H::positions, A::readers}},        // LOCATE(16)
    Row{0x93, kAny, {H::needs_medium, A::nobody}},      // ERASE(16)
};

// SMC-3
constexpr std::array kChangerCommands = {
    Row{0x07, kAny, {H::initialize_element_status, A::nobody}},  // INITIALIZE ELEMENT STATUS
    Row{0x1a, kAny, {H::mode_sense, A::readers}},                // MODE SENSE(6)
    Row{0x1b, kAny, {H::not_simulated, A::nobody}},              // OPEN/CLOSE IMPORT/EXPORT ELEMENT
    Row{0x2b, kAny, {H::not_simulated, A::nobody}},              // POSITION TO ELEMENT
    Row{0x37, kAny, {H::not_simulated, A::nobody}},              // INITIALIZE ELEMENT STATUS WITH RANGE
    Row{0x5a, kAny, {H::mode_sense, A::readers}},                // MODE SENSE(10)
    Row{0xa5, kAny, {H::move_medium, A::nobody}},                // MOVE MEDIUM
    Row{0xa6, kAny, {H::not_simulated, A::nobody}},              // EXCHANGE MEDIUM
    Row{0xb6, kAny, {H::not_simulated, A::nobody}},              // SEND VOLUME TAG
    Row{0xb8, kAny, {H::read_element_status, A::readers}},       // READ ELEMENT STATUS; see find_changer_command()
};

constexpr uint8_t kPreventAllowMediumRemoval = 0x1e;
constexpr uint8_t kCurrentData = 0x02;  // CURDATA

std::optional<CommandRule> find_in(std::span<const Row> rows, ByteView cdb) {
  const int service_action = cdb.size() > 1 ? cdb[1] & 0x1f : 0;
  const auto found = std::find_if(rows.begin(), rows.end(), [&](const Row& row) {
    return row.opcode == cdb[0] && (row.service_action == kAny || row.service_action == service_action);
  });
  if (found == rows.end()) return std::nullopt;
  return found->rule;
}

std::optional<CommandRule> find_common_command(ByteView cdb) {
  auto rule = find_in(kCommon, cdb);
  const bool allows_removal = cdb[0] == kPreventAllowMediumRemoval && cdb.size() > 4 && (cdb[4] & 0x03) == 0;
  if (rule && allows_removal) rule->access = Access::everybody;
  return rule;
}

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

std::optional<CommandRule> find_tape_command(ByteView cdb) {
  const auto own = find_in(kTapeCommands, cdb);
  return own ? own : find_common_command(cdb);
}

std::optional<CommandRule> find_changer_command(ByteView cdb) {
  auto own = find_in(kChangerCommands, cdb);
  if (!own) return find_common_command(cdb);
  const bool moves_nothing = cdb[0] == kReadElementStatus && cdb.size() > 6 && (cdb[6] & kCurrentData) != 0;
  if (moves_nothing) own->access = Access::everybody;
  return own;
}

bool may_execute(const ReservationState& state, NexusId nexus, const CommandRule& rule) {
  if (rule.access == Access::everybody || may_execute_everything(state, nexus)) return true;
  return rule.access == Access::readers && is_write_exclusive(state.reservation->type);
}

}  // namespace shstore::scsi::target
