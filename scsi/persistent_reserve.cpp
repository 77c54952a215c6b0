#include "scsi/persistent_reserve.h"

#include <fmt/format.h>

namespace shstore::scsi {
namespace {

constexpr size_t kFullStatusDescriptor = 24;  // before the TransportID
constexpr size_t kReservationDescriptor = 16;
constexpr size_t kCapabilities = 8;

struct Header {
  Listed listed;
  ByteView body;  // what was declared and also received
};

Result<Header> split_header(ByteView data, std::string_view what) {
  if (data.size() < kPrInHeader) {
    return fail(Error::Kind::protocol,
                fmt::format("{}: the device sent {} bytes, the header alone has {}", what, data.size(), kPrInHeader));
  }
  Header header;
  header.listed.generation = be32(data, 0);
  header.listed.declared_length = be32(data, 4);
  const size_t received = data.size() - kPrInHeader;
  header.listed.truncated = header.listed.declared_length > received;
  header.body = data.subspan(kPrInHeader, std::min<size_t>(received, header.listed.declared_length));
  return header;
}

Bytes with_header(uint32_t generation, ByteView body) {
  Bytes data(kPrInHeader, 0);
  put_be32(data, 0, generation);
  put_be32(data, 4, static_cast<uint32_t>(body.size()));
  append(data, body);
  return data;
}

// The mask bit of bytes 4-5 for a type (SPC-4 table 166).
uint16_t mask_bit(PrType type) {
  switch (type) {
    case PrType::write_exclusive: return 0x0200;
    case PrType::exclusive_access: return 0x0800;
    case PrType::write_exclusive_registrants_only: return 0x2000;
    case PrType::exclusive_access_registrants_only: return 0x4000;
    case PrType::write_exclusive_all_registrants: return 0x8000;
    case PrType::exclusive_access_all_registrants: return 0x0001;
  }
  return 0;
}

// Whatever names the initiator: key, holder and type stand before it.
RegistrantStatus decode_registrant(ByteView d) {
  RegistrantStatus status;
  status.key = {be64(d, 0)};
  status.all_target_ports = (d[12] & 0x02) != 0;
  status.reservation_holder = (d[12] & 0x01) != 0;
  if (status.reservation_holder) {
    status.scope = d[13] >> 4;
    status.type = static_cast<PrType>(d[13] & 0x0f);
  }
  status.relative_target_port = be16(d, 18);
  status.initiator = decode_transport_id_or_say(d.subspan(kFullStatusDescriptor));
  return status;
}

}  // namespace

bool is_registrants_only(PrType type) {
  return type == PrType::write_exclusive_registrants_only || type == PrType::exclusive_access_registrants_only;
}

bool is_all_registrants(PrType type) {
  return type == PrType::write_exclusive_all_registrants || type == PrType::exclusive_access_all_registrants;
}

std::string describe(PrType type) {
  switch (type) {
    case PrType::write_exclusive: return "Write Exclusive";
    case PrType::exclusive_access: return "Exclusive Access";
    case PrType::write_exclusive_registrants_only: return "Write Exclusive, registrants only";
    case PrType::exclusive_access_registrants_only: return "Exclusive Access, registrants only";
    case PrType::write_exclusive_all_registrants: return "Write Exclusive, all registrants";
    case PrType::exclusive_access_all_registrants: return "Exclusive Access, all registrants";
  }
  return fmt::format("0x{:x}", static_cast<unsigned>(type));
}

Bytes cdb_pr_in(PrIn service_action, uint16_t allocation_length) {
  Bytes cdb(10, 0);
  cdb[0] = kPersistentReserveIn;
  cdb[1] = static_cast<uint8_t>(service_action);
  put_be16(cdb, 7, allocation_length);
  return cdb;
}

Bytes cdb_pr_out(PrOut service_action, PrType type) {
  Bytes cdb(10, 0);
  cdb[0] = kPersistentReserveOut;
  cdb[1] = static_cast<uint8_t>(service_action);
  cdb[2] = static_cast<uint8_t>(type);
  put_be32(cdb, 5, kPrOutParameters);
  return cdb;
}

Bytes encode_pr_out_parameters(const PrOutParameters& p) {
  Bytes data(kPrOutParameters, 0);
  put_be64(data, 0, p.key.value);
  put_be64(data, 8, p.service_action_key.value);
  data[20] = static_cast<uint8_t>((p.specify_initiator_ports ? 0x08 : 0) | (p.all_target_ports ? 0x04 : 0) |
                                  (p.activate_persist_through_power_loss ? 0x01 : 0));
  return data;
}

PrOutCommand decode_cdb_pr_out(ByteView cdb) {
  PrOutCommand command;
  command.service_action = static_cast<PrOut>(cdb[1] & 0x1f);
  command.scope = cdb[2] >> 4;
  command.type = cdb[2] & 0x0f;
  command.parameter_list_length = be32(cdb, 5);
  return command;
}

PrOutParameters decode_pr_out_parameters(ByteView data) {
  PrOutParameters p;
  p.key = {be64(data, 0)};
  p.service_action_key = {be64(data, 8)};
  p.specify_initiator_ports = (data[20] & 0x08) != 0;
  p.all_target_ports = (data[20] & 0x04) != 0;
  p.activate_persist_through_power_loss = (data[20] & 0x01) != 0;
  return p;
}

bool Capabilities::supports(PrType type) const { return !types || (*types & mask_bit(type)) != 0; }

Result<RegisteredKeys> decode_read_keys(ByteView data) {
  const auto header = split_header(data, "READ KEYS");
  if (!header) return tl::make_unexpected(header.error());
  if (header->listed.declared_length % 8 != 0) {
    return fail(Error::Kind::protocol,
                fmt::format("READ KEYS: {} bytes of keys, not a multiple of 8", header->listed.declared_length));
  }
  RegisteredKeys result{header->listed, {}};
  for (size_t at = 0; at + 8 <= header->body.size(); at += 8) result.keys.push_back({be64(header->body, at)});
  return result;
}

Result<ReadReservation> decode_read_reservation(ByteView data) {
  const auto header = split_header(data, "READ RESERVATION");
  if (!header) return tl::make_unexpected(header.error());
  ReadReservation result{header->listed, std::nullopt};
  if (header->listed.declared_length == 0) return result;
  if (header->body.size() < kReservationDescriptor) {
    return fail(Error::Kind::protocol,
                fmt::format("READ RESERVATION: a reservation is declared ({} bytes) but only {} bytes were received",
                            header->listed.declared_length, header->body.size()));
  }
  const uint8_t scope_type = header->body[13];
  result.reservation = Reservation{
      {be64(header->body, 0)}, static_cast<uint8_t>(scope_type >> 4), static_cast<PrType>(scope_type & 0x0f)};
  return result;
}

Result<Capabilities> decode_report_capabilities(ByteView data) {
  if (data.size() < kCapabilities || be16(data, 0) < kCapabilities) {
    return fail(Error::Kind::protocol,
                fmt::format("REPORT CAPABILITIES: {} bytes, SPC-4 requires {}", data.size(), kCapabilities));
  }
  Capabilities c;
  c.compatible_reservation_handling = (data[2] & 0x10) != 0;
  c.specify_initiator_ports_capable = (data[2] & 0x08) != 0;
  c.all_target_ports_capable = (data[2] & 0x04) != 0;
  c.persist_through_power_loss_capable = (data[2] & 0x01) != 0;
  c.persist_through_power_loss_active = (data[3] & 0x01) != 0;
  if ((data[3] & 0x80) != 0) c.types = be16(data, 4);  // TMV
  return c;
}

Result<FullStatus> decode_read_full_status(ByteView data) {
  const auto header = split_header(data, "READ FULL STATUS");
  if (!header) return tl::make_unexpected(header.error());
  FullStatus result{header->listed, {}};
  for (ByteView rest = header->body; !rest.empty();) {
    const bool complete = rest.size() >= kFullStatusDescriptor && be32(rest, 20) <= rest.size() - kFullStatusDescriptor;
    if (!complete && result.truncated) return result;  // cut by our buffer, not by the device
    if (rest.size() < kFullStatusDescriptor) {         // SPC-4 6.15.5; whoever it is about may hold the drive
      return fail(
          Error::Kind::protocol,
          fmt::format(
              "READ FULL STATUS: the list of {} bytes ends within a descriptor: {} bytes of it came, SPC-4 requires {}",
              result.declared_length, rest.size(), kFullStatusDescriptor));
    }
    const size_t length = complete ? kFullStatusDescriptor + be32(rest, 20) : rest.size();
    result.registrants.push_back(decode_registrant(rest.first(length)));
    rest = rest.subspan(length);
  }
  return result;
}

Bytes encode_read_keys(uint32_t generation, const std::vector<ReservationKey>& keys) {
  Bytes body(keys.size() * 8, 0);
  for (size_t i = 0; i < keys.size(); ++i) put_be64(body, i * 8, keys[i].value);
  return with_header(generation, body);
}

Bytes encode_read_reservation(uint32_t generation, const std::optional<Reservation>& reservation) {
  if (!reservation) return with_header(generation, {});
  Bytes body(kReservationDescriptor, 0);
  put_be64(body, 0, reservation->key.value);
  body[13] = static_cast<uint8_t>(reservation->scope << 4 | static_cast<uint8_t>(reservation->type));
  return with_header(generation, body);
}

Bytes encode_report_capabilities(const Capabilities& c) {
  Bytes data(kCapabilities, 0);
  put_be16(data, 0, kCapabilities);
  data[2] = static_cast<uint8_t>(
      (c.compatible_reservation_handling ? 0x10 : 0) | (c.specify_initiator_ports_capable ? 0x08 : 0) |
      (c.all_target_ports_capable ? 0x04 : 0) | (c.persist_through_power_loss_capable ? 0x01 : 0));
  data[3] = static_cast<uint8_t>((c.types ? 0x80 : 0) | (c.persist_through_power_loss_active ? 0x01 : 0));
  if (c.types) put_be16(data, 4, *c.types);
  return data;
}

Bytes encode_read_full_status(uint32_t generation, const std::vector<RegistrantStatus>& registrants) {
  Bytes body;
  for (const auto& r : registrants) {
    const Bytes id = encode_transport_id(r.initiator);
    Bytes d(kFullStatusDescriptor, 0);
    put_be64(d, 0, r.key.value);
    d[12] = static_cast<uint8_t>((r.all_target_ports ? 0x02 : 0) | (r.reservation_holder ? 0x01 : 0));
    if (r.reservation_holder && r.type) d[13] = static_cast<uint8_t>(r.scope << 4 | static_cast<uint8_t>(*r.type));
    if (!r.all_target_ports) put_be16(d, 18, r.relative_target_port);
    put_be32(d, 20, static_cast<uint32_t>(id.size()));
    append(body, d);
    append(body, id);
  }
  return with_header(generation, body);
}

}  // namespace shstore::scsi
