// MOVE MEDIUM and its kin, and where a library says that its elements are.
#include <gtest/gtest.h>

#include "scsi/medium_changer.h"
#include "support.h"

namespace shstore::scsi {
namespace {

TEST(MoveMedium, Cdb) {
  EXPECT_EQ(to_hex(cdb_move_medium({.transport = 1, .source = 0x400, .destination = 0x100})),
            "a5 00 00 01 04 00 01 00 00 00 00 00");
  const MoveMedium inverted{0, 0x1234, 0x5678, true};
  EXPECT_EQ(decode_cdb_move_medium(cdb_move_medium(inverted)), inverted);
}

TEST(OtherCdbs, Bytes) {
  EXPECT_EQ(to_hex(cdb_initialize_element_status()), "07 00 00 00 00 00");
  EXPECT_EQ(to_hex(cdb_mode_sense6(0x1d, 0xfc)), "1a 08 1d 00 fc 00");
  EXPECT_EQ(to_hex(cdb_mode_sense10(0x1d, 0x1fc)), "5a 08 1d 00 00 00 00 01 fc 00");
  EXPECT_EQ(to_hex(cdb_load_unload(false)), "1b 00 00 00 00 00");
  EXPECT_EQ(to_hex(cdb_load_unload(true)), "1b 00 00 00 01 00");
}

// Arm 1, slots 1024 to 1031, mail slots 16 and 17, drives 256 and 257.
constexpr const char* kPage = "1d 12 0001 0001 0400 0008 0010 0002 0100 0002 0000";
constexpr ElementAddresses kAddresses{{1, 1}, {1024, 8}, {16, 2}, {256, 2}};

TEST(ElementAddressAssignment, BothModeSenses) {
  const auto six = hex(std::string("17 00 00 00") + kPage);
  const auto ten = hex(std::string("001a 00 00 00 00 0000") + kPage);
  EXPECT_EQ(decode_element_addresses6(six), kAddresses);
  EXPECT_EQ(decode_element_addresses10(ten), kAddresses);
  EXPECT_EQ(to_hex(encode_element_addresses6(kAddresses)), to_hex(six));
  EXPECT_EQ(to_hex(encode_element_addresses10(kAddresses)), to_hex(ten));
  EXPECT_EQ(kAddresses.of(ElementType::data_transfer).first, 256);
  EXPECT_TRUE(kAddresses.storage.contains(1031));
  EXPECT_FALSE(kAddresses.storage.contains(1032));
  EXPECT_FALSE(kAddresses.storage.contains(1023));
}

TEST(ElementAddressAssignment, BehindABlockDescriptorAndOtherPages) {
  EXPECT_EQ(decode_element_addresses6(hex(std::string("24 00 00 08 0000000000000000 1f 02 aabb 40 01 0000 ") + kPage)),
            kAddresses);
  EXPECT_EQ(decode_element_addresses10(hex(std::string("0022 00 00 00 00 0008 0000000000000000") + kPage)), kAddresses);
}

TEST(ElementAddressAssignment, WithoutTheReservedBytesAtItsEnd) {
  const auto bytes = hex(std::string("17 00 00 00") + kPage);
  EXPECT_EQ(decode_element_addresses6(ByteView(bytes).first(bytes.size() - 2)), kAddresses);
}

TEST(ElementAddressAssignment, EveryShorterPrefixIsAnError) {
  const auto bytes = hex(std::string("17 00 00 00") + kPage);
  for (size_t n = 0; n + 2 < bytes.size(); ++n) {
    const auto addresses = decode_element_addresses6(ByteView(bytes).first(n));
    EXPECT_TRUE(message(addresses).starts_with("Element Address Assignment page: ")) << n;
  }
  EXPECT_EQ(message(decode_element_addresses6(hex("07 00 00 00 1f 02 0000"))),
            "Element Address Assignment page: not in the answer");
  EXPECT_EQ(message(decode_element_addresses6(hex("07 00 00 00 1d 02 0000 0000000000000000000000000000000000"))),
            "Element Address Assignment page: cut off");
}

}  // namespace
}  // namespace shstore::scsi
