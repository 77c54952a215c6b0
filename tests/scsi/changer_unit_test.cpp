// The commands to a library's robot, against recorded replies.
#include "scsi/changer_unit.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <set>
#include <thread>

#include "scsi/element_words.h"
#include "scsi/tape_unit.h"
#include "changer_fixture.h"

namespace shstore::scsi {
namespace {

TEST_F(Changer, IsAskedTypeByTypeForWhatItHas) {
  expect_addresses({{1, 1}, {0x400, 2}, {0, 0}, {0x100, 1}});
  expect_status(asks(ElementType::medium_transport, 1, 1), {{.type = ElementType::medium_transport, .address = 1}});
  expect_status(asks(ElementType::storage, 0x400, 2), {slot(0x400), slot(0x401)});
  expect_status(asks(ElementType::data_transfer, 0x100, 1), {drive(0x100)});
  const auto library = changer.read_element_status();
  ASSERT_TRUE(library) << library.error();
  EXPECT_EQ(library->medium_transport.size(), 1u);
  EXPECT_EQ(library->storage, (std::vector<Element>{slot(0x400), slot(0x401)}));
  EXPECT_EQ(library->data_transfer, std::vector<Element>{drive(0x100)});
  EXPECT_TRUE(library->import_export.empty());
  EXPECT_TRUE(library->device_ids && library->volume_tags);
}

TEST_F(Changer, ThousandsOfSlotsAreReadInPieces) {
  expect_addresses({{0, 0}, {1000, 1001}, {0, 0}, {0, 0}});
  std::vector<Element> all;
  for (uint16_t first = 1000; first < 2001; first = static_cast<uint16_t>(first + 400)) {
    const auto count = static_cast<uint16_t>(std::min(400, 2001 - first));
    std::vector<Element> piece;
    for (uint16_t i = 0; i < count; ++i) piece.push_back(slot(static_cast<uint16_t>(first + i)));
    auto request = asks(ElementType::storage, first, count);
    request.allocation_length = 16 + 400 * 144;
    expect_status(request, piece);
    for (const auto& e : piece) all.push_back(e);
  }
  const auto library = changer.read_element_status();
  ASSERT_TRUE(library) << library.error();
  EXPECT_EQ(library->storage, all);
}

TEST_F(Changer, ACutAnswerIsContinuedWhereItEnded) {
  expect_addresses({{0, 0}, {1, 3}, {0, 0}, {0, 0}});
  auto cut = encode_element_status({slot(1), slot(2), slot(3)}, asks(ElementType::storage, 1, 3));
  cut.resize(16 + 52 + 51);
  device.expect(to_hex(cdb_read_element_status(asks(ElementType::storage, 1, 3))), Reply{Status::good, {}, cut});
  auto rest = asks(ElementType::storage, 2, 2);
  rest.allocation_length = 16 + 3 * 144;
  expect_status(rest, {slot(2), slot(3)});
  const auto library = changer.read_element_status();
  ASSERT_TRUE(library) << library.error();
  EXPECT_EQ(library->storage, (std::vector<Element>{slot(1), slot(2), slot(3)}));
}

// As tgt's robot does: the last bytes are missing whatever is asked for.
TEST_F(Changer, AnElementThatNeverComesWholeIsTakenAsItIs) {
  expect_addresses({{0, 0}, {1, 2}, {0, 0}, {0, 0}});
  for (const uint16_t first : {uint16_t{1}, uint16_t{2}}) {
    auto asked = asks(ElementType::storage, first, static_cast<uint16_t>(3 - first));
    asked.allocation_length = 16 + 2 * 144;
    auto cut = first == 1 ? encode_element_status({slot(1), slot(2)}, asked) : encode_element_status({slot(2)}, asked);
    cut.resize(cut.size() - 4);
    device.expect(to_hex(cdb_read_element_status(asked)), Reply{Status::good, {}, cut});
  }
  const auto library = changer.read_element_status();
  ASSERT_TRUE(library) << library.error();
  EXPECT_EQ(library->storage, (std::vector<Element>{slot(1), slot(2)}));
}

TEST_F(Changer, AnAnswerWithoutRoomForOneElementIsAskedForWithMore) {
  expect_addresses({{0, 0}, {1, 1}, {0, 0}, {0, 0}});
  device.expect(to_hex(cdb_read_element_status(asks(ElementType::storage, 1, 1))), good_reply("0001 0001 00 000200"));
  auto more = asks(ElementType::storage, 1, 1);
  more.allocation_length = 0x200 + 16;
  expect_status(more, {slot(1)});
  EXPECT_EQ(changer.read_element_status()->storage.size(), 1u);
}

TEST_F(Changer, ALibraryThatAlwaysDeclaresMoreIsAnErrorInTheEnd) {
  expect_addresses({{0, 0}, {1, 1}, {0, 0}, {0, 0}});
  auto asked = asks(ElementType::storage, 1, 1);
  for (const uint32_t room : {asked.allocation_length, 4u << 20}) {
    asked.allocation_length = room;
    device.expect(to_hex(cdb_read_element_status(asked)), good_reply("0001 0001 00 ffffff"));
  }
  EXPECT_EQ(message(changer.read_element_status()),
            "/dev/sg0: READ ELEMENT STATUS: asked for the storage elements from 1 on, the library sends others");
}

TEST_F(Changer, ALibraryThatIgnoresTheStartingAddressIsAnErrorNotALoop) {
  expect_addresses({{0, 0}, {1, 401}, {0, 0}, {0, 0}});
  std::vector<Element> piece;
  for (uint16_t a = 1; a <= 400; ++a) piece.push_back(slot(a));
  expect_status(asks(ElementType::storage, 1, 400), piece);
  auto rest = asks(ElementType::storage, 401, 1);
  rest.allocation_length = 16 + 400 * 144;
  expect_status(rest, piece);
  EXPECT_EQ(message(changer.read_element_status()),
            "/dev/sg0: READ ELEMENT STATUS: asked for the storage elements from 401 on, the library sends others");
}

TEST_F(Changer, WhatALibraryRefusesToTellIsLeftOut) {
  expect_addresses({{0, 0}, {1, 1}, {0, 0}, {0x100, 1}});
  auto slots = asks(ElementType::storage, 1, 1);
  refuse_status(slots);
  slots.current_data = false;
  expect_status(slots, {slot(1)});
  auto drives = asks(ElementType::data_transfer, 0x100, 1);
  drives.current_data = false;  // known by now
  refuse_status(drives);
  expect_status(without_ids(drives), {drive(0x100)});
  refuse_status(alone(drives));
  const auto library = changer.read_element_status();
  ASSERT_TRUE(library) << library.error();
  EXPECT_FALSE(library->device_ids);
  EXPECT_TRUE(library->volume_tags);
  EXPECT_FALSE(library->data_transfer.at(0).device);
}

// IBM TS3500, TS4500, Diamondback: identifiers only without barcodes, and then no other field is valid.
TEST_F(Changer, IdentifiersThatAreToldAloneAreJoinedByAddress) {
  for (const bool refused : {true, false}) {  // others answer the first question, but leave the identifiers out
    expect_addresses({{0, 0}, {0, 0}, {0, 0}, {0x100, 2}});
    const auto both = asks(ElementType::data_transfer, 0x100, 2);
    auto full = drive(0x100), empty = drive(0x101);
    full.device.reset(), empty.device.reset();
    full.full = true, full.volume_tag = "A00001";
    if (refused) {
      refuse_status(both);
      auto more_work = both;
      more_work.current_data = false;
      refuse_status(more_work);
    }
    expect_status(refused ? without_ids(both) : both, {full, empty});
    auto first = drive(0x100), second = drive(0x101);
    second.device->identifier = {'S', '2'};
    for (auto* e : {&first, &second}) e->exception = true, e->asc = 0x81, e->full = e == &second;
    expect_status(alone(both), {second, first});
    const auto library = changer.read_element_status();
    ASSERT_TRUE(library) << library.error();
    ASSERT_EQ(library->data_transfer.size(), 2u);
    EXPECT_EQ(device_serial(*library->data_transfer[0].device), "S1");
    EXPECT_EQ(device_serial(*library->data_transfer[1].device), "S2");
    EXPECT_EQ(library->data_transfer[0].volume_tag, "A00001");
    EXPECT_TRUE(library->data_transfer[0].full && !library->data_transfer[1].full)
        << "the second answer's fields are not valid";
    EXPECT_FALSE(library->data_transfer[0].exception);
    EXPECT_TRUE(library->device_ids);
  }
}

TEST_F(Changer, IdentifiersAreNotAskedForAgainWhereNobodyNeedsThem) {
  expect_addresses({{0, 0}, {0, 0}, {0, 0}, {0x100, 1}});
  auto nameless = drive(0x100);
  nameless.device.reset();
  expect_status(asks(ElementType::data_transfer, 0x100, 1), {nameless});
  EXPECT_TRUE(changer.read_element_status(kElementStatusDeadline, false));
}

TEST_F(Changer, OnePageThatCannotBeReadDoesNotCostTheOthers) {
  expect_addresses({{0, 0}, {1, 2}, {0x10, 1}, {0x100, 1}});
  expect_status(asks(ElementType::storage, 1, 2), {slot(1), slot(2)});
  refuse_status(asks(ElementType::import_export, 0x10, 1), asc::invalid_element_address);
  auto broken = encode_element_status({drive(0x100)}, asks(ElementType::data_transfer, 0x100, 1));
  put_be16(broken, 8 + 2, 3);
  auto asked = asks(ElementType::data_transfer, 0x100, 1);
  for (const bool device_ids : {true, false}) {  // the second time without what this library may not manage
    asked.device_ids = device_ids;
    device.expect(to_hex(cdb_read_element_status(asked)), Reply{Status::good, {}, broken});
  }
  const auto library = changer.read_element_status();
  ASSERT_TRUE(library) << library.error();
  EXPECT_EQ(library->storage.size(), 2u);
  EXPECT_EQ(library->unread, (std::vector{ElementType::import_export, ElementType::data_transfer}));
  ASSERT_EQ(library->flaws.size(), 2u);
  EXPECT_EQ(library->flaws[1],
            "the data transfer elements could not be read: /dev/sg0: READ ELEMENT STATUS: the page of data transfer "
            "elements has descriptors of 3 bytes, which can be none: it is not used");
}

TEST_F(Changer, ElementsThatAreMissingOrThereTwiceAreSaid) {
  expect_addresses({{0, 0}, {1, 3}, {0, 0}, {0, 0}});
  auto twice = slot(1);
  twice.full = false;
  expect_status(asks(ElementType::storage, 1, 3), {twice, slot(1)});
  const auto library = changer.read_element_status();
  ASSERT_TRUE(library) << library.error();
  EXPECT_EQ(library->storage, std::vector<Element>{slot(1)}) << "the full one counts: nothing is put there";
  EXPECT_EQ(library->flaws,
            (std::vector<std::string>{"storage element 1 is reported twice, and differently",
                                      "the library has 3 storage elements by its mode page and told of 1"}));
}

// One element an answer, whatever is asked for.
class OneByOne final : public Transport {
 public:
  unsigned commands = 0;
  std::vector<std::chrono::milliseconds> deadlines{};  // of READ ELEMENT STATUS
  std::chrono::milliseconds pause{0};                  // before the answer to it
  Result<Reply> execute(const Command& command) override {
    ++commands;
    if (command.cdb[0] == kModeSense6)
      return Reply{Status::good, {}, encode_element_addresses6({{0, 0}, {0, 0xffff}, {0, 0}, {0, 0}})};
    deadlines.push_back(command.deadline);
    std::this_thread::sleep_for(pause);
    auto request = decode_cdb_read_element_status(command.cdb);
    auto answer = encode_element_status({slot(request.first), slot(static_cast<uint16_t>(request.first + 1))}, request);
    answer.resize(8 + 8 + 52);
    return Reply{Status::good, {}, answer};
  }
  const std::string& path() const override { return path_; }

 private:
  std::string path_ = "/dev/sg0";
};

TEST(SlowLibrary, ThatAnswersOneByOneIsNotAskedForAlways) {
  OneByOne device;
  LogicalUnit unit(device, [](auto) {});
  const auto library = MediumChanger(unit).read_element_status();
  ASSERT_FALSE(library);
  EXPECT_LT(device.commands, 2000u);
  EXPECT_EQ(library.error().message,
            "/dev/sg0: READ ELEMENT STATUS: the library answers in such small pieces that 1000 commands brought "
            "1000 of 65535 storage elements");
}

TEST(SlowLibrary, OneDeadlineHoldsForAllOfIt) {
  OneByOne device;
  device.pause = std::chrono::milliseconds(100);
  constexpr std::chrono::milliseconds kAll{1500};
  LogicalUnit unit(device, [](auto) {});
  const auto library = MediumChanger(unit).read_element_status(kAll);
  ASSERT_FALSE(library);
  EXPECT_EQ(library.error().kind, Error::Kind::timeout);
  ASSERT_GE(device.deadlines.size(), 2u);
  auto left = kAll;
  for (const auto deadline : device.deadlines) {
    EXPECT_GT(deadline.count(), 0);
    EXPECT_LE(deadline, left) << "what is left, not the whole again";
    left -= device.pause;
  }
}

TEST(RobotSenses, OneRowForACodeUnderAKey) {
  std::set<std::pair<int, uint16_t>> seen;
  for (const auto& row : robot_sense_table()) {
    EXPECT_TRUE(seen.insert({row.key ? static_cast<int>(*row.key) : -1, row.code}).second) << row.code;
    EXPECT_FALSE(row.sentence.empty() || row.source.empty()) << row.code;
  }
}

TEST(RobotSenses, WhatPassesAndWhatDoesNot) {
  const auto result = [](SenseKey key, int code) {
    const auto row = find_robot_sense({key, static_cast<uint8_t>(code >> 8), static_cast<uint8_t>(code)});
    return row ? std::optional(row->result) : std::nullopt;
  };
  for (const int code : {0x0400, 0x0401, 0x0407, 0x0485, 0x3003, 0x04f0}) {
    EXPECT_EQ(result(SenseKey::not_ready, code), MoveResult::not_ready) << code;
  }
  for (const int code : {0x0403, 0x0412, 0x0483, 0x0489, 0x048d, 0x048e}) {
    EXPECT_EQ(result(SenseKey::not_ready, code), MoveResult::needs_operator) << code;
  }
  for (const auto key :
       {SenseKey::not_ready, SenseKey::medium_error, SenseKey::hardware_error, SenseKey::illegal_request}) {
    for (const int code : {0x3a00, 0x3b83, 0x3b87, 0x3b90, 0x4481, 0x5300, 0x5301}) {
      EXPECT_EQ(result(key, code), MoveResult::drive_not_unloaded) << code;
    }
  }
  EXPECT_EQ(result(SenseKey::hardware_error, 0x0403), std::nullopt) << "the tape may have arrived all the same";
  EXPECT_EQ(result(SenseKey::hardware_error, 0x1501), std::nullopt);
}

TEST(ElementWords, Exceptions) {
  const auto text = [](uint8_t asc, uint8_t ascq) {
    return describe_exception({.exception = true, .asc = asc, .ascq = ascq});
  };
  EXPECT_EQ(text(0x83, 0x00), "not yet scanned (83/00)");
  EXPECT_EQ(text(0x82, 0x00), "no drive is installed (82/00)");
  EXPECT_EQ(text(0x44, 0x00), "internal target failure (44/00)");
  EXPECT_EQ(text(0x99, 0x12), "exception, see the library's manual for its code (99/12)");
  EXPECT_EQ(text(0, 0), "the library reports an exception and does not say which");
  EXPECT_EQ(describe_exception({.asc = 0x83}), "") << "no EXCEPT";
  EXPECT_TRUE(contents_unknown({.exception = true, .asc = 0x83, .ascq = 0x00}));
  EXPECT_FALSE(contents_unknown({.full = true, .exception = true, .asc = 0x83, .ascq = 0x00}));
  EXPECT_FALSE(contents_unknown({.exception = true, .asc = 0x82, .ascq = 0x00}));
  EXPECT_EQ(describe_medium(2), "cleaning cartridge");
  EXPECT_EQ(describe_medium(1), "");
}

TEST_F(Changer, BarcodesAreGivenUpLast) {
  expect_addresses({{0, 0}, {0, 0}, {0, 0}, {0x100, 1}});
  for (const unsigned given_up : {0u, 1u, 2u, 3u}) {
    auto r = asks(ElementType::data_transfer, 0x100, 1);
    r.current_data = (given_up & 1) == 0;
    r.device_ids = (given_up & 2) == 0;
    refuse_status(r);
  }
  auto poor = asks(ElementType::data_transfer, 0x100, 1);
  poor.volume_tags = false;
  expect_status(poor, {drive(0x100)});
  const auto library = changer.read_element_status();
  ASSERT_TRUE(library) << library.error();
  EXPECT_FALSE(library->volume_tags);
  EXPECT_TRUE(library->device_ids);
}

TEST_F(Changer, ADeviceThatIsNoRobotSaysSo) {
  device.expect(kModeSense, sense_reply(SenseKey::illegal_request, asc::invalid_operation_code));
  device.expect(kModeSenseTen, sense_reply(SenseKey::illegal_request, asc::invalid_operation_code));
  device.expect(to_hex(cdb_read_element_status(asks(ElementType::medium_transport, 0, 400))),
                sense_reply(SenseKey::illegal_request, asc::invalid_operation_code));
  const auto library = changer.read_element_status();
  ASSERT_FALSE(library);
  EXPECT_EQ(library.error().kind, Error::Kind::unsupported);
  EXPECT_EQ(library.error().message,
            "/dev/sg0: READ ELEMENT STATUS failed: Illegal Request, 20/00 (invalid command operation code)");
}

// Another host's exclusive reservation of the robot: the mode page conflicts, the current data does not.
TEST_F(Changer, CanBeReadWhileAnotherHostHasReservedIt) {
  device.expect(kModeSense, status_reply(Status::reservation_conflict));
  expect_status(asks(ElementType::medium_transport, 0, 400), {{.type = ElementType::medium_transport, .address = 1}});
  expect_status(asks(ElementType::storage, 0, 400), {slot(0x400)});
  expect_status(asks(ElementType::import_export, 0, 400), {});
  expect_status(asks(ElementType::data_transfer, 0, 400), {drive(0x100)});
  const auto library = changer.read_element_status();
  ASSERT_TRUE(library) << library.error();
  EXPECT_EQ(library->storage.size(), 1u);
  EXPECT_EQ(library->data_transfer.size(), 1u);
}

TEST_F(Changer, ALibraryThatRefusesToBeReadUnderAReservationSaysSo) {
  expect_addresses({{1, 1}, {0, 0}, {0, 0}, {0, 0}});
  device.expect(to_hex(cdb_read_element_status(asks(ElementType::medium_transport, 1, 1))),
                status_reply(Status::reservation_conflict));
  const auto library = changer.read_element_status();
  ASSERT_FALSE(library);
  EXPECT_EQ(library.error().kind, Error::Kind::refused);
  EXPECT_EQ(library.error().message, "/dev/sg0: READ ELEMENT STATUS was refused: another host has reserved the device");
}

TEST_F(Changer, AddressesByTheTenByteCommandWhereTheSixByteOneIsUnknown) {
  const ElementAddresses addresses{{1, 1}, {2, 3}, {4, 5}, {6, 7}};
  device.expect(kModeSense, sense_reply(SenseKey::illegal_request, asc::invalid_operation_code));
  device.expect(kModeSenseTen, Reply{Status::good, {}, encode_element_addresses10(addresses)});
  EXPECT_EQ(changer.element_addresses(), addresses);
}

}  // namespace
}  // namespace shstore::scsi
