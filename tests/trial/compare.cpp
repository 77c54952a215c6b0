#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

#include "trial.h"

namespace shstore::scsi::trial {
namespace {

bool is_pr(const Step& step) {
  return step.command.cdb[0] == kPersistentReserveIn || step.command.cdb[0] == kPersistentReserveOut;
}

// "UNIT ATTENTION 2a/05", "conflict", ...: what a reservation has to do with the answer.
std::string outcome(const Reply& reply, bool exact) {
  if (reply.status != Status::check_condition) {
    return exact || reply.status == Status::reservation_conflict ? describe(reply.status) : "no conflict";
  }
  const auto sense = decode_sense(reply.sense);
  if (!sense) return "check condition without sense";
  return exact || sense->key == SenseKey::unit_attention ? describe(*sense) : "no conflict";
}

std::string nexus_of(const TransportId& id, const Names& names) {
  const auto found = std::find(names.initiators.begin(), names.initiators.end(), id);
  return found == names.initiators.end() ? id.text() : fmt::format("nexus {}", found - names.initiators.begin());
}

std::string header(const Listed& l, const Names& names) {
  return fmt::format("generation +{} ", l.generation - names.generation);
}

// The order of registrations is the device server's own.
std::string sorted(std::vector<std::string> lines) {
  std::sort(lines.begin(), lines.end());
  return fmt::format("[{}]", fmt::join(lines, ", "));
}

std::string meaning(const Step& step, const Reply& reply, const Names& names) {
  const ByteView data = reply.data_in;
  const bool whole = step.command.data_in_length >= 1024;  // a cut answer shows whichever registrations come first
  switch (step.command.cdb[1] & 0x1f) {
    case 0: {
      const auto r = decode_read_keys(data);
      if (!r) return r.error().message;
      std::vector<std::string> keys;
      for (const auto k : r->keys) keys.push_back(to_text(k));
      return header(*r, names) + fmt::format("{} bytes ", r->declared_length) +
             (whole ? sorted(keys) : std::to_string(keys.size()));
    }
    case 1: {
      const auto r = decode_read_reservation(data);
      if (!r) return r.error().message;
      const auto held = r->reservation ? fmt::format("{} scope {} type {}", to_text(r->reservation->key),
                                                     r->reservation->scope, static_cast<int>(r->reservation->type))
                                       : std::string("none");
      return header(*r, names) + held;
    }
    case 2: {
      const auto r = decode_report_capabilities(data);
      // What a device can do of power loss, target ports and the like is its own; the types are not, nor what was activated.
      return r ? fmt::format("types {:04x}{}", r->types.value_or(0),
                             r->persist_through_power_loss_active ? ", APTPL active" : "")
               : r.error().message;
    }
    case 3: {
      const auto r = decode_read_full_status(data);
      if (!r) return r.error().message;
      return whole ? header(*r, names) + state_meaning(*r, names) : header(*r, names);
    }
    default: return {};
  }
}

// Of a name that the device knows one that it does not.
TransportId nobody(TransportId id) {
  if (!id.iscsi_name.empty()) id.iscsi_name += "-nobody";
  if (!id.port.empty()) id.port.back() ^= 0x40;
  return id;
}

}  // namespace

std::string state_meaning(const FullStatus& status, const Names& names) {
  std::vector<std::string> all;
  for (const auto& e : status.registrants) {
    all.push_back(fmt::format("{} {}{}", nexus_of(e.initiator, names), to_text(e.key),
                              e.reservation_holder ? fmt::format(" holds type {}", static_cast<int>(*e.type)) : ""));
  }
  return sorted(std::move(all));
}

Command command_for(const Step& step, const Names& names) {
  auto command = step.command;
  if (step.ports.empty()) return command;
  Bytes ports;
  for (const auto n : step.ports) {
    const auto id = n == kNobodysPort ? nobody(names.initiators[0]) : names.initiators[n];
    const auto bytes = encode_transport_id(id);
    ports.insert(ports.end(), bytes.begin(), bytes.end());
  }
  auto& data = command.data_out;
  const auto length = static_cast<uint32_t>(ports.size());
  if (moves(step)) {
    const auto to = step.ports.front();
    const auto port = names.target_ports[to == kNobodysPort ? 0 : to];
    data[18] = static_cast<uint8_t>(port >> 8);
    data[19] = static_cast<uint8_t>(port & 0xff);
    put_be32(data, 20, length);
  } else {
    data.resize(kPrOutParameters + 4, 0);
    put_be32(data, kPrOutParameters, length);
  }
  data.insert(data.end(), ports.begin(), ports.end());
  put_be32(command.cdb, 5, static_cast<uint32_t>(data.size()));
  return command;
}

std::string describe_reply(const Reply& reply) {
  std::string text = outcome(reply, true);
  if (!reply.data_in.empty()) text += fmt::format(", data {:02x}", fmt::join(reply.data_in, " "));
  return text;
}

std::string difference(const Step& step, const Reply& real, const Names& real_names, const Reply& ours,
                       const Names& our_names) {
  const bool exact = is_pr(step);
  const auto a = outcome(real, exact), b = outcome(ours, exact);
  if (a != b) return fmt::format("real: {}; ours: {}", a, b);
  if (real.status != Status::good || step.command.cdb[0] != kPersistentReserveIn) return {};
  const auto c = meaning(step, real, real_names), d = meaning(step, ours, our_names);
  return c == d ? std::string{} : fmt::format("real: {}; ours: {}", c, d);
}

}  // namespace shstore::scsi::trial
