#include "scsi/target/logical_unit_server.h"

#include <fmt/format.h>

#include <algorithm>

#include "scsi/target/replies.h"

namespace shstore::scsi::target {
namespace {

// How long the CDB is, by its operation code's group (SPC-4 4.2.5.1); 0 for the groups without fixed length.
size_t cdb_length(uint8_t opcode) {
  switch (opcode >> 5) {
    case 0: return 6;
    case 1:
    case 2: return 10;
    case 4: return 16;
    case 5: return 12;
    default: return 0;
  }
}

std::string padded(const std::string& text, size_t length) { return fmt::format("{:<{}.{}}", text, length, length); }

Designator target_port_designator(uint16_t relative_target_port) {
  Bytes id(4, 0);
  put_be16(id, 2, relative_target_port);
  return {.code_set = 1, .association = 1, .type = 4, .identifier = std::move(id)};
}

// SPC-4 5.14, SAM-5 5.14: these neither report a unit attention nor wait for it.
bool passes_by_attention(const std::optional<CommandRule>& rule) {
  return rule && (rule->handling == Handling::inquiry || rule->handling == Handling::report_luns ||
                  rule->handling == Handling::request_sense);
}

}  // namespace

Designator t10_vendor_designator(const std::string& vendor, const std::string& product, const std::string& serial) {
  const auto text = padded(vendor, 8) + padded(product, 16) + serial;
  return {.code_set = 2, .association = 0, .type = 1, .identifier = Bytes(text.begin(), text.end())};
}

LogicalUnitServer::LogicalUnitServer(UnitIdentity identity, std::vector<Nexus> nexuses,
                                     std::unique_ptr<DeviceModel> model)
    : identity_(std::move(identity)),
      unit_{identity_.reservation_options, std::move(nexuses)},
      model_(std::move(model)),
      attentions_(unit_.nexuses.size()) {
  reservations_.generation = identity_.first_generation;
  establish(asc::power_on_or_reset);
}

void LogicalUnitServer::restore(ReservationState reservations) {
  reservations_ = std::move(reservations);
  reservations_.generation = identity_.first_generation;
}

void LogicalUnitServer::establish(uint16_t asc_ascq, std::optional<NexusId> except) {
  for (NexusId n = 0; n < unit_.nexuses.size(); ++n) {
    if (n != except) establish(Attention{n, asc_ascq});
  }
}

void LogicalUnitServer::establish(const Attention& attention) {
  auto& queue = attentions_[attention.nexus];
  if (std::find(queue.begin(), queue.end(), attention.asc_ascq) == queue.end()) queue.push_back(attention.asc_ascq);
}

std::optional<Sense> LogicalUnitServer::take_attention(NexusId nexus) {
  auto& queue = attentions_[nexus];
  if (queue.empty()) return std::nullopt;
  const uint16_t code = queue.front();
  queue.pop_front();
  return Sense{SenseKey::unit_attention, static_cast<uint8_t>(code >> 8), static_cast<uint8_t>(code), false};
}

Reply LogicalUnitServer::execute(NexusId from, const Command& command) {
  auto begun = begin(from, command);
  return begun.motion.count() == 0 ? std::move(begun.reply) : end(from, command);
}

Begun LogicalUnitServer::begin(NexusId from, const Command& command) {
  if (command.cdb.empty()) return {illegal(asc::invalid_operation_code)};
  const auto rule = model_->find_command(command.cdb);
  // Before a reservation conflict: SAM-5 5.3.3 ranks it so, and a preempted host must learn why it conflicts.
  if (!passes_by_attention(rule)) {
    if (const auto attention = take_attention(from)) return {{Status::check_condition, encode_sense(*attention), {}}};
  }
  if (!rule) return {illegal(asc::invalid_operation_code)};
  if (command.cdb.size() < cdb_length(command.cdb[0])) return {illegal(asc::invalid_field_in_cdb)};
  if (!may_execute(reservations_, from, *rule)) return {{Status::reservation_conflict, {}, {}}};
  const auto motion = model_->motion(command.cdb, rule->handling);
  if (motion.count() != 0) return {{}, motion};
  return {end(from, command)};
}

Reply LogicalUnitServer::end(NexusId from, const Command& command) {
  const auto rule = model_->find_command(command.cdb);
  auto reply = dispatch(from, command, rule->handling);
  reply.data_in.resize(std::min<size_t>(reply.data_in.size(), command.data_in_length));
  return reply;
}

Reply LogicalUnitServer::dispatch(NexusId from, const Command& command, Handling handling) {
  switch (handling) {
    case Handling::inquiry: return inquiry(from, command.cdb);
    case Handling::request_sense: return request_sense(from, command.cdb);
    case Handling::report_luns: return report_luns(command.cdb);
    case Handling::persistent_reserve_in: return persistent_reserve_in(command.cdb);
    case Handling::persistent_reserve_out: return persistent_reserve_out(from, command);
    default: return model_->execute(command.cdb, handling);
  }
}

Reply LogicalUnitServer::inquiry(NexusId from, ByteView cdb) const {
  const bool evpd = (cdb[1] & 0x01) != 0;
  const bool cmddt = (cdb[1] & 0x02) != 0;  // obsolete since SPC-3
  const uint8_t page = cdb[2];
  if (cmddt || (!evpd && page != 0)) return illegal(asc::invalid_field_in_cdb);
  auto reply =
      evpd ? vital_product_data(from, page)
           : good(encode_inquiry({0, model_->type(), true, identity_.vendor, identity_.product, identity_.revision}));
  reply.data_in.resize(std::min<size_t>(reply.data_in.size(), be16(cdb, 3)));
  return reply;
}

Reply LogicalUnitServer::vital_product_data(NexusId from, uint8_t page) const {
  const auto type = model_->type();
  switch (static_cast<VpdPage>(page)) {
    case VpdPage::supported_pages: return good({type, 0x00, 0x00, 0x03, 0x00, 0x80, 0x83});
    case VpdPage::unit_serial_number: return good(encode_unit_serial_number(type, identity_.serial));
    case VpdPage::device_identification: {
      const auto port = unit_.nexuses[from].relative_target_port;
      const auto own = t10_vendor_designator(identity_.vendor, identity_.product, identity_.serial);
      return good(encode_device_identification(type, {own, target_port_designator(port)}));
    }
  }
  return illegal(asc::invalid_field_in_cdb);
}

Reply LogicalUnitServer::request_sense(NexusId from, ByteView cdb) {
  const bool descriptor_format = (cdb[1] & 0x01) != 0;
  if (descriptor_format) return illegal(asc::invalid_field_in_cdb);  // fixed format only (SPC-4 6.39)
  return good(encode_sense(take_attention(from).value_or(Sense{})), cdb[4]);
}

Reply LogicalUnitServer::report_luns(ByteView cdb) const {
  constexpr uint8_t kAddressed = 0, kWellKnown = 1, kAll = 2;
  constexpr size_t kHeader = 8, kLun = 8;
  const uint8_t select = cdb[2];
  if (select != kAddressed && select != kWellKnown && select != kAll) return illegal(asc::invalid_field_in_cdb);
  const size_t luns = select == kWellKnown ? 0 : kLun;  // LUN 0 is eight zero bytes
  Bytes data(kHeader + luns, 0);
  put_be32(data, 0, static_cast<uint32_t>(luns));
  return good(std::move(data), be32(cdb, 6));
}

Reply LogicalUnitServer::persistent_reserve_in(ByteView cdb) const {
  const size_t room = be16(cdb, 7);
  const auto generation = reservations_.generation;
  switch (static_cast<PrIn>(cdb[1] & 0x1f)) {
    case PrIn::read_keys: {
      std::vector<ReservationKey> keys;
      for (const auto& r : reservations_.registrants) keys.push_back(r.key);
      return good(encode_read_keys(generation, keys), room);
    }
    case PrIn::read_reservation:
      return good(encode_read_reservation(generation, reservations_.shown_reservation()), room);
    case PrIn::report_capabilities:
      return good(encode_report_capabilities(capabilities(unit_.options, reservations_)), room);
    case PrIn::read_full_status: return good(encode_read_full_status(generation, full_status().registrants), room);
  }
  return illegal(asc::invalid_field_in_cdb);
}

// SPC-4 6.15.5: one descriptor may stand for all nexuses of an initiator port if they have one key and all hold or none does.
bool LogicalUnitServer::stands_for_all_ports(const Registrant& registrant) const {
  if (!registrant.all_target_ports) return false;
  const auto& initiator = unit_.nexuses[registrant.nexus].initiator;
  for (NexusId n = 0; n < unit_.nexuses.size(); ++n) {
    if (unit_.nexuses[n].initiator != initiator) continue;
    const auto* other = reservations_.registrant(n);
    const bool alike = other != nullptr && other->all_target_ports && other->key == registrant.key &&
                       reservations_.is_holder(n) == reservations_.is_holder(registrant.nexus);
    if (!alike) return false;
  }
  return true;
}

FullStatus LogicalUnitServer::full_status() const {
  FullStatus status;
  for (const auto& r : reservations_.registrants) {
    const auto& nexus = unit_.nexuses[r.nexus];
    RegistrantStatus shown{.key = r.key,
                           .reservation_holder = reservations_.is_holder(r.nexus),
                           .all_target_ports = stands_for_all_ports(r),
                           .type = std::nullopt,
                           .relative_target_port = nexus.relative_target_port,
                           .initiator = nexus.initiator};
    if (shown.reservation_holder) shown.type = reservations_.reservation->type;
    const bool is_there = shown.all_target_ports &&
                          std::any_of(status.registrants.begin(), status.registrants.end(), [&](const auto& other) {
                            return other.all_target_ports && other.initiator == shown.initiator;
                          });
    if (!is_there) status.registrants.push_back(std::move(shown));
  }
  return status;
}

Reply LogicalUnitServer::persistent_reserve_out(NexusId from, const Command& command) {
  auto result =
      target::persistent_reserve_out(reservations_, from, decode_cdb_pr_out(command.cdb), command.data_out, unit_);
  if (result.status == Status::check_condition) return illegal(result.asc_ascq);
  reservations_ = std::move(result.state);
  for (const auto& attention : result.attentions) establish(attention);
  return {result.status, {}, {}};
}

}  // namespace shstore::scsi::target
