#include "scsi/read_position.h"

#include <gtest/gtest.h>

#include "support.h"

namespace shstore::scsi {
namespace {

constexpr auto kShort = PositionForm::of_blocks, kLong = PositionForm::long_form;
constexpr const char* kShortCdb = "34 00 00 00 00 00 00 00 00 00";
constexpr const char* kLongCdb = "34 06 00 00 00 00 00 00 00 00";
constexpr const char* kAt70000 = "00 00 00 00 00 01 11 70 00 01 11 70 00 00 00 00 00 00 00 00";

TEST(ReadPosition, TheShortForm) {
  EXPECT_EQ(to_hex(cdb_read_position(kShort)), kShortCdb);
  EXPECT_EQ(decode_read_position(kShort, hex(kAt70000))->object, 70000u);
  const auto start = decode_read_position(kShort, hex("80 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00"));
  EXPECT_EQ(*start, (TapePosition{.beginning = true, .object = 0}));
}

TEST(ReadPosition, WhatWaitsInTheBufferCountsAsWritten) {
  const auto p = decode_read_position(kShort, hex("00 01 00 00 00 00 00 09 00 00 00 05 00 00 00 04 00 00 10 00"));
  EXPECT_EQ(p->object, 9u) << "first: where the host is; last: what is on the medium already";
  EXPECT_EQ(p->partition, 1u);
}

TEST(ReadPosition, ADriveThatDoesNotKnowSaysSo) {
  EXPECT_FALSE(
      decode_read_position(kShort, hex("04 00 00 00 00 00 00 07 00 00 00 07 00 00 00 00 00 00 00 00"))->object);
  const auto p = decode_read_position(
      kLong, hex("0c 00 00 00 00 00 00 00 00 00 00 00 00 00 00 07 00 00 00 00 00 00 00 02 00 00 00 00 "
                 "00 00 00 00"));
  EXPECT_FALSE(p->object);
  EXPECT_FALSE(p->file);
}

TEST(ReadPosition, TheLongFormHasTheFileAsWell) {
  EXPECT_EQ(to_hex(cdb_read_position(kLong)), kLongCdb);
  const auto p = decode_read_position(
      kLong, hex("40 00 00 00 00 00 00 00 00 00 00 01 00 00 00 07 00 00 00 00 00 00 00 02 00 00 00 00 "
                 "00 00 00 00"));
  EXPECT_EQ(*p, (TapePosition{.end = true, .object = 0x100000007, .file = 2}));
}

TEST(ReadPosition, BytesThatAreMissingAreAnError) {
  EXPECT_EQ(decode_read_position(kShort, Bytes(19)).error().message, "READ POSITION: the drive sent 19 of 20 bytes");
  EXPECT_FALSE(decode_read_position(kLong, Bytes(20)));
}

TEST(ReadPosition, WhatIsEncodedIsDecoded) {
  for (const auto form : {kShort, kLong}) {
    for (const uint64_t object : {0ull, 1ull, 0xffffffffull}) {
      const TapePosition p{
          .beginning = object == 0, .object = object, .file = form == kLong ? std::optional(object / 2) : std::nullopt};
      EXPECT_EQ(*decode_read_position(form, encode_read_position(form, p)), p);
    }
    EXPECT_FALSE(decode_read_position(form, encode_read_position(form, {}))->object);
  }
}

TEST(ReadPosition, WhereTheShortFormEndsTheLongOneIsAsked) {
  ScriptedTransport transport;
  LogicalUnit drive(transport);
  transport.expect(kShortCdb, good_reply("02 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00"));
  transport.expect(
      kLongCdb,
      good_reply("00 00 00 00 00 00 00 00 00 00 00 01 00 00 00 00 00 00 00 00 00 00 00 02 00 00 00 00 00 00 00 00"));
  EXPECT_EQ(read_position(drive)->object, 0x100000000u);

  transport.expect(kShortCdb, good_reply("04 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00"));
  transport.expect(kLongCdb, sense_reply(SenseKey::illegal_request, asc::invalid_field_in_cdb));
  const auto unknown = read_position(drive);
  ASSERT_TRUE(unknown);
  EXPECT_FALSE(unknown->object);
}

TEST(ReadPosition, ADriveWithoutTheCommandAndOneThatIsHeldByAnother) {
  ScriptedTransport transport;
  LogicalUnit drive(transport);
  transport.expect(kShortCdb, sense_reply(SenseKey::illegal_request, asc::invalid_operation_code));
  EXPECT_EQ(read_position(drive).error().kind, Error::Kind::unsupported);
  transport.expect(kShortCdb, status_reply(Status::reservation_conflict));
  EXPECT_EQ(read_position(drive).error().kind, Error::Kind::refused);
}

}  // namespace
}  // namespace shstore::scsi
