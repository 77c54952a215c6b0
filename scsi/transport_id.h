// TransportID: which initiator port a registration belongs to (SPC-4 7.6.4). No I/O.
#pragma once

#include <cstdint>
#include <string>

#include "scsi/bytes.h"
#include "scsi/error.h"

namespace shstore::scsi {

enum class Protocol : uint8_t { fibre_channel = 0x0, srp = 0x4, iscsi = 0x5, sas = 0x6 };

struct TransportId {
  uint8_t protocol = 0;    ///< a Protocol, or a number that this code does not know
  Bytes port;              ///< FC: 8-byte WWPN; SAS: 8-byte address; SRP: 16 bytes; iSCSI and others: empty or raw
  std::string iscsi_name;  ///< iSCSI: "iqn.1993-08.org.debian:01:abc", as it was sent: show text() instead
  std::string iscsi_isid;  ///< iSCSI, format 01b: the hex digits after ",i,0x"; else empty
  /// Not empty: the device sent something that names no port ("8 bytes of a Fibre Channel TransportID"). It is nobody's,
  /// and never a port of this host.
  std::string unreadable{};
  friend bool operator==(const TransportId&, const TransportId&) = default;

  /// One line that names the port: "21:00:00:1b:32:1f:43:65", "iqn...,i,0x80123456789a". printable().
  std::string text() const;
};

TransportId fc_transport_id(uint64_t wwpn);

/// `bytes` is exactly one TransportID; bytes behind it are the device's own. An unknown protocol is kept raw. A short one is taken
/// if the port is whole, and is an error otherwise.
Result<TransportId> decode_transport_id(ByteView bytes);
/// The same, with TransportId::unreadable in the place of an error.
TransportId decode_transport_id_or_say(ByteView bytes);
Bytes encode_transport_id(const TransportId& id);

}  // namespace shstore::scsi
