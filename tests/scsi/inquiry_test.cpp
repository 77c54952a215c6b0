// SPC-4 6.6, 7.8. Fixtures are made by hand.
#include "scsi/inquiry.h"

#include <gtest/gtest.h>

#include "support.h"

namespace shstore::scsi {
namespace {

// "HP      " "Ultrium 4-SCSI  " "H61W"
constexpr const char* kStandard = "01 80 06 02 1f 00 00 00 4850202020202020 556c747269756d20342d534353492020 48363157";
constexpr const char* kSerial = "01 80 0004 20414231";  // " AB1"
// NAA (type 3) 50014380023560d4 and T10 vendor id (type 1) "HP      U4"
constexpr const char* kIdentification = "01 83 001a 01 03 00 08 50014380023560d4 02 01 00 0a 48502020202020205534";

TEST(Inquiry, Cdbs) {
  EXPECT_EQ(to_hex(cdb_inquiry(0x160)), "12 00 00 01 60 00");
  EXPECT_EQ(to_hex(cdb_inquiry(VpdPage::device_identification, 0xfc)), "12 01 83 00 fc 00");
  EXPECT_EQ(to_hex(cdb_test_unit_ready()), "00 00 00 00 00 00");
}

TEST(Inquiry, StandardDataBothWays) {
  const auto i = decode_inquiry(hex(kStandard));
  ASSERT_TRUE(i);
  EXPECT_EQ(i->device_type, kTape);
  EXPECT_EQ(i->peripheral_qualifier, 0);
  EXPECT_TRUE(i->removable);
  EXPECT_EQ(i->vendor, "HP");
  EXPECT_EQ(i->product, "Ultrium 4-SCSI");
  EXPECT_EQ(i->revision, "H61W");
  EXPECT_EQ(to_hex(encode_inquiry(*i)), to_hex(hex(kStandard)));
}

TEST(Inquiry, EveryPrefixIsAnError) {
  const auto whole = hex(kStandard);
  for (size_t n = 0; n < whole.size(); ++n) {
    EXPECT_EQ(message(decode_inquiry(ByteView(whole).first(n))),
              "standard INQUIRY data: " + std::to_string(n) + " bytes, SPC-4 requires 36");
  }
}

TEST(Inquiry, UnitSerialNumber) {
  EXPECT_EQ(decode_unit_serial_number(hex(kSerial)), "AB1");
  EXPECT_EQ(decode_unit_serial_number(encode_unit_serial_number(kTape, "HU1")), "HU1");
  EXPECT_EQ(decode_unit_serial_number(hex("01 80 0002 2020")), "");
}

TEST(Inquiry, EveryPrefixOfTheSerialNumberIsAnError) {
  const auto whole = hex(kSerial);
  for (size_t n = 0; n < 4; ++n) {
    EXPECT_EQ(message(decode_unit_serial_number(ByteView(whole).first(n))),
              "vital product data page 80h: only " + std::to_string(n) + " bytes");
  }
  for (size_t n = 4; n < whole.size(); ++n) {
    EXPECT_EQ(message(decode_unit_serial_number(ByteView(whole).first(n))),
              "vital product data page 80h: 4 bytes declared, " + std::to_string(n - 4) + " received");
  }
}

TEST(Inquiry, AnotherPageThanAskedForIsAnError) {
  EXPECT_EQ(message(decode_unit_serial_number(hex(kStandard))),
            "vital product data page 80h: 1538 bytes declared, 32 received");  // byte 1 is RMB, 80h by chance
  EXPECT_EQ(message(decode_unit_serial_number(hex(kIdentification))),
            "asked for vital product data page 80h, got page 83h");
}

TEST(Inquiry, DeviceIdentification) {
  const auto all = decode_device_identification(hex(kIdentification));
  ASSERT_TRUE(all) << message(all);
  ASSERT_EQ(all->size(), 2u);
  EXPECT_EQ((*all)[0].text(), "naa.50014380023560d4");
  EXPECT_EQ((*all)[1].text(), "t10.HP      U4");
  EXPECT_EQ(to_hex(encode_device_identification(kTape, *all)), to_hex(hex(kIdentification)));
}

TEST(Inquiry, EveryPrefixOfTheIdentificationIsAnError) {
  const auto whole = hex(kIdentification);
  for (size_t n = 0; n < whole.size(); ++n) {
    EXPECT_FALSE(decode_device_identification(ByteView(whole).first(n))) << n;
  }
}

TEST(Inquiry, WrongDescriptorLengthsAreErrors) {
  for (const uint16_t declared : std::initializer_list<uint16_t>{1, 3, 11, 13, 25}) {
    auto bytes = hex(kIdentification);
    put_be16(bytes, 2, declared);
    EXPECT_EQ(message(decode_device_identification(bytes)),
              "device identification page: the last descriptor is cut off")
        << declared;
  }
}

TEST(Inquiry, DeviceTypeWords) {
  EXPECT_EQ(device_type_text(kTape), "tape");
  EXPECT_EQ(device_type_text(kMediumChanger), "medium changer");
  EXPECT_EQ(device_type_text(0x1f), "0x1f");
}

}  // namespace
}  // namespace shstore::scsi
