#include "scsi/report.h"

#include <fmt/format.h>

#include "scsi/base/printable.h"

namespace shstore::scsi {
namespace {

std::string initiator_text(const TransportId& id) {
  if (!id.unreadable.empty())
    return fmt::format("  not known: the drive sends {}\n", id.unreadable) + hex_dump(id.port);
  switch (static_cast<Protocol>(id.protocol)) {
    case Protocol::fibre_channel: return "  FCP-2 World Wide Name:\n" + hex_dump(id.port);
    case Protocol::sas:
      return id.port.size() == 8 ? fmt::format("  SAS address: 0x{:016x}\n", be64(id.port, 0)) : hex_dump(id.port);
    case Protocol::iscsi:
      return fmt::format("  iSCSI world wide unique {}: {}\n", id.iscsi_isid.empty() ? "name" : "port id", id.text());
    case Protocol::srp: return "  SRP initiator port identifier:\n" + hex_dump(id.port);
  }
  return fmt::format("  protocol identifier 0x{:x}:\n", id.protocol) + hex_dump(id.port);
}

std::string registrant_text(const RegistrantStatus& r) {
  std::string text = fmt::format("Key={}\n", to_text(r.key));
  if (r.all_target_ports) {
    text += "All target ports bit set\n";
  } else {
    text += fmt::format("All target ports bit clear\nRelative port address: 0x{:x}\n", r.relative_target_port);
  }
  if (r.reservation_holder) {
    const auto scope = r.scope == 0 ? std::string("LU_SCOPE") : fmt::format("0x{:x}", r.scope);
    text +=
        fmt::format("<< Reservation holder >>\nscope: {}, type: {}\n", scope, r.type ? describe(*r.type) : "unknown");
  } else {
    text += "not reservation holder\n";
  }
  return text + "Transport Id of initiator:\n" + initiator_text(r.initiator);
}

}  // namespace

std::string hex_dump(ByteView bytes) {
  constexpr size_t kPerLine = 16;
  std::string text;
  for (size_t at = 0; at < bytes.size(); at += kPerLine) {
    const auto line = bytes.subspan(at, std::min(kPerLine, bytes.size() - at));
    std::string hex, ascii;
    for (const uint8_t b : line) {
      hex += fmt::format("{}{:02x}", hex.empty() ? "" : " ", b);
      ascii += b >= 0x20 && b < 0x7f ? static_cast<char>(b) : '.';
    }
    text += fmt::format("{:02x}      {}    {}\n", at, hex, base::printable(ascii));
  }
  return text;
}

namespace {

std::string head(const StandardInquiry& inquiry, uint32_t generation) {
  return fmt::format("{:<8}    {:<16}  {}\nPeripheral device type: {}\nPR generation=0x{:x}\n", inquiry.vendor,
                     inquiry.product, inquiry.revision, device_type_text(inquiry.device_type), generation);
}

const char* yes_no(bool value) { return value ? "yes" : "no"; }

}  // namespace

std::string query_text(const StandardInquiry& inquiry, const FullStatus& status) {
  std::string text = head(inquiry, status.generation);
  if (status.registrants.empty()) return text + "No full status descriptors\n";
  for (size_t i = 0; i < status.registrants.size(); ++i) {
    text += (i == 0 ? "" : "\n") + registrant_text(status.registrants[i]);
  }
  return text;
}

std::string query_text(const StandardInquiry& inquiry, const LockState& state) {
  std::string text = head(inquiry, state.generation);
  text += "The drive has no READ FULL STATUS: the initiators are not known\n";
  for (const auto key : state.keys) text += fmt::format("Key={}\n", to_text(key));
  if (!state.reservation) return text + "no reservation holder\n";
  return text + fmt::format("<< Reservation holder >> {}\nscope: LU_SCOPE, type: {}\n", holder_text(*state.reservation),
                            describe(state.reservation->type));
}

std::string capabilities_text(const std::optional<Capabilities>& c, bool full_status) {
  std::string text = fmt::format("READ FULL STATUS: {}\n", full_status ? "yes" : "no, initiators cannot be seen");
  if (!c) return text + "REPORT CAPABILITIES: no, the rest is not known\n";
  text += fmt::format("Compatible reservation handling: {}\n", yes_no(c->compatible_reservation_handling));
  text += fmt::format("Specify initiator ports: {}\n", yes_no(c->specify_initiator_ports_capable));
  text += fmt::format("All target ports: {}\n", yes_no(c->all_target_ports_capable));
  text += fmt::format("Persist through power loss: {}, {} now\n",
                      c->persist_through_power_loss_capable ? "possible" : "not possible",
                      c->persist_through_power_loss_active ? "active" : "not active");
  if (!c->types) return text + "Reservation types: the drive does not tell\n";
  text += "Reservation types:\n";
  for (const auto type : {PrType::write_exclusive, PrType::exclusive_access, PrType::write_exclusive_registrants_only,
                          PrType::exclusive_access_registrants_only, PrType::write_exclusive_all_registrants,
                          PrType::exclusive_access_all_registrants}) {
    if (c->supports(type)) text += fmt::format("  {}\n", describe(type));
  }
  return text;
}

}  // namespace shstore::scsi
