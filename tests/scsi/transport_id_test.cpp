// SPC-4 7.6.4. Fixtures are made by hand.
#include "scsi/transport_id.h"

#include <gtest/gtest.h>

#include "scsi/local_ports.h"
#include "support.h"

namespace shstore::scsi {
namespace {

struct Row {
  const char* name;
  const char* bytes;
  const char* text;
};

constexpr Row kRows[] = {
    {"fibre channel", "00 00000000000000 2101001b322173ee 0000000000000000", "21:01:00:1b:32:21:73:ee"},
    {"SAS", "06 000000 5001438002356000 000000000000000000000000", "50:01:43:80:02:35:60:00"},
    {"SRP", "04 00000000000000 0001020304050607 08090a0b0c0d0e0f", "00:01:02:03:04:05:06:07:08:09:0a:0b:0c:0d:0e:0f"},
    // "iqn.2026-11.a:b", format 00b
    {"iSCSI name", "05 00 0014 69716e2e323032362d31312e613a62 0000000000", "iqn.2026-11.a:b"},
    // "iqn.2026-11.a:b,i,0x80123456789a", format 01b
    {"iSCSI port", "45 00 0024 69716e2e323032362d31312e613a62 2c692c3078 383031323334353637383961 00000000",
     "iqn.2026-11.a:b,i,0x80123456789a"},
};

TEST(TransportId, DecodesAndEncodesBack) {
  for (const auto& row : kRows) {
    const auto id = decode_transport_id(hex(row.bytes));
    ASSERT_TRUE(id) << row.name << ": " << message(id);
    EXPECT_EQ(id->text(), row.text) << row.name;
    EXPECT_EQ(to_hex(encode_transport_id(*id)), to_hex(hex(row.bytes))) << row.name;
  }
}

// Up to the end of the port itself; the reserved bytes behind it may be missing.
TEST(TransportId, EveryShorterPrefixIsAnError) {
  for (const auto& row : kRows) {
    const auto whole = hex(row.bytes);
    const std::string name = row.name;
    const size_t port_ends = name == "fibre channel" ? 16 : name == "SAS" ? 12 : whole.size();
    for (size_t n = 0; n < whole.size(); ++n) {
      const auto id = decode_transport_id(ByteView(whole).first(n));
      EXPECT_EQ(id.has_value(), n >= port_ends) << row.name << " cut to " << n;
      if (id) {
        EXPECT_EQ(id->text(), row.text);
      }
      const auto said = decode_transport_id_or_say(ByteView(whole).first(n));
      EXPECT_EQ(said.unreadable.empty(), n >= port_ends) << row.name << " cut to " << n;
    }
  }
}

TEST(TransportId, WhatCannotBeReadIsNoPortOfThisHost) {
  const auto id = decode_transport_id_or_say(hex("00 00 00 00 00 00 00 00"));
  EXPECT_EQ(id.text(), "unknown (8 bytes of a TransportID)");
  EXPECT_EQ(decode_transport_id_or_say({}).text(), "unknown (no TransportID)");
  auto same_bytes = id;
  same_bytes.port = hex("2101001b322173ee");
  EXPECT_FALSE(LocalPorts({0x2101001b322173ee}, {""}).contains(same_bytes));
}

TEST(TransportId, AnUnknownProtocolIsKeptRaw) {
  const auto bytes = hex("0a 112233445566778899aabbccddeeff 0102030405060708");
  const auto id = decode_transport_id(bytes);
  ASSERT_TRUE(id);
  EXPECT_EQ(id->protocol, 0x0a);
  EXPECT_EQ(id->port.size(), 23u);
  EXPECT_EQ(to_hex(encode_transport_id(*id)), to_hex(bytes));
}

TEST(TransportId, AnIscsiLengthBeyondTheBytesIsAnError) {
  auto bytes = hex(kRows[3].bytes);
  put_be16(bytes, 2, 21);
  EXPECT_EQ(message(decode_transport_id(bytes)), "iSCSI TransportID: 21 bytes declared, 20 received");
}

TEST(TransportId, AnIscsiNameWithoutTerminatorEndsWithItsField) {
  auto bytes = hex(kRows[3].bytes);
  put_be16(bytes, 2, 10);
  const auto id = decode_transport_id(bytes);
  ASSERT_TRUE(id);
  EXPECT_EQ(id->text(), "iqn.2026-1");
}

// SPC-4 7.6.4.6: null terminated, padded to a multiple of four, at least 20 bytes.
TEST(TransportId, IscsiPadding) {
  TransportId id;
  id.protocol = static_cast<uint8_t>(Protocol::iscsi);
  for (const auto& [length, field] : {std::pair<size_t, size_t>{1, 20}, {19, 20}, {20, 24}, {23, 24}, {24, 28}}) {
    id.iscsi_name.assign(length, 'x');
    const auto bytes = encode_transport_id(id);
    EXPECT_EQ(bytes.size(), 4 + field) << length;
    EXPECT_EQ(decode_transport_id(bytes), id);
  }
}

}  // namespace
}  // namespace shstore::scsi
