#include "scsi/transport_id.h"

#include <fmt/format.h>

#include <algorithm>

#include "scsi/base/printable.h"

namespace shstore::scsi {
namespace {

constexpr size_t kFixedLength = 24;  // every TransportID but iSCSI's (SPC-4 7.6.4.2 ff.)

struct PortField {
  size_t offset, length;
};

// Where the fixed-length formats keep the initiator port.
PortField port_field(uint8_t protocol) {
  switch (static_cast<Protocol>(protocol)) {
    case Protocol::fibre_channel: return {8, 8};
    case Protocol::sas: return {4, 8};
    case Protocol::srp: return {8, 16};
    default: return {1, kFixedLength - 1};
  }
}

Result<TransportId> decode_iscsi(ByteView b) {
  if (b.size() < 4) return fail(Error::Kind::protocol, fmt::format("iSCSI TransportID: {} bytes", b.size()));
  const size_t declared = be16(b, 2);
  if (declared > b.size() - 4) {
    return fail(Error::Kind::protocol,
                fmt::format("iSCSI TransportID: {} bytes declared, {} received", declared, b.size() - 4));
  }
  TransportId id;
  id.protocol = static_cast<uint8_t>(Protocol::iscsi);
  const auto field = b.subspan(4, declared);
  const std::string text(field.begin(), std::find(field.begin(), field.end(), uint8_t{0}));
  const auto separator = (b[0] >> 6) == 1 ? text.find(",i,0x") : std::string::npos;
  id.iscsi_name = text.substr(0, separator);
  if (separator != std::string::npos) id.iscsi_isid = text.substr(separator + 5);
  return id;
}

Bytes encode_iscsi(const TransportId& id) {
  std::string text = id.iscsi_name;
  if (!id.iscsi_isid.empty()) text += ",i,0x" + id.iscsi_isid;
  // Null terminated and padded to a multiple of four, at least 20 (SPC-4 7.6.4.6).
  const size_t length = std::max<size_t>(20, (text.size() + 1 + 3) / 4 * 4);
  Bytes b(4 + length, 0);
  b[0] = static_cast<uint8_t>((id.iscsi_isid.empty() ? 0x00 : 0x40) | static_cast<uint8_t>(Protocol::iscsi));
  put_be16(b, 2, static_cast<uint16_t>(length));
  std::copy(text.begin(), text.end(), b.begin() + 4);
  return b;
}

}  // namespace

TransportId fc_transport_id(uint64_t wwpn) {
  TransportId id;
  id.protocol = static_cast<uint8_t>(Protocol::fibre_channel);
  id.port.resize(8);
  put_be64(id.port, 0, wwpn);
  return id;
}

Result<TransportId> decode_transport_id(ByteView b) {
  if (b.empty()) return fail(Error::Kind::protocol, "TransportID: 0 bytes");
  const uint8_t protocol = b[0] & 0x0f;
  if (protocol == static_cast<uint8_t>(Protocol::iscsi)) return decode_iscsi(b);
  const auto [offset, length] = port_field(protocol);
  if (b.size() < offset + length) {
    return fail(Error::Kind::protocol, fmt::format("TransportID: {} bytes, SPC-4 requires {}", b.size(), kFixedLength));
  }
  TransportId id;
  id.protocol = protocol;
  const auto port = b.subspan(offset, length);
  id.port.assign(port.begin(), port.end());
  return id;
}

TransportId decode_transport_id_or_say(ByteView b) {
  if (auto id = decode_transport_id(b)) return *id;
  TransportId id;
  id.protocol = b.empty() ? 0x0f : b[0] & 0x0f;
  id.port.assign(b.begin(), b.end());
  id.unreadable = b.empty() ? std::string("no TransportID") : fmt::format("{} bytes of a TransportID", b.size());
  return id;
}

Bytes encode_transport_id(const TransportId& id) {
  if (id.protocol == static_cast<uint8_t>(Protocol::iscsi)) return encode_iscsi(id);
  Bytes b(kFixedLength, 0);
  b[0] = id.protocol & 0x0f;
  const auto [offset, length] = port_field(id.protocol);
  std::copy_n(id.port.begin(), std::min(id.port.size(), length), b.begin() + static_cast<ptrdiff_t>(offset));
  return b;
}

std::string TransportId::text() const {
  if (!unreadable.empty()) return fmt::format("unknown ({})", unreadable);
  if (protocol == static_cast<uint8_t>(Protocol::iscsi)) {
    // Another host chose it.
    return base::printable(iscsi_isid.empty() ? iscsi_name : fmt::format("{},i,0x{}", iscsi_name, iscsi_isid));
  }
  std::string joined;
  for (const uint8_t b : port) joined += fmt::format("{}{:02x}", joined.empty() ? "" : ":", b);
  return joined;
}

}  // namespace shstore::scsi
