// PERSISTENT RESERVE IN and OUT as bytes. Every fixture is made by hand from the clause that is named with it.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include "scsi/persistent_reserve.h"
#include "support.h"

namespace shstore::scsi {
namespace {

// SPC-4 6.15.2: generation 0x495, keys 0xbac999, 0xbac001, 0xbac999 (one key on two nexuses).
constexpr const char* kKeys =
    "00000495 00000018"
    "0000000000bac999 0000000000bac001 0000000000bac999";

// SPC-4 6.15.3: key 0xbac999, LU_SCOPE, Exclusive Access.
constexpr const char* kReservation = "00000468 00000010 0000000000bac999 00000000 00 03 0000";

// SPC-4 6.15.4: all of CRH, SIP_C, ATP_C, PTPL_C; TMV and PTPL_A; every type.
constexpr const char* kCapabilities = "0008 1d 81 ea01 0000";

// SPC-4 6.15.5 and 7.6.4.2: holder 0xbac999 through port 1 with a Fibre Channel TransportID, then 0xbac001,
// ALL_TG_PT.
constexpr const char* kFullStatus =
    "00000495 00000060"
    "0000000000bac999 00000000 01 03 00000000 0001 00000018"
    "00 00000000000000 2100001b321f4365 0000000000000000"
    "0000000000bac001 00000000 02 00 00000000 0000 00000018"
    "00 00000000000000 2101001b322173ee 0000000000000000";

TEST(ReadKeys, Decodes) {
  const auto read = decode_read_keys(hex(kKeys));
  ASSERT_TRUE(read);
  EXPECT_EQ(read->generation, 0x495u);
  EXPECT_EQ(read->declared_length, 24u);
  EXPECT_FALSE(read->truncated);
  EXPECT_EQ(read->keys, (std::vector<ReservationKey>{{0xbac999}, {0xbac001}, {0xbac999}}));
}

TEST(ReadKeys, EveryPrefixHoldsOnlyWholeKeys) {
  const auto whole = hex(kKeys);
  for (size_t n = 0; n < whole.size(); ++n) {
    const auto read = decode_read_keys(Bytes(whole.begin(), whole.begin() + static_cast<long>(n)));
    if (n < 8) {
      EXPECT_EQ(message(read), fmt::format("READ KEYS: the device sent {} bytes, the header alone has 8", n));
      continue;
    }
    ASSERT_TRUE(read) << n;
    EXPECT_TRUE(read->truncated) << n;
    EXPECT_EQ(read->declared_length, 24u);
    EXPECT_EQ(read->keys.size(), (n - 8) / 8) << n;
  }
}

TEST(ReadKeys, BytesAfterTheDeclaredLengthAreNotKeys) {
  auto bytes = hex(kKeys);
  put_be32(bytes, 4, 8);
  const auto read = decode_read_keys(bytes);
  ASSERT_TRUE(read);
  EXPECT_EQ(read->keys, std::vector<ReservationKey>{{0xbac999}});
}

TEST(ReadKeys, AHugeDeclaredLengthIsOnlyTruncated) {
  auto bytes = hex(kKeys);
  put_be32(bytes, 4, 0xfffffff8);
  const auto read = decode_read_keys(bytes);
  ASSERT_TRUE(read);
  EXPECT_TRUE(read->truncated);
  EXPECT_EQ(read->declared_length, 0xfffffff8u);
  EXPECT_EQ(read->keys.size(), 3u);
}

TEST(ReadKeys, ALengthThatIsNoMultipleOfAKeyIsAnError) {
  auto bytes = hex(kKeys);
  put_be32(bytes, 4, 20);
  EXPECT_EQ(message(decode_read_keys(bytes)), "READ KEYS: 20 bytes of keys, not a multiple of 8");
}

TEST(ReadKeys, RoundTrip) {
  EXPECT_EQ(to_hex(encode_read_keys(0x495, {{0xbac999}, {0xbac001}, {0xbac999}})), to_hex(hex(kKeys)));
  EXPECT_EQ(to_hex(encode_read_keys(1, {})), "00 00 00 01 00 00 00 00");
}

TEST(ReadReservation, Decodes) {
  const auto read = decode_read_reservation(hex(kReservation));
  ASSERT_TRUE(read);
  EXPECT_EQ(read->generation, 0x468u);
  EXPECT_EQ(read->reservation, (Reservation{{0xbac999}, 0, PrType::exclusive_access}));
}

TEST(ReadReservation, NoneIsNotAKeyOfZero) {
  const auto read = decode_read_reservation(hex("00000468 00000000"));
  ASSERT_TRUE(read);
  EXPECT_FALSE(read->reservation);
}

// "Nobody holds it" would be the worst thing to make of half an answer.
TEST(ReadReservation, EveryPrefixIsAnError) {
  const auto whole = hex(kReservation);
  for (size_t n = 0; n < whole.size(); ++n) {
    const auto read = decode_read_reservation(Bytes(whole.begin(), whole.begin() + static_cast<long>(n)));
    ASSERT_FALSE(read) << n;
    EXPECT_EQ(read.error().kind, Error::Kind::protocol);
    EXPECT_EQ(read.error().message,
              n < 8 ? fmt::format("READ RESERVATION: the device sent {} bytes, the header alone has 8", n)
                    : fmt::format("READ RESERVATION: a reservation is declared (16 bytes) but only {} bytes were "
                                  "received",
                                  n - 8));
  }
}

TEST(ReadReservation, ADescriptorThatIsDeclaredTooShortIsAnError) {
  auto bytes = hex(kReservation);
  put_be32(bytes, 4, 15);
  EXPECT_EQ(message(decode_read_reservation(bytes)),
            "READ RESERVATION: a reservation is declared (15 bytes) but only 15 bytes were received");
}

TEST(ReadReservation, RoundTrip) {
  const Reservation r{{0xbac999}, 0, PrType::exclusive_access};
  EXPECT_EQ(to_hex(encode_read_reservation(0x468, r)), to_hex(hex(kReservation)));
  EXPECT_EQ(to_hex(encode_read_reservation(0x468, std::nullopt)), "00 00 04 68 00 00 00 00");
}

TEST(ReportCapabilities, Decodes) {
  const auto c = decode_report_capabilities(hex(kCapabilities));
  ASSERT_TRUE(c);
  EXPECT_TRUE(c->compatible_reservation_handling);
  EXPECT_TRUE(c->specify_initiator_ports_capable);
  EXPECT_TRUE(c->all_target_ports_capable);
  EXPECT_TRUE(c->persist_through_power_loss_capable);
  EXPECT_TRUE(c->persist_through_power_loss_active);
  EXPECT_EQ(c->types, 0xea01);
  EXPECT_EQ(to_hex(encode_report_capabilities(*c)), to_hex(hex(kCapabilities)));
}

TEST(ReportCapabilities, EachTypeHasItsBit) {
  const std::pair<PrType, const char*> kRows[] = {
      {PrType::write_exclusive, "0200"},
      {PrType::exclusive_access, "0800"},
      {PrType::write_exclusive_registrants_only, "2000"},
      {PrType::exclusive_access_registrants_only, "4000"},
      {PrType::write_exclusive_all_registrants, "8000"},
      {PrType::exclusive_access_all_registrants, "0001"},
  };
  for (const auto& [type, mask] : kRows) {
    const auto c = decode_report_capabilities(hex(std::string("0008 00 80 ") + mask + " 0000"));
    ASSERT_TRUE(c);
    for (const auto& [other, unused] : kRows) EXPECT_EQ(c->supports(other), other == type) << describe(other);
  }
}

TEST(ReportCapabilities, WithoutTmvTheMaskSaysNothing) {
  const auto c = decode_report_capabilities(hex("0008 00 00 0000 0000"));
  ASSERT_TRUE(c);
  EXPECT_FALSE(c->types);
  EXPECT_TRUE(c->supports(PrType::exclusive_access));
}

TEST(ReportCapabilities, EveryPrefixIsAnError) {
  const auto whole = hex(kCapabilities);
  for (size_t n = 0; n < whole.size(); ++n) {
    EXPECT_EQ(message(decode_report_capabilities(Bytes(whole.begin(), whole.begin() + static_cast<long>(n)))),
              fmt::format("REPORT CAPABILITIES: {} bytes, SPC-4 requires 8", n));
  }
  EXPECT_FALSE(decode_report_capabilities(hex("0006 1d 81 ea01 0000")));
}

TEST(ReadFullStatus, Decodes) {
  const auto s = decode_read_full_status(hex(kFullStatus));
  ASSERT_TRUE(s);
  EXPECT_EQ(s->generation, 0x495u);
  EXPECT_FALSE(s->truncated);
  ASSERT_EQ(s->registrants.size(), 2u);
  const auto& [holder, waiting] = std::tie(s->registrants[0], s->registrants[1]);
  EXPECT_EQ(holder.key, kDirKey);
  EXPECT_TRUE(holder.reservation_holder);
  EXPECT_EQ(holder.type, PrType::exclusive_access);
  EXPECT_FALSE(holder.all_target_ports);
  EXPECT_EQ(holder.relative_target_port, 1);
  EXPECT_EQ(holder.initiator, fc_transport_id(0x2100001b321f4365));
  EXPECT_EQ(waiting.key, kCibouKey);
  EXPECT_FALSE(waiting.reservation_holder);
  EXPECT_FALSE(waiting.type);
  EXPECT_TRUE(waiting.all_target_ports);
}

TEST(ReadFullStatus, EveryPrefixHoldsOnlyWholeDescriptors) {
  const auto whole = hex(kFullStatus);
  for (size_t n = 0; n < whole.size(); ++n) {
    const auto s = decode_read_full_status(Bytes(whole.begin(), whole.begin() + static_cast<long>(n)));
    if (n < 8) {
      EXPECT_EQ(message(s), fmt::format("READ FULL STATUS: the device sent {} bytes, the header alone has 8", n));
      continue;
    }
    ASSERT_TRUE(s) << n;
    EXPECT_TRUE(s->truncated) << n;
    EXPECT_EQ(s->registrants.size(), (n - 8) / 48) << n;
  }
}

// Key, holder and type stand before the TransportID, and are there whatever the device sends for it.
TEST(ReadFullStatus, ATransportIdThatCannotBeReadCostsItsInitiatorOnly) {
  for (const uint32_t length : {0u, 8u, 15u, 23u, 25u, 200u, 0xffffffffu}) {
    auto bytes = hex(kFullStatus);
    put_be32(bytes, 8 + 48 + 20, length);
    if (length < 24) {
      bytes.resize(8 + 48 + 24 + length);
      put_be32(bytes, 4, static_cast<uint32_t>(bytes.size() - 8));
    }
    const auto s = decode_read_full_status(bytes);
    ASSERT_TRUE(s) << length << ' ' << s.error();
    ASSERT_EQ(s->registrants.size(), 2u) << length;
    EXPECT_TRUE(s->registrants[0].reservation_holder);
    EXPECT_EQ(s->registrants[1].key, kCibouKey) << length;
    EXPECT_EQ(s->registrants[1].initiator.unreadable.empty(), length >= 16) << length;
  }
}

TEST(ReadFullStatus, ShortAndLongOnesInTheMiddleDoNotCostThoseBehindThem) {
  const auto whole = hex(kFullStatus);
  for (const uint32_t length : {0u, 4u, 16u, 36u}) {
    Bytes bytes(whole.begin(), whole.begin() + 8 + 24);
    put_be32(bytes, 8 + 20, length);
    bytes.resize(bytes.size() + length, 0x11);
    append(bytes, ByteView(whole).subspan(8 + 48));
    put_be32(bytes, 4, static_cast<uint32_t>(bytes.size() - 8));
    const auto s = decode_read_full_status(bytes);
    ASSERT_TRUE(s) << length << ' ' << s.error();
    ASSERT_EQ(s->registrants.size(), 2u) << length;
    EXPECT_EQ(s->registrants[0].key, kDirKey);
    EXPECT_EQ(s->registrants[0].type, PrType::exclusive_access);
    EXPECT_EQ(s->registrants[1].key, kCibouKey);
    EXPECT_TRUE(s->registrants[1].initiator.unreadable.empty());
  }
}

// The device says that this is all: whose key the rest begins with, and whether it holds, is not known, and unknown is not nobody.
TEST(ReadFullStatus, AListThatEndsWithinADescriptorIsAnError) {
  const auto whole = hex(kFullStatus);
  for (const size_t before : {0u, 48u}) {
    for (size_t rest = 1; rest < 24; ++rest) {
      Bytes bytes(whole.begin(), whole.begin() + static_cast<long>(8 + before + rest));
      put_be32(bytes, 4, static_cast<uint32_t>(before + rest));
      EXPECT_EQ(
          message(decode_read_full_status(bytes)),
          fmt::format("READ FULL STATUS: the list of {} bytes ends within a descriptor: {} bytes of it came, SPC-4 "
                      "requires 24",
                      before + rest, rest));
    }
  }
}

TEST(ReadFullStatus, RoundTrip) {
  const auto s = decode_read_full_status(hex(kFullStatus));
  ASSERT_TRUE(s);
  EXPECT_EQ(to_hex(encode_read_full_status(0x495, s->registrants)), to_hex(hex(kFullStatus)));
}

// SPC-4 6.15.1, 6.16.1
TEST(PersistentReserveCdb, In) {
  EXPECT_EQ(to_hex(cdb_pr_in(PrIn::read_keys, 0x1234)), "5e 00 00 00 00 00 00 12 34 00");
  EXPECT_EQ(to_hex(cdb_pr_in(PrIn::read_reservation, 8)), "5e 01 00 00 00 00 00 00 08 00");
  EXPECT_EQ(to_hex(cdb_pr_in(PrIn::report_capabilities, 8)), "5e 02 00 00 00 00 00 00 08 00");
  EXPECT_EQ(to_hex(cdb_pr_in(PrIn::read_full_status, 8)), "5e 03 00 00 00 00 00 00 08 00");
}

TEST(PersistentReserveCdb, Out) {
  const auto cdb = cdb_pr_out(PrOut::preempt_and_abort, PrType::exclusive_access);
  EXPECT_EQ(to_hex(cdb), "5f 05 03 00 00 00 00 00 18 00");
  const auto back = decode_cdb_pr_out(cdb);
  EXPECT_EQ(back.service_action, PrOut::preempt_and_abort);
  EXPECT_EQ(back.scope, 0);
  EXPECT_EQ(back.type, 3);
  EXPECT_EQ(back.parameter_list_length, 24u);
  EXPECT_EQ(decode_cdb_pr_out(hex("5f 01 f4 00 00 01020304 00")).scope, 0xf);
  EXPECT_EQ(decode_cdb_pr_out(hex("5f 01 f4 00 00 01020304 00")).type, 4);
  EXPECT_EQ(decode_cdb_pr_out(hex("5f 01 f4 00 00 01020304 00")).parameter_list_length, 0x01020304u);
}

// SPC-4 6.16.3
TEST(PersistentReserveParameters, RoundTrip) {
  EXPECT_EQ(to_hex(encode_pr_out_parameters({.key = {0xbac001}, .service_action_key = {0x0102030405060708}})),
            "00 00 00 00 00 ba c0 01 01 02 03 04 05 06 07 08 00 00 00 00 00 00 00 00");
  for (unsigned bits = 0; bits < 8; ++bits) {
    const PrOutParameters p{{1}, {2}, (bits & 4) != 0, (bits & 2) != 0, (bits & 1) != 0};
    const auto bytes = encode_pr_out_parameters(p);
    EXPECT_EQ(bytes[20], (bits & 4) * 2 + (bits & 2) * 2 + (bits & 1)) << bits;
    const auto back = decode_pr_out_parameters(bytes);
    EXPECT_EQ(back.key, p.key);
    EXPECT_EQ(back.service_action_key, p.service_action_key);
    EXPECT_EQ(back.specify_initiator_ports, p.specify_initiator_ports);
    EXPECT_EQ(back.all_target_ports, p.all_target_ports);
    EXPECT_EQ(back.activate_persist_through_power_loss, p.activate_persist_through_power_loss);
  }
}

TEST(PrTypeText, IsSgPersists) {
  EXPECT_EQ(describe(PrType::exclusive_access), "Exclusive Access");
  EXPECT_EQ(describe(PrType::write_exclusive_all_registrants), "Write Exclusive, all registrants");
  EXPECT_EQ(describe(static_cast<PrType>(4)), "0x4");
}

TEST(Key, SixHexDigits) {
  EXPECT_EQ(parse_key("bac001"), kCibouKey);
  EXPECT_EQ(parse_key("BAC001"), kCibouKey);
  EXPECT_EQ(parse_key("0xbac001"), kCibouKey);
  EXPECT_EQ(parse_key("1"), ReservationKey{1});
  EXPECT_EQ(to_text(kCibouKey), "0xbac001");
  EXPECT_EQ(to_text({0xfedcba9876543210}), "0xfedcba9876543210");
  for (const char* bad : {"", "0x", "bac0011", "xyz", "-1", "+1", " bac001", "bac001 ", "0x0xba"}) {
    EXPECT_EQ(message(parse_key(bad)), fmt::format("key \"{}\" is not 1 to 6 hexadecimal digits (0-9, a-f)", bad));
  }
  EXPECT_EQ(message(parse_key("0")), "key \"0\" is zero, which SCSI uses for \"no registration\"");
}

}  // namespace
}  // namespace shstore::scsi
