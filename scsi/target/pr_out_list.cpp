#include "scsi/target/pr_out_list.h"

namespace shstore::scsi::target {
namespace {

constexpr size_t kListLength = 4;            // SPEC_I_PT's TRANSPORTID PARAMETER DATA LENGTH, behind the 24 bytes
constexpr size_t kShortestTransportId = 24;  // SPC-4 7.6.4

// How long a TransportID says it is; 0: not even that is there.
size_t transport_id_length(ByteView b) {
  if (b.size() < kShortestTransportId) return 0;
  const bool has_length = (b[0] & 0x0f) == static_cast<uint8_t>(Protocol::iscsi);
  return has_length ? 4 + size_t{be16(b, 2)} : kShortestTransportId;
}

// Takes the first TransportID off `rest`.
bool take_port(ByteView& rest, std::vector<TransportId>& ports) {
  const auto length = transport_id_length(rest);
  if (length < kShortestTransportId || length > rest.size()) return false;
  auto port = decode_transport_id(rest.first(length));
  if (!port) return false;
  ports.push_back(std::move(*port));
  rest = rest.subspan(length);
  return true;
}

PrOutList refused_list(uint16_t asc_ascq) {
  PrOutList list;
  list.asc_ascq = asc_ascq;
  return list;
}

// UNREG and APTPL stand in another byte than elsewhere, and there are no other bits.
PrOutList read_move(const PrOutCommand& command, ByteView data, const ReservationOptions& options) {
  const size_t length = be32(data, 20);
  if (command.parameter_list_length != kPrOutParameters + length || data.size() < kPrOutParameters + length)
    return refused_list(asc::parameter_list_length_error);
  PrOutList list;
  list.parameters.key = {be64(data, 0)};
  list.parameters.service_action_key = {be64(data, 8)};
  list.unregister = (data[17] & 0x02) != 0;
  list.parameters.activate_persist_through_power_loss = (data[17] & 0x01) != 0;
  list.relative_target_port = be16(data, 18);
  ByteView rest = data.subspan(kPrOutParameters, length);
  const bool one_port = take_port(rest, list.ports) && rest.empty();
  const bool has_bit = options.persist_through_power_loss || !list.parameters.activate_persist_through_power_loss;
  return one_port && has_bit ? list : refused_list(asc::invalid_field_in_parameter_list);
}

PrOutList read_ports(PrOutList list, const PrOutCommand& command, ByteView data) {
  constexpr size_t kBegin = kPrOutParameters + kListLength;
  if (command.parameter_list_length < kBegin || data.size() < kBegin)
    return refused_list(asc::parameter_list_length_error);
  const size_t length = be32(data, kPrOutParameters);
  if (command.parameter_list_length != kBegin + length || data.size() < kBegin + length)
    return refused_list(asc::parameter_list_length_error);
  for (ByteView rest = data.subspan(kBegin, length); !rest.empty();) {
    if (!take_port(rest, list.ports)) return refused_list(asc::invalid_field_in_parameter_list);
  }
  return list;
}

}  // namespace

bool is_registering(PrOut service_action) {
  return service_action == PrOut::register_key || service_action == PrOut::register_and_ignore_existing_key;
}

PrOutList read_pr_out_list(const PrOutCommand& command, ByteView data, const ReservationOptions& options) {
  if (command.parameter_list_length < kPrOutParameters || data.size() < kPrOutParameters)
    return refused_list(asc::parameter_list_length_error);
  if (command.service_action == PrOut::register_and_move) return read_move(command, data, options);
  PrOutList list;
  auto& p = list.parameters = decode_pr_out_parameters(data);
  const bool specifies = p.specify_initiator_ports;
  if (specifies && (command.service_action != PrOut::register_key || !options.specify_initiator_ports))
    return refused_list(asc::invalid_field_in_parameter_list);
  if (!is_registering(command.service_action)) {
    p.all_target_ports = p.activate_persist_through_power_loss = false;
  } else if ((p.all_target_ports && !options.all_target_ports) ||
             (p.activate_persist_through_power_loss && !options.persist_through_power_loss)) {
    return refused_list(asc::invalid_field_in_parameter_list);
  }
  if (specifies) return read_ports(std::move(list), command, data);
  return command.parameter_list_length == kPrOutParameters ? list : refused_list(asc::parameter_list_length_error);
}

}  // namespace shstore::scsi::target
