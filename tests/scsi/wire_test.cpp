#include "scsi/wire.h"

#include <gtest/gtest.h>

#include "support.h"

namespace shstore::scsi {
namespace {

ByteView body(const Bytes& frame) { return ByteView(frame).subspan(wire::kLengthField); }

TEST(Wire, CommandBytes) {
  const Command c{hex("5f 01 03 00 00 00000002 00"), hex("aabb"), 0, std::chrono::milliseconds(5000)};
  EXPECT_EQ(to_hex(wire::frame(c)), to_hex(hex("00000015 00001388 00000000 0a 5f01030000 0000000200 aabb")));
}

TEST(Wire, ReplyBytes) {
  EXPECT_EQ(to_hex(wire::frame(Reply{Status::check_condition, hex("70 00 06"), hex("0102")})),
            to_hex(hex("00000007 02 03 700006 0102")));
}

TEST(Wire, RoundTrips) {
  const Command c{hex("5e 00 00 00 00 00 00 04 00 00"), {}, 1024, std::chrono::milliseconds(7)};
  const auto command = wire::decode_command(body(wire::frame(c)));
  ASSERT_TRUE(command);
  EXPECT_EQ(command->cdb, c.cdb);
  EXPECT_EQ(command->data_out, c.data_out);
  EXPECT_EQ(command->data_in_length, c.data_in_length);
  EXPECT_EQ(command->deadline, c.deadline);
  const Reply r{Status::good, {}, hex("00000495 00000000")};
  const auto reply = wire::decode_reply(body(wire::frame(r)));
  ASSERT_TRUE(reply);
  EXPECT_EQ(reply->status, r.status);
  EXPECT_EQ(reply->sense, r.sense);
  EXPECT_EQ(reply->data_in, r.data_in);
}

TEST(Wire, EveryPrefixOfACommandIsRefusedOrHoldsLessData) {
  const Command c{hex("12 00 00 00 60 00"), hex("aabbcc"), 96, std::chrono::milliseconds(1)};
  const auto whole = wire::frame(c);
  for (size_t n = 0; n < body(whole).size(); ++n) {
    const auto command = wire::decode_command(body(whole).first(n));
    ASSERT_EQ(command.has_value(), n >= 15) << n;
    EXPECT_EQ(message(command), command ? "no error" : "malformed command frame");
    EXPECT_TRUE(!command || command->data_out.size() == n - 15) << n;
  }
}

TEST(Wire, EveryPrefixOfAReply) {
  const auto whole = wire::frame(Reply{Status::check_condition, hex("70 00 06"), hex("aabb")});
  for (size_t n = 0; n < body(whole).size(); ++n) {
    const auto reply = wire::decode_reply(body(whole).first(n));
    ASSERT_EQ(reply.has_value(), n >= 5) << n;
    EXPECT_EQ(message(reply), reply ? "no error" : "malformed reply frame");
    EXPECT_TRUE(!reply || reply->data_in.size() == n - 5) << n;
  }
}

TEST(Wire, ACommandWithoutCdbOrWithTooMuchRoomIsRefused) {
  EXPECT_EQ(message(wire::decode_command(hex("00000000 00000000 00"))), "malformed command frame");
  EXPECT_EQ(message(wire::decode_command(hex("00000000 00800001 01 00"))), "malformed command frame");
  EXPECT_TRUE(wire::decode_command(hex("00000000 00800000 01 00")));
}

TEST(Wire, FrameLength) {
  for (const char* early : {"", "00", "0000", "000000"}) EXPECT_FALSE(wire::frame_length(hex(early)).value());
  EXPECT_EQ(wire::frame_length(hex("00000000")).value(), 4u);
  EXPECT_EQ(wire::frame_length(hex("01000000")).value(), 4u + (16u << 20));
  EXPECT_EQ(message(wire::frame_length(hex("01000001"))), "a frame of 16777217 bytes is too large");
  EXPECT_EQ(message(wire::frame_length(hex("ffffffff"))), "a frame of 4294967295 bytes is too large");
}

}  // namespace
}  // namespace shstore::scsi
