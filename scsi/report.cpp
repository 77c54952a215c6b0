#include "scsi/report.h"

#include <fmt/format.h>

namespace shstore::scsi {
namespace {

std::string initiator_text(const TransportId& id) {
  switch (static_cast<Protocol>(id.protocol)) {
    case Protocol::fibre_channel: return "  FCP-2 World Wide Name:\n" + hex_dump(id.port);
    case Protocol::sas:
      return id.port.size() == 8 ? fmt::format("  SAS address: 0x{:016x}\n", be64(id.port, 0)) : hex_dump(id.port);
    case Protocol::iscsi:
      if (id.iscsi_isid.empty()) return fmt::format("  iSCSI world wide unique name: {}\n", id.iscsi_name);
      return fmt::format("  iSCSI world wide unique port id: {},i,0x{}\n", id.iscsi_name, id.iscsi_isid);
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
    text += fmt::format("<< Reservation holder >>\nscope: {}, type: {}\n", scope, r.type ? describe(*r.type) : "unknown");
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
    text += fmt::format("{:02x}      {}    {}\n", at, hex, ascii);
  }
  return text;
}

std::string query_text(const StandardInquiry& inquiry, const FullStatus& status) {
  std::string text = fmt::format("{:<8}    {:<16}  {}\n", inquiry.vendor, inquiry.product, inquiry.revision);
  text += fmt::format("Peripheral device type: {}\n", device_type_text(inquiry.device_type));
  text += fmt::format("PR generation=0x{:x}\n", status.generation);
  if (status.registrants.empty()) return text + "No full status descriptors\n";
  for (size_t i = 0; i < status.registrants.size(); ++i) {
    text += (i == 0 ? "" : "\n") + registrant_text(status.registrants[i]);
  }
  return text;
}

}  // namespace shstore::scsi
