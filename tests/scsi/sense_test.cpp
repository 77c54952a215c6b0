#include "scsi/sense.h"

#include <gtest/gtest.h>

#include "support.h"

namespace shstore::scsi {
namespace {

constexpr Sense kPreempted{SenseKey::unit_attention, 0x2a, 0x05, false};

// SPC-4 4.5.3
constexpr const char* kFixed = "70 00 06 00000000 0a 00000000 2a 05 00 000000";
// SPC-4 4.5.2
constexpr const char* kDescriptor = "72 06 2a 05 000000 00";

TEST(Sense, FixedFormat) { EXPECT_EQ(decode_sense(hex(kFixed)), kPreempted); }
TEST(Sense, DescriptorFormat) { EXPECT_EQ(decode_sense(hex(kDescriptor)), kPreempted); }

TEST(Sense, DeferredErrors) {
  EXPECT_TRUE(decode_sense(hex("71 00 03 00000000 0a 00000000 0c 00 00 000000"))->deferred);
  EXPECT_TRUE(decode_sense(hex("73 03 0c 00 000000 00"))->deferred);
}

TEST(Sense, TheValidBitIsNotPartOfTheResponseCode) {
  auto bytes = hex(kFixed);
  bytes[0] = 0xf0;
  EXPECT_EQ(decode_sense(bytes), kPreempted);
}

TEST(Sense, EveryPrefixOfFixedFormat) {
  const auto whole = hex(kFixed);
  for (size_t n = 0; n < whole.size(); ++n) {
    const auto sense = decode_sense(ByteView(whole).first(n));
    ASSERT_EQ(sense.has_value(), n >= 3) << n;
    if (!sense) continue;
    EXPECT_EQ(sense->key, SenseKey::unit_attention) << n;
    EXPECT_EQ(sense->asc, n > 12 ? 0x2a : 0) << n;
    EXPECT_EQ(sense->ascq, n > 13 ? 0x05 : 0) << n;
  }
}

TEST(Sense, EveryPrefixOfDescriptorFormat) {
  const auto whole = hex(kDescriptor);
  for (size_t n = 0; n < whole.size(); ++n) {
    const auto sense = decode_sense(ByteView(whole).first(n));
    ASSERT_EQ(sense.has_value(), n >= 2) << n;
    if (!sense) continue;
    EXPECT_EQ(sense->asc, n > 2 ? 0x2a : 0) << n;
    EXPECT_EQ(sense->ascq, n > 3 ? 0x05 : 0) << n;
  }
}

// Bytes after ADDITIONAL SENSE LENGTH are whatever was in the buffer before.
TEST(Sense, TheAdditionalLengthIsBelieved) {
  auto bytes = hex(kFixed);
  bytes[7] = 4;
  EXPECT_EQ(decode_sense(bytes), (Sense{SenseKey::unit_attention, 0, 0, false}));
  bytes[7] = 5;
  EXPECT_EQ(decode_sense(bytes), (Sense{SenseKey::unit_attention, 0x2a, 0, false}));
  bytes[7] = 0xff;
  EXPECT_EQ(decode_sense(bytes), kPreempted);
}

TEST(Sense, OtherResponseCodesAreNotSense) {
  for (unsigned code = 0; code < 0x80; ++code) {
    auto bytes = hex(kFixed);
    bytes[0] = static_cast<uint8_t>(code);
    EXPECT_EQ(decode_sense(bytes).has_value(), code >= 0x70 && code <= 0x73) << code;
  }
}

TEST(Sense, RoundTrip) {
  for (const Sense s : {kPreempted, Sense{}, Sense{SenseKey::illegal_request, 0x26, 0x04, true}}) {
    EXPECT_EQ(encode_sense(s).size(), 18u);
    EXPECT_EQ(decode_sense(encode_sense(s)), s);
  }
}

TEST(Sense, Words) {
  EXPECT_EQ(describe(kPreempted), "Unit Attention, 2a/05 (registrations preempted)");
  EXPECT_EQ(describe(Sense{SenseKey::hardware_error, 0x99, 0x01, false}), "Hardware Error, 99/01");
  EXPECT_EQ(describe(Status::reservation_conflict), "Reservation Conflict");
  EXPECT_EQ(describe(static_cast<Status>(0x22)), "status 0x22");
}

}  // namespace
}  // namespace shstore::scsi
