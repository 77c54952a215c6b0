// Where the Linux kernel's target (LIO, target_core_pr.c) departs from SPC-4. Each row is explained in
// docs/lio-differences.md with the clause that decides.
#include <algorithm>
#include <array>
#include <optional>

#include "trial.h"

namespace shstore::scsi::trial {
namespace {

struct Case {
  const Step& step;
  const Reply& real;
  const Reply& ours;
  unsigned held;    // type of the reservation that both sides have
  bool registered;  // whether anybody is
};

struct Row {
  const char* name;
  bool (*matches)(const Case&);
};

bool is_out(const Step& step, PrOut action) {
  return step.command.cdb[0] == kPersistentReserveOut && (step.command.cdb[1] & 0x1fu) == static_cast<unsigned>(action);
}
bool registers(const Step& s) {
  return is_out(s, PrOut::register_key) || is_out(s, PrOut::register_and_ignore_existing_key);
}
bool good(const Reply& r) { return r.status == Status::good; }
bool conflict(const Reply& r) { return r.status == Status::reservation_conflict; }
bool says(const Reply& r, SenseKey key, uint16_t code) {
  if (r.status != Status::check_condition) return false;
  const auto sense = decode_sense(r.sense);
  return sense && sense->key == key && asc_ascq(*sense) == code;
}
bool illegal(const Reply& r, uint16_t code) { return says(r, SenseKey::illegal_request, code); }
bool is_command(const Step& step, uint8_t opcode) { return step.command.cdb[0] == opcode; }
bool reports_capabilities(const Step& step) {
  return is_command(step, kPersistentReserveIn) &&
         (step.command.cdb[1] & 0x1fu) == static_cast<unsigned>(PrIn::report_capabilities);
}
bool aptpl_active(const Reply& r) {
  const auto c = decode_report_capabilities(r.data_in);
  return c && c->persist_through_power_loss_active;
}
bool is_write_exclusive(unsigned type) { return type == 1 || type == 5 || type == 7; }

constexpr uint8_t kRewind = 0x01, kWriteFilemarks = 0x10, kSpace = 0x11, kModeSense = 0x1a;

constexpr std::array kRows = {
    Row{"unregistered-nexus",
        [](const Case& c) {
          return is_command(c.step, kPersistentReserveOut) && !registers(c.step) && conflict(c.ours) &&
                 (says(c.real, SenseKey::not_ready, 0x0800) || illegal(c.real, asc::parameter_list_length_error));
        }},
    Row{"release-of-a-non-holder",
        [](const Case& c) { return is_out(c.step, PrOut::release) && good(c.real) && conflict(c.ours); }},
    Row{"release-wrong-type",
        [](const Case& c) {
          return is_out(c.step, PrOut::release) && conflict(c.real) &&
                 illegal(c.ours, asc::invalid_release_of_persistent_reservation);
        }},
    Row{"invalid-type-first",
        [](const Case& c) {
          return (is_out(c.step, PrOut::reserve) || preempts(c.step)) && illegal(c.real, asc::invalid_field_in_cdb) &&
                 (conflict(c.ours) || good(c.ours) || illegal(c.ours, asc::invalid_field_in_parameter_list));
        }},
    Row{"invalid-length-first",
        [](const Case& c) {
          return is_out(c.step, PrOut::reserve) && illegal(c.real, asc::parameter_list_length_error) &&
                 conflict(c.ours);
        }},
    Row{"unsupported-service-action",
        [](const Case& c) {
          const auto first = c.step.ports.empty() ? PrOut::register_and_move : PrOut{8};
          const bool unsupported = (c.step.command.cdb[1] & 0x1fu) >= static_cast<unsigned>(first);
          return is_command(c.step, kPersistentReserveOut) && unsupported && !good(c.real) &&
                 illegal(c.ours, asc::invalid_field_in_cdb);
        }},
    Row{"all-target-ports-once-and-again",
        [](const Case& c) {
          const auto& data = c.step.command.data_out;
          const bool without = data.size() >= kPrOutParameters && !decode_pr_out_parameters(data).all_target_ports;
          return registers(c.step) && without && illegal(c.real, asc::invalid_field_in_cdb) && good(c.ours);
        }},
    Row{"move-of-a-non-holder",
        [](const Case& c) {
          return is_out(c.step, PrOut::register_and_move) && conflict(c.ours) &&
                 (illegal(c.real, asc::invalid_field_in_parameter_list) || illegal(c.real, asc::invalid_field_in_cdb));
        }},
    Row{"ports-of-a-registrant",
        [](const Case& c) {
          return specifies_ports(c.step) && illegal(c.real, asc::invalid_field_in_parameter_list) &&
                 illegal(c.ours, asc::invalid_field_in_cdb);
        }},
    Row{"ports-without-a-key",
        [](const Case& c) {
          return specifies_ports(c.step) && be64(c.step.command.data_out, 8) == 0 && good(c.real) &&
                 illegal(c.ours, asc::invalid_field_in_cdb);
        }},
    Row{"clear-deactivates-aptpl",
        [](const Case& c) {
          return reports_capabilities(c.step) && !c.registered && good(c.real) && good(c.ours) &&
                 !aptpl_active(c.real) && aptpl_active(c.ours);
        }},
    Row{"mode-sense-of-a-registrant",
        [](const Case& c) { return is_command(c.step, kModeSense) && !conflict(c.real) && conflict(c.ours); }},
    Row{"write-exclusive-filemarks",
        [](const Case& c) {
          return is_command(c.step, kWriteFilemarks) && is_write_exclusive(c.held) && !conflict(c.real) &&
                 conflict(c.ours);
        }},
    Row{"write-exclusive-positioning",
        [](const Case& c) {
          return (is_command(c.step, kRewind) || is_command(c.step, kSpace)) && is_write_exclusive(c.held) &&
                 conflict(c.real) && !conflict(c.ours);
        }},
};

}  // namespace

unsigned held_type(const FullStatus& status) {
  for (const auto& r : status.registrants) {
    if (r.reservation_holder) return static_cast<unsigned>(*r.type);
  }
  return 0;
}

const char* known_difference(const Step& step, const Reply& real, const Reply& ours, const FullStatus& state) {
  const Case c{step, real, ours, held_type(state), !state.registrants.empty()};
  const auto found = std::find_if(kRows.begin(), kRows.end(), [&](const Row& row) { return row.matches(c); });
  return found == kRows.end() ? nullptr : found->name;
}

bool unregisters(const Step& step) {
  return registers(step) && step.command.data_out.size() >= kPrOutParameters && be64(step.command.data_out, 8) == 0;
}

bool preempts(const Step& step) { return is_out(step, PrOut::preempt) || is_out(step, PrOut::preempt_and_abort); }

bool moves(const Step& step) { return is_out(step, PrOut::register_and_move) && !step.ports.empty(); }

bool specifies_ports(const Step& step) { return is_out(step, PrOut::register_key) && !step.ports.empty(); }

bool preempts_own_key(const Step& step) {
  const auto& data = step.command.data_out;
  return preempts(step) && data.size() >= kPrOutParameters && be64(data, 0) == be64(data, 8);
}

}  // namespace shstore::scsi::trial
