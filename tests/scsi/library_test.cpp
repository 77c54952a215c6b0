// The simulated library through its commands, as two hosts see it: what the robot does and refuses, and what
// the drives say about it.
#include "scsi/target/library.h"

#include <gtest/gtest.h>

#include "scsi/changer_unit.h"
#include "scsi/tape_unit.h"
#include "support.h"

namespace shstore::scsi::target {
namespace {

San library_san() {
  auto san = load_san(SHSTORE_ROOT "/samples/library.json");
  EXPECT_TRUE(san) << message(san);
  return *san;
}

constexpr uint16_t kSlot = 1024, kMailSlot = 16, kDrive = 256;

// One host's ways to the two drives and the robot.
struct LibraryHost {
  LibraryHost(Target& target, size_t first, ReservationKey key)
      : to_drive0(target, first), to_drive1(target, first + 1), to_robot(target, first + 2), lock(robot_unit, key) {}
  DirectTransport to_drive0, to_drive1, to_robot;
  LogicalUnit drive0{to_drive0, [](auto) {}}, drive1{to_drive1, [](auto) {}}, robot_unit{to_robot, [](auto) {}};
  MediumChanger robot{robot_unit};
  DriveLock lock;

  MoveResult move(uint16_t from, uint16_t to, uint16_t arm = 0) {
    const auto outcome = robot.move_medium({arm, from, to, false});
    EXPECT_TRUE(outcome) << message(outcome);
    return outcome->result;
  }
  Element drive(size_t i) { return robot.read_element_status()->data_transfer.at(i); }
  Element slot(size_t i) { return robot.read_element_status()->storage.at(i); }
  static bool ready(LogicalUnit& drive) {
    const auto readiness = drive.test_unit_ready();
    EXPECT_TRUE(readiness) << message(readiness);
    return readiness->ready;
  }
};

class LibraryTest : public testing::Test {
 protected:
  explicit LibraryTest(San san = library_san()) : target(std::move(san)) {}
  Target target;
  LibraryHost cibou{target, 0, kCibouKey}, dir{target, 3, kDirKey};
};

TEST_F(LibraryTest, SaysThatItIsAMediumChanger) {
  const auto inquiry = cibou.robot_unit.inquiry();
  ASSERT_TRUE(inquiry) << message(inquiry);
  EXPECT_EQ(inquiry->device_type, kMediumChanger);
  EXPECT_EQ(inquiry->product, "MSL G3 Series");
  EXPECT_EQ(cibou.robot_unit.unit_serial_number(), "DEC0440217");
  EXPECT_EQ(cibou.robot_unit.device_identification()->at(0).text(), "t10.HP      MSL G3 Series   DEC0440217");
  EXPECT_TRUE(LibraryHost::ready(cibou.robot_unit));
  EXPECT_EQ(cibou.robot_unit.unit_attentions().size(), 1u) << "power on";
}

TEST_F(LibraryTest, TellsWhatItHas) {
  EXPECT_EQ(cibou.robot.element_addresses(), (ElementAddresses{{1, 1}, {1024, 8}, {16, 2}, {256, 2}}));
  EXPECT_EQ(decode_element_addresses10(
                *cibou.robot_unit.data_in(cdb_mode_sense10(kElementAddressAssignment, 252), 252, "MODE SENSE")),
            *cibou.robot.element_addresses());
  const auto library = cibou.robot.read_element_status();
  ASSERT_TRUE(library) << library.error();
  ASSERT_EQ(library->storage.size(), 8u);
  EXPECT_EQ(library->storage[0].volume_tag, "A00001L4");
  EXPECT_TRUE(library->storage[0].full);
  EXPECT_FALSE(library->storage[0].source);
  EXPECT_FALSE(library->storage[6].full);
  EXPECT_EQ(library->storage[6].volume_tag, "");
  ASSERT_EQ(library->import_export.size(), 2u);
  EXPECT_TRUE(library->import_export[0].import_enabled && library->import_export[0].export_enabled);
  ASSERT_EQ(library->medium_transport.size(), 1u);
  ASSERT_EQ(library->data_transfer.size(), 2u);
  EXPECT_EQ(device_serial(*library->data_transfer[1].device), *cibou.drive1.unit_serial_number());
  EXPECT_EQ(*library->data_transfer[1].device, cibou.drive1.device_identification()->at(0));
}

TEST_F(LibraryTest, AllTypesInOneAnswerAreSortedByAddressAndCounted) {
  const auto ask = [&](uint16_t first, uint16_t count) {
    const ElementStatusRequest r{.first = first, .count = count, .device_ids = true, .allocation_length = 65535};
    const auto bytes = cibou.robot_unit.data_in(cdb_read_element_status(r), 65535, "READ ELEMENT STATUS");
    const auto status = decode_element_status(*bytes, true);
    std::vector<uint16_t> addresses;
    for (const auto& e : status->elements) addresses.push_back(e.address);
    return addresses;
  };
  EXPECT_EQ(ask(0, 5), (std::vector<uint16_t>{1, 16, 17, 256, 257}));
  EXPECT_EQ(ask(17, 3), (std::vector<uint16_t>{17, 256, 257}));
  EXPECT_EQ(ask(1030, 0xffff), (std::vector<uint16_t>{1030, 1031}));
  EXPECT_TRUE(ask(1032, 0xffff).empty());
  EXPECT_EQ(ask(0, 0xffff).size(), 1u + 2 + 2 + 8);
}

TEST_F(LibraryTest, LoadsADriveAndTellsEveryHostOfIt) {
  EXPECT_FALSE(LibraryHost::ready(cibou.drive0));
  EXPECT_FALSE(LibraryHost::ready(dir.drive0));
  EXPECT_FALSE(LibraryHost::ready(dir.drive1));
  EXPECT_EQ(cibou.move(kSlot, kDrive), MoveResult::done);
  for (auto* host : {&cibou, &dir}) {
    EXPECT_TRUE(LibraryHost::ready(host->drive0));
    EXPECT_EQ(describe(host->drive0.unit_attentions().back()),
              "Unit Attention, 28/00 (not ready to ready change, medium may have changed)");
  }
  EXPECT_FALSE(LibraryHost::ready(dir.drive1));
  EXPECT_EQ(dir.drive1.unit_attentions().size(), 1u) << "power on, and nothing of the other drive's medium";
  const auto loaded = dir.drive(0);
  EXPECT_TRUE(loaded.full);
  EXPECT_EQ(loaded.volume_tag, "A00001L4");
  EXPECT_EQ(loaded.source, kSlot);
  EXPECT_FALSE(dir.slot(0).full);
}

TEST_F(LibraryTest, TakesATapeFromADriveThatWasNotUnloaded) {
  ASSERT_EQ(cibou.move(kSlot + 1, kDrive + 1), MoveResult::done);
  EXPECT_EQ(dir.move(kDrive + 1, kSlot + 7), MoveResult::done);
  EXPECT_FALSE(LibraryHost::ready(cibou.drive1));
  EXPECT_EQ(dir.slot(7).volume_tag, "A00002L4");
  EXPECT_EQ(dir.slot(7).source, kSlot + 1) << "the last storage element that it left";
}

TEST_F(LibraryTest, MovesFromDriveToDriveAndThroughTheMailSlot) {
  ASSERT_EQ(cibou.move(kSlot, kDrive), MoveResult::done);
  EXPECT_EQ(cibou.move(kDrive, kDrive + 1), MoveResult::done);
  EXPECT_FALSE(LibraryHost::ready(cibou.drive0));
  EXPECT_TRUE(LibraryHost::ready(cibou.drive1));
  EXPECT_EQ(cibou.drive(1).source, kSlot);
  EXPECT_EQ(cibou.move(kDrive + 1, kMailSlot), MoveResult::done);
  const auto mail = cibou.robot.read_element_status()->import_export.at(0);
  EXPECT_TRUE(mail.full);
  EXPECT_FALSE(mail.imported) << "the robot put it there, not an operator";
}

TEST_F(LibraryTest, AMoveToWhereItIsDoesNothing) {
  EXPECT_EQ(cibou.move(kSlot, kSlot), MoveResult::done);
  EXPECT_EQ(target.library(0).version(), 0u);
  EXPECT_EQ(cibou.move(kSlot + 7, kSlot + 7), MoveResult::source_empty);
}

TEST_F(LibraryTest, RefusesMovesThatCannotBe) {
  ASSERT_EQ(cibou.move(kSlot, kDrive), MoveResult::done);
  struct Case {
    uint16_t from, to, arm;
    MoveResult result;
  };
  const Case cases[] = {
      {kSlot + 1, kDrive, 0, MoveResult::destination_full},
      {kSlot + 1, kSlot + 2, 0, MoveResult::destination_full},
      {kSlot, kDrive + 1, 0, MoveResult::source_empty},
      {kDrive + 1, kSlot, 0, MoveResult::source_empty},
      {kMailSlot, kSlot, 0, MoveResult::source_empty},
      {1, kSlot, 0, MoveResult::source_empty},  // the arm has nothing
      {kSlot, kDrive, 0, MoveResult::source_empty},
      {kSlot + 8, kDrive + 1, 0, MoveResult::invalid_address},
      {kSlot + 1, kDrive + 2, 0, MoveResult::invalid_address},
      {kSlot + 1, 1, 0, MoveResult::invalid_address},  // the arm keeps nothing
      {kSlot + 1, 0, 0, MoveResult::invalid_address},
      {kSlot + 1, kDrive + 1, 2, MoveResult::invalid_address},
      {kSlot + 1, kDrive + 1, kSlot, MoveResult::invalid_address},
  };
  const auto before = target.library(0).contents();
  for (const auto& c : cases) EXPECT_EQ(dir.move(c.from, c.to, c.arm), c.result) << c.from << ' ' << c.to;
  EXPECT_EQ(message(dir.robot.move_medium({0, kSlot + 1, kDrive + 1, true})),
            "sg6: MOVE MEDIUM failed: Illegal Request, 24/00 (invalid field in CDB)");
  EXPECT_EQ(target.library(0).contents(), before);
  EXPECT_EQ(dir.move(kSlot + 1, kDrive + 1, 1), MoveResult::done);
}

TEST_F(LibraryTest, UnloadKeepsTheTapeForTheRobot) {
  EXPECT_EQ(unload_tape(cibou.drive0), UnloadResult::no_medium);
  EXPECT_EQ(load_tape(cibou.drive0), UnloadResult::no_medium);
  ASSERT_EQ(cibou.move(kSlot, kDrive), MoveResult::done);
  EXPECT_EQ(unload_tape(cibou.drive0), UnloadResult::done);
  EXPECT_FALSE(LibraryHost::ready(dir.drive0));
  EXPECT_EQ(unload_tape(cibou.drive0), UnloadResult::no_medium);
  EXPECT_TRUE(cibou.drive(0).full);
  EXPECT_EQ(cibou.move(kSlot + 1, kDrive), MoveResult::destination_full);
  EXPECT_EQ(cibou.move(kDrive, kSlot), MoveResult::done);
}

TEST_F(LibraryTest, LoadTakesTheTapeBackAndTellsTheOthers) {
  ASSERT_EQ(cibou.move(kSlot, kDrive), MoveResult::done);
  ASSERT_EQ(unload_tape(cibou.drive0), UnloadResult::done);
  EXPECT_FALSE(LibraryHost::ready(dir.drive0));
  const auto told = dir.drive0.unit_attentions().size(), knows = cibou.drive0.unit_attentions().size();
  EXPECT_EQ(load_tape(cibou.drive0), UnloadResult::done);
  EXPECT_TRUE(LibraryHost::ready(cibou.drive0));
  EXPECT_TRUE(LibraryHost::ready(dir.drive0));
  EXPECT_EQ(dir.drive0.unit_attentions().size(), told + 1);
  EXPECT_EQ(cibou.drive0.unit_attentions().size(), knows) << "whoever loaded it knows";
  EXPECT_EQ(load_tape(cibou.drive0), UnloadResult::done) << "a tape that is loaded is loaded";
}

// The lock on a drive keeps other hosts from unloading it, and not the robot: that is why the robot must be
// guarded.
TEST_F(LibraryTest, ADrivesReservationIsNoMatterOfTheRobots) {
  ASSERT_EQ(cibou.move(kSlot, kDrive), MoveResult::done);
  DriveLock lock(cibou.drive0, kCibouKey);
  ASSERT_TRUE(lock.try_lock()->held);
  EXPECT_EQ(unload_tape(dir.drive0), UnloadResult::reservation_conflict);
  EXPECT_EQ(load_tape(dir.drive0), UnloadResult::reservation_conflict);
  EXPECT_TRUE(LibraryHost::ready(cibou.drive0));
  EXPECT_EQ(dir.move(kDrive, kSlot), MoveResult::done);
  EXPECT_FALSE(LibraryHost::ready(cibou.drive0));
}

TEST_F(LibraryTest, AReservedRobotMovesForItsHolderOnly) {
  ASSERT_TRUE(cibou.lock.try_lock()->held);
  EXPECT_EQ(dir.move(kSlot, kDrive), MoveResult::reservation_conflict);
  EXPECT_EQ(dir.robot.initialize_element_status()->result, MoveResult::reservation_conflict);
  EXPECT_EQ(dir.robot.element_addresses().error().kind, Error::Kind::refused);
  EXPECT_EQ(cibou.move(kSlot, kDrive), MoveResult::done);
  EXPECT_EQ(cibou.robot.initialize_element_status()->result, MoveResult::done);
  // What it knows it tells everybody.
  const auto seen = dir.robot.read_element_status();
  ASSERT_TRUE(seen) << seen.error();
  EXPECT_EQ(*seen, *cibou.robot.read_element_status());
  EXPECT_TRUE(seen->device_ids);
  // Having looked at a thing is no reservation of it.
  ASSERT_TRUE(cibou.lock.unlock());
  EXPECT_EQ(dir.move(kDrive, kSlot), MoveResult::done);
}

TEST_F(LibraryTest, WithoutCurrentDataAReservationRefusesTheStatusToo) {
  ASSERT_TRUE(cibou.lock.try_lock()->held);
  const ElementStatusRequest r{.current_data = false, .allocation_length = 4096};
  const auto refused = dir.robot_unit.data_in(cdb_read_element_status(r), 4096, "READ ELEMENT STATUS");
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().kind, Error::Kind::refused);
  EXPECT_TRUE(cibou.robot_unit.data_in(cdb_read_element_status(r), 4096, "READ ELEMENT STATUS"));
}

TEST_F(LibraryTest, AWriteExclusiveReservationLetsOthersReadEverything) {
  ASSERT_EQ(cibou.robot_unit.pr_out(PrOut::register_key, {.service_action_key = kCibouKey}), PrOutcome::done);
  ASSERT_EQ(cibou.robot_unit.pr_out(PrOut::reserve, {.key = kCibouKey}, PrType::write_exclusive), PrOutcome::done);
  EXPECT_TRUE(dir.robot.element_addresses());
  const ElementStatusRequest r{.current_data = false, .allocation_length = 4096};
  EXPECT_TRUE(dir.robot_unit.data_in(cdb_read_element_status(r), 4096, "READ ELEMENT STATUS"));
  EXPECT_EQ(dir.move(kSlot, kDrive), MoveResult::reservation_conflict);
  EXPECT_EQ(dir.robot.initialize_element_status()->result, MoveResult::reservation_conflict);
}

// What another host may ask of a robot that is reserved, by the type of the reservation.
struct ReservedCase {
  PrType type;
  bool registrant_moves, stranger_reads;
};

class ReservedRobot : public LibraryTest, public testing::WithParamInterface<ReservedCase> {
 protected:
  // Everybody's third way to it.
  static San three_hosts() {
    auto san = library_san();
    san.initiators.push_back({"third", 0x2100001b320000ff, 2, {{"sg8", 0}, {"sg9", 1}, {"sg10", 2}}});
    return san;
  }
  ReservedRobot() : LibraryTest(three_hosts()) {}
  LibraryHost third{target, 6, ReservationKey{3}};

  static bool may(LibraryHost& host, const Bytes& cdb) {
    return host.robot_unit.execute({cdb, {}, 4096}, "probe")->status != Status::reservation_conflict;
  }
  static void verify(LibraryHost& host, bool moves, bool reads) {
    EXPECT_EQ(may(host, cdb_move_medium({0, kSlot + 7, kDrive, false})), moves);
    EXPECT_EQ(may(host, cdb_initialize_element_status()), moves);
    EXPECT_EQ(may(host, hex("a6 00 00 00 00 00 00 00 00 00 00 00")), moves) << "EXCHANGE MEDIUM";
    EXPECT_EQ(may(host, hex("2b 00 00 00 00 00 00 00 00 00")), moves) << "POSITION TO ELEMENT";
    EXPECT_EQ(may(host, hex("15 10 00 00 00 00")), moves) << "MODE SELECT(6)";
    EXPECT_EQ(may(host, cdb_mode_sense6(kElementAddressAssignment, 252)), reads);
    EXPECT_EQ(may(host, cdb_mode_sense10(kElementAddressAssignment, 252)), reads);
    EXPECT_EQ(may(host, cdb_read_element_status({.current_data = false, .allocation_length = 4096})), reads);
    EXPECT_TRUE(may(host, cdb_read_element_status({.current_data = true, .allocation_length = 4096})));
    EXPECT_TRUE(may(host, cdb_test_unit_ready()));
    EXPECT_TRUE(may(host, cdb_inquiry(96)));
    EXPECT_TRUE(may(host, hex("03 00 00 00 fc 00"))) << "REQUEST SENSE";
    EXPECT_TRUE(may(host, hex("a0 00 00 00 00 00 00 00 00 40 00 00"))) << "REPORT LUNS";
    EXPECT_TRUE(may(host, cdb_pr_in(PrIn::read_full_status, 1024)));
  }
};

TEST_P(ReservedRobot, FollowsTheTable) {
  const auto& c = GetParam();
  ASSERT_EQ(cibou.robot_unit.pr_out(PrOut::register_key, {.service_action_key = kCibouKey}), PrOutcome::done);
  ASSERT_EQ(dir.robot_unit.pr_out(PrOut::register_key, {.service_action_key = kDirKey}), PrOutcome::done);
  ASSERT_EQ(cibou.robot_unit.pr_out(PrOut::reserve, {.key = kCibouKey}, c.type), PrOutcome::done);
  verify(cibou, true, true);
  verify(dir, c.registrant_moves, c.registrant_moves || c.stranger_reads);
  verify(third, false, c.stranger_reads);
}

INSTANTIATE_TEST_SUITE_P(Types, ReservedRobot,
                         testing::Values(ReservedCase{PrType::write_exclusive, false, true},
                                         ReservedCase{PrType::exclusive_access, false, false},
                                         ReservedCase{PrType::write_exclusive_registrants_only, true, true},
                                         ReservedCase{PrType::exclusive_access_registrants_only, true, false},
                                         ReservedCase{PrType::write_exclusive_all_registrants, true, true},
                                         ReservedCase{PrType::exclusive_access_all_registrants, true, false}),
                         [](const auto& tested) {
                           auto name = describe(tested.param.type);
                           std::erase_if(name, [](char ch) { return ch == ' ' || ch == ','; });
                           return name;
                         });

TEST_F(LibraryTest, AReservedRobotMayBePreempted) {
  ASSERT_TRUE(cibou.lock.try_lock()->held);
  ASSERT_EQ(dir.robot_unit.pr_out(PrOut::register_key, {.service_action_key = kDirKey}), PrOutcome::done);
  ASSERT_EQ(dir.robot_unit.pr_out(PrOut::preempt_and_abort, {.key = kDirKey, .service_action_key = kCibouKey}),
            PrOutcome::done);
  EXPECT_EQ(dir.move(kSlot, kDrive), MoveResult::done);
  EXPECT_EQ(cibou.move(kDrive, kSlot), MoveResult::reservation_conflict);
  EXPECT_EQ(describe(cibou.robot_unit.unit_attentions().back()), "Unit Attention, 2a/05 (registrations preempted)");
}

TEST_F(LibraryTest, WhatTheRobotDoesNotKnow) {
  ASSERT_TRUE(LibraryHost::ready(cibou.robot_unit));
  const auto answer = [&](const char* cdb) {
    const auto reply = cibou.robot_unit.execute({hex(cdb), {}, 4096}, "");
    const auto sense = decode_sense(reply->sense);
    return sense ? describe(*sense) : describe(reply->status);
  };
  constexpr const char* kField = "Illegal Request, 24/00 (invalid field in CDB)";
  constexpr const char* kOperation = "Illegal Request, 20/00 (invalid command operation code)";
  EXPECT_EQ(answer("1a 08 1e 00 fc 00"), kField) << "another page";
  EXPECT_EQ(answer("1a 08 1d 01 fc 00"), kField) << "a subpage";
  EXPECT_EQ(answer("1a 08 5d 00 fc 00"), kField) << "changeable values";
  EXPECT_EQ(answer("1a 08 dd 00 fc 00"), kField) << "saved values";
  EXPECT_EQ(answer("1a 08 3f 00 fc 00"), "Good");
  EXPECT_EQ(answer("b8 15 00 00 ff ff 00 00 10 00 00 00"), kField) << "an element type that is none";
  EXPECT_EQ(answer("a6 00 00 00 00 00 00 00 00 00 00 00"), kOperation) << "EXCHANGE MEDIUM";
  EXPECT_EQ(answer("08 00 00 00 01 00"), kOperation) << "READ(6) of a robot";
}

class CarefulLibrary : public LibraryTest {
 protected:
  CarefulLibrary() : LibraryTest(careful_san()) {}
  static San careful_san() {
    auto san = library_san();
    san.changers[0].needs_unload = true;
    return san;
  }
};

TEST_F(CarefulLibrary, TakesNoTapeFromADriveThatWasNotUnloaded) {
  ASSERT_EQ(cibou.move(kSlot, kDrive), MoveResult::done);
  EXPECT_FALSE(dir.drive(0).accessible);
  EXPECT_EQ(dir.move(kDrive, kSlot), MoveResult::drive_not_unloaded);
  EXPECT_TRUE(LibraryHost::ready(cibou.drive0));
  ASSERT_EQ(unload_tape(cibou.drive0), UnloadResult::done);
  EXPECT_TRUE(dir.drive(0).accessible);
  EXPECT_EQ(dir.move(kDrive, kSlot), MoveResult::done);
}

TEST(LibraryMedia, AnOperatorFilledTheMailSlot) {
  auto san = library_san();
  san.changers[0].media.push_back({"A00009L4", kMailSlot + 1});
  Target target(san);
  LibraryHost host(target, 0, kCibouKey);
  EXPECT_TRUE(host.robot.read_element_status()->import_export.at(1).imported);
  EXPECT_EQ(host.move(kMailSlot + 1, kSlot + 6), MoveResult::done);
  EXPECT_EQ(host.slot(6).source, kMailSlot + 1);
  EXPECT_FALSE(host.slot(6).imported);
}

// Each is asked for all that it knows, whatever the size.
TEST(LibraryMedia, ThousandsOfSlotsComeWhole) {
  auto san = library_san();
  auto& robot = san.changers[0];
  robot.addresses.storage.count = 6000;
  robot.media.clear();
  for (uint16_t i = 0; i < 6000; i = static_cast<uint16_t>(i + 7)) {
    robot.media.push_back({"B" + std::to_string(i), static_cast<uint16_t>(kSlot + i)});
  }
  Target target(san);
  LibraryHost host(target, 0, kCibouKey);
  const auto library = host.robot.read_element_status();
  ASSERT_TRUE(library) << library.error();
  ASSERT_EQ(library->storage.size(), 6000u);
  for (size_t i = 0; i < 6000; ++i) {
    ASSERT_EQ(library->storage[i].address, kSlot + i);
    ASSERT_EQ(library->storage[i].volume_tag, i % 7 == 0 ? "B" + std::to_string(i) : "");
  }
}

}  // namespace
}  // namespace shstore::scsi::target
