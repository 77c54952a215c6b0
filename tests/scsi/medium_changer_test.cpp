// The medium changer's commands as bytes. Every fixture is made by hand from the clause of SMC-3 that is
// named with it.
#include "scsi/medium_changer.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "support.h"

namespace shstore::scsi {
namespace {

// 36 bytes of a volume tag: 32 of the identifier, then reserved and sequence number.
std::string tag(std::string barcode) {
  barcode.resize(32, ' ');
  return to_hex(Bytes(barcode.begin(), barcode.end())) + "00000000";
}

// Two slots (the second from a mail slot, inverted), one drive with a tape from slot 1025
// that says which device it is, one mail slot that an operator has filled, one arm with an exception.
std::string storage_page() {
  return "02 80 0034 00 000068"
         "0400 09 00 0000 000000 00 0000" +
         tag("A00001L4") +
         "00000000"
         "0401 08 00 0000 000000 c0 0010" +
         tag("") + "00000000";
}
constexpr const char* kSerial = "48553130343530413031";  // "HU10450A01"
std::string drive_page() {
  return "04 80 003e 00 00003e"
         "0100 09 00 0000 000000 80 0401" +
         tag("A00002L4") + "02 00 00 0a" + kSerial;
}
std::string other_pages() {
  return "03 00 0010 00 000010 0010 3b 00 0000 000000 00 0000 00000000"
         "01 00 0010 00 000010 0001 04 00 8301 000000 08 0000 00000000";
}
std::string report(const std::string& pages, unsigned elements) {
  return fmt::format("0400 {:04x} 00 {:06x}", elements, hex(pages).size()) + pages;
}

TEST(ReadElementStatus, Cdb) {
  EXPECT_EQ(to_hex(cdb_read_element_status({.type = ElementType::data_transfer,
                                            .first = 0x100,
                                            .count = 2,
                                            .device_ids = true,
                                            .allocation_length = 0x012345})),
            "b8 14 01 00 00 02 03 01 23 45 00 00");
  EXPECT_EQ(to_hex(cdb_read_element_status({.volume_tags = false, .current_data = false, .allocation_length = 8})),
            "b8 00 00 00 ff ff 00 00 00 08 00 00");
  for (const char* cdb : {"b8 14 01 00 00 02 03 01 23 45 00 00", "b8 02 04 00 00 01 02 ff ff ff 00 00"}) {
    EXPECT_EQ(to_hex(cdb_read_element_status(decode_cdb_read_element_status(hex(cdb)))), cdb);
  }
}

TEST(ReadElementStatus, EveryFieldOfEveryType) {
  const auto status = decode_element_status(hex(report(storage_page() + drive_page() + other_pages(), 5)), true);
  ASSERT_TRUE(status) << status.error();
  EXPECT_EQ(status->first, 0x400);
  EXPECT_EQ(status->available, 5);
  EXPECT_FALSE(status->truncated);
  ASSERT_EQ(status->elements.size(), 5u);
  const auto& e = status->elements;
  EXPECT_EQ(
      e[0],
      (Element{
          .type = ElementType::storage, .address = 0x400, .full = true, .accessible = true, .volume_tag = "A00001L4"}));
  EXPECT_EQ(
      e[1],
      (Element{.type = ElementType::storage, .address = 0x401, .accessible = true, .source = 0x10, .inverted = true}));
  EXPECT_EQ(e[2].type, ElementType::data_transfer);
  EXPECT_EQ(e[2].source, 0x401);
  EXPECT_EQ(e[2].volume_tag, "A00002L4");
  ASSERT_TRUE(e[2].device);
  EXPECT_EQ(device_serial(*e[2].device), "HU10450A01");
  EXPECT_EQ(e[3], (Element{.type = ElementType::import_export,
                           .address = 0x10,
                           .full = true,
                           .imported = true,
                           .export_enabled = true,
                           .import_enabled = true,
                           .accessible = true}));
  EXPECT_EQ(e[4], (Element{.type = ElementType::medium_transport,
                           .address = 1,
                           .exception = true,
                           .disabled = true,
                           .asc = 0x83,
                           .ascq = 0x01}));
}

TEST(ReadElementStatus, WithoutDeviceIdsTheBytesAfterTheTagsAreTheVendors) {
  const auto status = decode_element_status(hex(report(drive_page(), 1)), false);
  ASSERT_TRUE(status) << status.error();
  ASSERT_EQ(status->elements.size(), 1u);
  EXPECT_FALSE(status->elements[0].device);
  EXPECT_EQ(status->elements[0].volume_tag, "A00002L4");
}

// SCSI-2 descriptors: 12 bytes without tags, 48 with one.
TEST(ReadElementStatus, ShortDescriptorsOfOldLibraries) {
  const auto status = decode_element_status(hex(report("02 00 000c 00 00000c 0001 01 00 0000 000000 00 0000"
                                                       "04 80 0030 00 000030 0100 01 00 0000 000000 00 0000" +
                                                           tag("A1"),
                                                       2)),
                                            true);
  ASSERT_TRUE(status) << status.error();
  ASSERT_EQ(status->elements.size(), 2u);
  EXPECT_TRUE(status->elements[0].full);
  EXPECT_EQ(status->elements[1].volume_tag, "A1");
  EXPECT_FALSE(status->elements[1].device);
}

TEST(ReadElementStatus, AlternateTagsAndVendorBytes) {
  const auto status = decode_element_status(
      hex(report(
          "02 c0 005c 00 00005c 0001 01 00 0000 000000 00 0000" + tag("FRONT") + tag("BACK") + "00000000 deadbeef", 1)),
      false);
  ASSERT_TRUE(status) << status.error();
  ASSERT_EQ(status->elements.size(), 1u);
  EXPECT_EQ(status->elements[0].volume_tag, "FRONT");
  EXPECT_EQ(status->elements[0].alternate_volume_tag, "BACK");
}

TEST(ReadElementStatus, TagsThatAreNotPaddedWithBlanksEndAtTheFirstNul) {
  auto bytes = hex(report(drive_page(), 1));
  const size_t at = 8 + 8 + 12;
  for (size_t i = 8; i < 32; ++i) bytes[at + i] = i == 8 ? 0x00 : 0xee;
  EXPECT_EQ(decode_element_status(bytes, true)->elements[0].volume_tag, "A00002L4");
}

TEST(ReadElementStatus, ADesignatorThatDoesNotFitIsNone) {
  auto bytes = hex(report(drive_page(), 1));
  bytes[8 + 8 + 12 + 36 + 3] = 0x0b;  // one byte more than the descriptor has
  const auto status = decode_element_status(bytes, true);
  ASSERT_TRUE(status) << status.error();
  EXPECT_FALSE(status->elements[0].device);
}

TEST(ReadElementStatus, PagesOfUnknownTypeArePassedOver) {
  const auto status = decode_element_status(
      hex(report("07 80 0001 00 000003 aabbcc" + drive_page() + "00 00 0000 00 000000", 1)), true);
  ASSERT_TRUE(status) << status.error();
  EXPECT_EQ(status->elements.size(), 1u);
}

TEST(ReadElementStatus, CountsAreNotBelieved) {
  for (const unsigned count : {0u, 1u, 0xffffu}) {
    const auto status = decode_element_status(hex(report(storage_page(), count)), false);
    ASSERT_TRUE(status) << status.error();
    EXPECT_EQ(status->available, count);
    EXPECT_EQ(status->elements.size(), 2u);
  }
}

TEST(ReadElementStatus, BytesAfterTheLastDescriptorOfAPageAreNoElement) {
  const auto status = decode_element_status(
      hex(report("02 00 000c 00 000011 0001 01 00 0000 000000 00 0000 0102030405" + drive_page(), 2)), true);
  ASSERT_TRUE(status) << status.error();
  EXPECT_EQ(status->elements.size(), 2u);
}

// What is complete is used; what is not is said.
TEST(ReadElementStatus, DescriptorsThatCanBeNoneCostTheirPageAlone) {
  for (const unsigned length : {0u, 1u, 11u}) {
    auto bytes = hex(report(drive_page() + storage_page(), 3));
    put_be16(bytes, 8 + 2, static_cast<uint16_t>(length));
    const auto status = decode_element_status(bytes, true);
    ASSERT_TRUE(status) << status.error();
    EXPECT_EQ(status->elements.size(), 2u) << "the slots";
    ASSERT_EQ(status->flaws.size(), 1u);
    EXPECT_EQ(status->flaws[0],
              fmt::format("the page of data transfer elements has descriptors of {} bytes, which can be none: "
                          "it is not used",
                          length));
  }
}

TEST(ReadElementStatus, APageThatIsCutOffIsUsedAsFarAsItIsThere) {
  auto bytes = hex(report(drive_page(), 1));
  bytes[8 + 7] = 0x3f;
  auto status = decode_element_status(bytes, true);
  ASSERT_TRUE(status) << status.error();
  EXPECT_EQ(status->elements.size(), 1u);
  EXPECT_EQ(status->flaws,
            std::vector<std::string>{"the page of data transfer elements declares 63 bytes, 62 are there"});
  status = decode_element_status(hex(report(drive_page() + "04 80 00", 1)), true);
  ASSERT_TRUE(status) << status.error();
  EXPECT_EQ(status->elements.size(), 1u);
  EXPECT_EQ(status->flaws, std::vector<std::string>{"the last page is cut off"});
}

// The report counts its last page's bytes wrongly, but they came.
TEST(ReadElementStatus, APageThatHasBegunMayEndBehindTheReport) {
  auto bytes = hex(report(storage_page() + drive_page(), 3));
  bytes[7] = static_cast<uint8_t>(bytes[7] - 20);
  const auto status = decode_element_status(bytes, true);
  ASSERT_TRUE(status) << status.error();
  ASSERT_EQ(status->elements.size(), 3u);
  EXPECT_EQ(status->elements[2].volume_tag, "A00002L4");
  // What lies behind the report is none: a host adapter that does not say how many bytes came fills up with zeros.
  bytes = hex(report(storage_page(), 2));
  bytes.resize(bytes.size() + 500, 0);
  const auto padded = decode_element_status(bytes, true);
  ASSERT_TRUE(padded) << padded.error();
  EXPECT_EQ(padded->elements.size(), 2u);
  EXPECT_TRUE(padded->flaws.empty());
}

TEST(ReadElementStatus, AnElementWithoutItsEndIsNotUsed) {
  const auto status = decode_element_status(hex(report("02 00 0010 00 00001e 0001 01 00 0000 000000 00 0000 00000000"
                                                       "0002 01 00 0000 000000 00 0000 0000" +
                                                           drive_page(),
                                                       3)),
                                            true);
  ASSERT_TRUE(status) << status.error();
  EXPECT_EQ(status->elements.size(), 2u);
  EXPECT_EQ(status->flaws,
            std::vector<std::string>{
                "the page of storage elements ends with 14 bytes of a descriptor of 16: that element is not used"});
}

// A drive's page: `length` bytes a descriptor, `flags` of the page, then the tags and the identifier that are really there.
Bytes flagged_page(unsigned flags, unsigned length, const std::string& rest) {
  const auto body = hex("0100 09 00 0000 000000 80 0401" + rest);
  EXPECT_EQ(body.size(), length);
  return hex(report(fmt::format("04 {:02x} {:04x} 00 {:06x}", flags, length, length) + to_hex(body), 1));
}
std::string name(const std::string& serial, size_t field) {
  std::string padded = serial;
  padded.resize(field, ' ');
  return fmt::format("02 00 00 {:02x}", field) + to_hex(Bytes(padded.begin(), padded.end()));
}

// PVOLTAG and AVOLTAG against what the descriptors' length and the identifier prove. Emulations set AVOLTAG and send no
// alternate tag: descriptors of 62, 72 and, where the two could be mistaken for each other, 84 bytes.
TEST(ReadElementStatus, FlagsThatPromiseMoreThanTheDescriptorsHold) {
  struct Case {
    unsigned flags, length;
    std::string rest, barcode;
    size_t flaws;
  };
  const std::string code = "A00002L4";
  for (const auto& c :
       {Case{0xc0, 62, tag(code) + name("DRV1", 10), code, 1}, Case{0xc0, 72, tag(code) + name("DRV1", 20), code, 1},
        Case{0xc0, 84, tag(code) + name("DRV1", 32), code, 1},
        Case{0xc0, 98, tag(code) + tag("") + name("DRV1", 10), code, 0},
        Case{0x80, 72, tag(code) + name("DRV1", 20), code, 0}, Case{0x80, 50, name("DRV1", 34), "", 1},
        Case{0xc0, 50, name("DRV1", 34), "", 1}, Case{0xc0, 100, name("DRV1", 84), "", 1},
        Case{0x40, 36, name("DRV1", 20), "", 1}, Case{0x00, 72, tag(code) + name("DRV1", 20), "", 0},
        Case{0x00, 36, name("DRV1", 20), "", 0}}) {
    const auto status = decode_element_status(flagged_page(c.flags, c.length, c.rest), true);
    const auto which = fmt::format("flags {:02x}, {} bytes", c.flags, c.length);
    ASSERT_TRUE(status) << which << ": " << status.error();
    ASSERT_EQ(status->elements.size(), 1u) << which;
    const auto& e = status->elements[0];
    EXPECT_EQ(e.volume_tag, c.barcode) << which;
    EXPECT_EQ(e.alternate_volume_tag, "") << which;
    EXPECT_EQ(status->flaws.size(), c.flaws) << which;
    ASSERT_TRUE(e.device) << which;
    EXPECT_EQ(device_serial(*e.device), "DRV1") << which;
    EXPECT_TRUE(e.full && e.source == 0x401) << which;
  }
}

TEST(ReadElementStatus, SlotsWithoutRoomForTheTagsThatAreAnnounced) {
  const auto body = [](const std::string& rest) { return "0400 09 00 0000 000000 00 0000" + rest; };
  const auto one = [&](unsigned flags, const std::string& rest) {
    const auto bytes = hex(body(rest)).size();
    return decode_element_status(
        hex(report(fmt::format("02 {:02x} {:04x} 00 {:06x}", flags, bytes, bytes) + body(rest), 1)), true);
  };
  EXPECT_EQ(one(0xc0, tag("A1") + "00000000")->elements[0].volume_tag, "A1");
  EXPECT_EQ(one(0xc0, tag("A1"))->elements[0].volume_tag, "A1");
  const auto none = one(0x80, "00000000");
  EXPECT_EQ(none->elements[0].volume_tag, "");
  EXPECT_TRUE(none->elements[0].full) << "its barcode is lost, the slot is not";
  EXPECT_EQ(none->flaws, std::vector<std::string>{
                             "the page of storage elements promises a volume tag, but its descriptors of 16 bytes have "
                             "none: no barcode is taken from them"});
}

TEST(ReadElementStatus, AnIdentifierThatIsCutIsNoneAndSaysSo) {
  // Quantum Scalar as mhvtl has it: 34 bytes are announced, 32 come.
  const auto status = decode_element_status(flagged_page(0x00, 48, "02 01 00 22" + std::string(64, '4')), true);
  ASSERT_TRUE(status) << status.error();
  EXPECT_FALSE(status->elements[0].device);
  EXPECT_TRUE(status->elements[0].device_cut);
  const auto whole = decode_element_status(flagged_page(0x80, 62, tag("A") + name("DRV1", 10)), true);
  EXPECT_FALSE(whole->elements[0].device_cut);
}

TEST(ReadElementStatus, TwoPagesOfOneTypeAreBothRead) {
  const auto status = decode_element_status(hex(report(storage_page() + drive_page() + storage_page(), 5)), true);
  ASSERT_TRUE(status) << status.error();
  EXPECT_EQ(status->elements.size(), 5u);
}

TEST(ReadElementStatus, TheMediumType) {
  auto bytes = hex(report(drive_page(), 1));
  bytes[8 + 8 + 9] = 0x82;
  EXPECT_EQ(decode_element_status(bytes, true)->elements[0].medium_type, 2);
}

TEST(ReadElementStatus, AnEmptyLibraryIsNoError) {
  const auto status = decode_element_status(hex("0000 0000 00 000000"), true);
  ASSERT_TRUE(status) << status.error();
  EXPECT_TRUE(status->elements.empty());
  const auto empty_page = decode_element_status(hex(report("03 00 0000 00 000000", 0)), true);
  ASSERT_TRUE(empty_page) << empty_page.error();
}

TEST(ReadElementStatus, EveryPrefixHoldsOnlyWholeElements) {
  const auto whole = hex(report(storage_page() + drive_page(), 3));
  for (size_t n = 0; n < whole.size(); ++n) {
    const auto status = decode_element_status(ByteView(whole).first(n), true);
    if (n < 8) {
      EXPECT_EQ(message(status),
                fmt::format("READ ELEMENT STATUS: the library sent {} bytes, the header alone has 8", n));
      continue;
    }
    ASSERT_TRUE(status) << n << ' ' << status.error();
    EXPECT_TRUE(status->truncated) << n;
    EXPECT_EQ(status->elements.size(), n < 16 + 52 ? 0u : n < 16 + 104 ? 1u : 2u) << n;
  }
}

// tgt's robot counts its 8 bytes of header twice, here as recorded: one arm, then two drives of which the second loses its name.
TEST(ReadElementStatus, TakesTheLastElementOfALibraryThatLeavesOutItsEnd) {
  const auto arm = hex("0405 0001 00 00005e 01 80 0056 00 000056 0001 00 00 0000 000000 00 0000" + tag("") +
                       std::string(2 * 30, '0'));
  ASSERT_EQ(arm.size(), 94u);
  EXPECT_TRUE(decode_element_status(arm, true)->elements.empty()) << "there may be more to ask for";
  const auto whole = decode_element_status(arm, true, true);
  ASSERT_TRUE(whole) << whole.error();
  ASSERT_EQ(whole->elements.size(), 1u);
  EXPECT_EQ(whole->elements[0].address, 1);

  auto plain = hex("0405 0001 00 00003c 01 80 0034 00 000034 0001 00 00 0000 000000 00 0000" + tag(""));
  plain.resize(60);
  EXPECT_EQ(decode_element_status(plain, false, true)->elements.size(), 1u) << "not even the volume tag is whole";
  EXPECT_TRUE(decode_element_status(ByteView(plain).first(59), false, true)->elements.empty())
      << "half a barcode is none";

  const auto drive = [](const char* address) {
    return std::string(address) + " 00 00 0000 000000 00 0000" + tag("") + "02 01 00 04 41424344" +
           std::string(2 * 34, '0');
  };
  auto drives = hex("0100 0002 00 0000ac 04 80 005a 00 0000b4" + drive("0100") + drive("0101"));
  drives.resize(drives.size() - 39);
  const auto both = decode_element_status(drives, true, true);
  ASSERT_TRUE(both) << both.error();
  ASSERT_EQ(both->elements.size(), 2u);
  EXPECT_TRUE(both->elements[0].device);
  EXPECT_EQ(both->elements[1].address, 0x101);
  EXPECT_FALSE(both->elements[1].device) << "half a name is none";
}

TEST(ReadElementStatus, EncodesWhatItDecodes) {
  const std::vector<Element> elements = {
      {.type = ElementType::storage, .address = 0x400, .full = true, .accessible = true, .volume_tag = "A00001L4"},
      {.type = ElementType::storage, .address = 0x401, .accessible = true, .source = 0x10, .inverted = true},
      {.type = ElementType::data_transfer,
       .address = 0x100,
       .full = true,
       .accessible = true,
       .source = 0x401,
       .volume_tag = "A00002L4",
       .device = Designator{2, 0, 0, hex(kSerial)}}};
  const auto bytes = encode_element_status(elements, {.device_ids = true, .allocation_length = 4096});
  const auto status = decode_element_status(bytes, true);
  ASSERT_TRUE(status) << status.error();
  EXPECT_EQ(status->elements, elements);
  EXPECT_EQ(status->available, 3);
  EXPECT_EQ(to_hex(ByteView(bytes).last(16 + 36 + 10 + 8)), to_hex(hex(drive_page())));
}

// What fits is sent, in whole descriptors; the counts are those of the whole.
TEST(ReadElementStatus, AnAnswerIsCutBetweenDescriptors) {
  std::vector<Element> elements;
  for (uint16_t i = 0; i < 3; ++i) elements.push_back({.address = static_cast<uint16_t>(0x400 + i)});
  const auto whole = encode_element_status(elements, {.allocation_length = 4096});
  ASSERT_EQ(whole.size(), 8u + 8 + 3 * 52);
  for (uint32_t room = 0; room < whole.size(); ++room) {
    const auto cut = encode_element_status(elements, {.allocation_length = room});
    const size_t expected = room < 8 ? room : room < 16 ? 8 : 16 + (room - 16) / 52 * 52;
    EXPECT_EQ(to_hex(cut), to_hex(ByteView(whole).first(expected))) << room;
  }
}

TEST(DeviceSerial, InTheFormsThatLibrariesUse) {
  const auto of = [](const std::string& text, uint8_t code_set = 2, uint8_t type = 1) {
    return device_serial({code_set, 0, type, Bytes(text.begin(), text.end())});
  };
  EXPECT_EQ(of("HU10450A01", 2, 0), "HU10450A01");
  EXPECT_EQ(of("1210123456                      ", 2, 0), "1210123456");
  EXPECT_EQ(of(std::string("0007801234\0\0", 12), 2, 0), "0007801234");
  EXPECT_EQ(of("HP      Ultrium 4-SCSI  HU10450A01"), "HU10450A01");
  EXPECT_EQ(of("IBM     ULTRIUM-TD4-LONG0007801234"), "0007801234");
  EXPECT_EQ(of("HP      HU10450A01"), "HU10450A01");
  EXPECT_EQ(of("", 2, 0), "");
  EXPECT_EQ(of("\x50\x01\x43\x80\x02\x35\x60\xd4", 1, 3), "");
}

}  // namespace
}  // namespace shstore::scsi
