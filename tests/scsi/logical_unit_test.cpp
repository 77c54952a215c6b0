#include "scsi/logical_unit.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "support.h"

namespace shstore::scsi {
namespace {

constexpr const char* kReadKeys = "5e 00 00 00 00 00 00 04 00 00";  // room for 1024 bytes
constexpr const char* kReserve = "5f 01 03 00 00 00 00 00 18 00";
constexpr const char* kReserveData = "0000000000bac001 0000000000000000 0000000000000000";
constexpr const char* kNoKeys = "00000007 00000000";

class Unit : public testing::Test {
 protected:
  ScriptedTransport device;
  std::vector<std::chrono::milliseconds> pauses;
  LogicalUnit unit{device, [this](auto t) { pauses.push_back(t); }};

  Result<PrOutcome> reserve() { return unit.pr_out(PrOut::reserve, {.key = kCibouKey}); }
};

TEST_F(Unit, AUnitAttentionIsNotedAndTheCommandRepeated) {
  device.expect(kReadKeys, sense_reply(SenseKey::unit_attention, asc::power_on_or_reset));
  device.expect(kReadKeys, sense_reply(SenseKey::unit_attention, asc::registrations_preempted));
  device.expect(kReadKeys, good_reply(kNoKeys));
  const auto keys = unit.read_keys();
  ASSERT_TRUE(keys);
  EXPECT_EQ(keys->generation, 7u);
  EXPECT_EQ(unit.unit_attentions(), (std::vector<Sense>{{SenseKey::unit_attention, 0x29, 0x00, false},
                                                        {SenseKey::unit_attention, 0x2a, 0x05, false}}));
  EXPECT_TRUE(pauses.empty());
}

TEST_F(Unit, UnitAttentionsWithoutEndAreAnError) {
  for (int i = 0; i < 9; ++i) device.expect(kReadKeys, sense_reply(SenseKey::unit_attention, asc::power_on_or_reset));
  EXPECT_EQ(message(unit.read_keys()),
            "/dev/sg0: READ KEYS failed: Unit Attention, 29/00 (power on, reset, or bus device reset occurred)");
}

TEST_F(Unit, BusyAndTaskSetFullAreRetriedAfterAPause) {
  device.expect(kReserve, kReserveData, status_reply(Status::busy));
  device.expect(kReserve, kReserveData, status_reply(Status::task_set_full));
  device.expect(kReserve, kReserveData, good_reply());
  EXPECT_EQ(reserve(), PrOutcome::done);
  EXPECT_EQ(pauses.size(), 2u);
}

TEST_F(Unit, BusyWithoutEndIsAnError) {
  for (int i = 0; i < 11; ++i) device.expect(kReadKeys, status_reply(Status::busy));
  EXPECT_EQ(message(unit.read_keys()), "/dev/sg0: READ KEYS ended with SCSI status Busy");
  EXPECT_EQ(pauses.size(), 10u);
}

TEST_F(Unit, AConflictOfPersistentReserveInIsTheOldReserve) {
  device.expect(kReadKeys, status_reply(Status::reservation_conflict));
  const auto keys = unit.read_keys();
  ASSERT_FALSE(keys);
  EXPECT_EQ(keys.error().kind, Error::Kind::spc2_reserve);
  EXPECT_EQ(keys.error().message,
            "/dev/sg0: READ KEYS was refused with a reservation conflict: another host holds the drive by the old "
            "SPC-2 RESERVE command, which its tape driver or backup software sends");
}

TEST_F(Unit, AConflictOfPersistentReserveOutIsAnAnswer) {
  device.expect(kReserve, kReserveData, status_reply(Status::reservation_conflict));
  EXPECT_EQ(reserve(), PrOutcome::conflict);
  // As LIO says it.
  device.expect(kReserve, kReserveData, sense_reply(SenseKey::not_ready, 0x0800));
  EXPECT_EQ(reserve(), PrOutcome::conflict);
}

TEST_F(Unit, ATruncatedAnswerIsAskedForAgainWithRoomForAll) {
  std::string many = "00000007 00000800";
  for (int i = 0; i < 127; ++i) many += " 0000000000bac001";
  std::string all = "00000007 00000800";
  for (int i = 0; i < 256; ++i) all += " 0000000000bac001";
  device.expect(kReadKeys, good_reply(many));
  device.expect("5e 00 00 00 00 00 00 08 08 00", good_reply(all));
  const auto keys = unit.read_keys();
  ASSERT_TRUE(keys);
  EXPECT_EQ(keys->keys.size(), 256u);
  EXPECT_FALSE(keys->truncated);
  EXPECT_EQ(device.room, (std::vector<uint32_t>{1024, 2056}));
}

// Near 2^32 the room for the next command wrapped to one byte more: 64512 commands, and then the keys were believed.
TEST_F(Unit, AnAnswerThatIsNeverWholeIsAnErrorAfterTwoCommands) {
  for (const char* declared : {"7ffffff8", "fffffff8", "fffffff0", "00010000"}) {
    device.expect(kReadKeys, good_reply(std::string("00000007 ") + declared));
    device.expect("5e 00 00 00 00 00 00 ff ff 00", good_reply(std::string("00000007 ") + declared));
    const auto keys = unit.read_keys();
    ASSERT_FALSE(keys) << declared;
    EXPECT_EQ(keys.error().kind, Error::Kind::protocol);
  }
  device.expect(kReadKeys, good_reply("00000007 fffffff8"));
  device.expect("5e 00 00 00 00 00 00 ff ff 00", good_reply("00000007 fffffff8 0000000000bac001"));
  EXPECT_EQ(
      message(unit.read_keys()),
      "/dev/sg0: the answer to READ KEYS is not whole: the device says that it has 4294967296 bytes, and sent 16 where "
      "there was room for 65535");
}

TEST_F(Unit, ATruncatedFullStatusIsNotAnEmptyOne) {
  device.expect("5e 03 00 00 00 00 00 04 00 00", good_reply("00000007 fffffff8"));
  device.expect("5e 03 00 00 00 00 00 ff ff 00", good_reply("00000007 fffffff8"));
  EXPECT_FALSE(unit.read_full_status());
}

TEST_F(Unit, ADeviceThatHasAlwaysALittleMoreIsAskedFourTimes) {
  device.expect(kReadKeys, good_reply("00000007 00000800"));
  device.expect("5e 00 00 00 00 00 00 08 08 00", good_reply("00000007 00000808"));
  device.expect("5e 00 00 00 00 00 00 08 10 00", good_reply("00000007 00000810"));
  device.expect("5e 00 00 00 00 00 00 08 18 00", good_reply("00000007 00000818"));
  EXPECT_FALSE(unit.read_keys());
}

TEST_F(Unit, WhatIsNotSentAlthoughThereIsRoomIsNotAskedForAgain) {
  device.expect(kReadKeys, good_reply("00000007 00000010 0000000000bac001"));
  EXPECT_EQ(
      message(unit.read_keys()),
      "/dev/sg0: the answer to READ KEYS is not whole: the device says that it has 24 bytes, and sent 16 where there was "
      "room for 1024");
}

TEST_F(Unit, NoCommandIsRepeatedAfterItsDeadline) {
  using std::chrono_literals::operator""ms;
  device.expect("00", status_reply(Status::busy));
  EXPECT_EQ(unit.execute({{0}, {}, 0, 0ms}, "TEST")->status, Status::busy);
  device.expect("00", sense_reply(SenseKey::unit_attention, asc::power_on_or_reset));
  EXPECT_EQ(unit.execute({{0}, {}, 0, 0ms}, "TEST")->status, Status::check_condition);
  EXPECT_EQ(unit.unit_attentions().size(), 1u) << "noted, for the drive will not tell the tape driver";
}

TEST_F(Unit, AfterASignalNothingIsSentButWhatMustBeGivenBack) {
  std::atomic<bool> stop{false};
  LogicalUnit interruptible(
      device, [&](auto) { stop = true; }, &stop);  // the signal comes during a pause
  device.expect(kReserve, kReserveData, status_reply(Status::busy));
  const auto taken = interruptible.pr_out(PrOut::reserve, {.key = kCibouKey});
  ASSERT_FALSE(taken);
  EXPECT_EQ(taken.error().kind, Error::Kind::interrupted);
  EXPECT_EQ(taken.error().message, "/dev/sg0: interrupted by a signal; RESERVE was not sent");
  {
    const LogicalUnit::ToTheEnd give_back(interruptible);
    device.expect(kReadKeys, status_reply(Status::busy));
    device.expect(kReadKeys, good_reply(kNoKeys));
    EXPECT_TRUE(interruptible.read_keys());
  }
  EXPECT_FALSE(interruptible.read_keys());
}

TEST_F(Unit, WithoutPersistentReservationsTheErrorIsUnsupported) {
  for (const uint16_t code : {asc::invalid_operation_code, asc::invalid_field_in_cdb}) {
    device.expect(kReadKeys, sense_reply(SenseKey::illegal_request, code));
    const auto keys = unit.read_keys();
    ASSERT_FALSE(keys);
    EXPECT_EQ(keys.error().kind, Error::Kind::unsupported);
  }
  device.expect(kReserve, kReserveData, sense_reply(SenseKey::illegal_request, asc::invalid_operation_code));
  const auto done = reserve();
  ASSERT_FALSE(done);
  EXPECT_EQ(done.error().kind, Error::Kind::unsupported);
  EXPECT_EQ(done.error().message, "/dev/sg0: RESERVE failed: Illegal Request, 20/00 (invalid command operation code)");
}

TEST_F(Unit, OtherFailuresSayWhatHappened) {
  device.expect(kReserve, kReserveData,
                sense_reply(SenseKey::illegal_request, asc::insufficient_registration_resources));
  EXPECT_EQ(message(reserve()),
            "/dev/sg0: RESERVE failed: the drive's table of registrations is full. \"storage-ctl /dev/sg0 query\" "
            "shows whose they are");
  device.expect(kReserve, kReserveData, sense_reply(SenseKey::hardware_error, 0x4400));
  const auto hardware = reserve();
  EXPECT_EQ(message(hardware), "/dev/sg0: RESERVE failed: Hardware Error, 44/00 (internal target failure)");
  EXPECT_EQ(hardware.error().kind, Error::Kind::device);
  device.expect(kReadKeys, Reply{Status::check_condition, {}, {}});
  EXPECT_EQ(message(unit.read_keys()), "/dev/sg0: READ KEYS failed without sense data");
  device.expect(kReadKeys, good_reply("00000007"));
  const auto shorter = unit.read_keys();
  EXPECT_EQ(message(shorter), "/dev/sg0: READ KEYS: the device sent 4 bytes, the header alone has 8");
  EXPECT_EQ(shorter.error().kind, Error::Kind::protocol);
}

TEST_F(Unit, ATimeoutNamesTheCommandAndIsNotRetried) {
  device.expect(kReadKeys, fail(Error::Kind::timeout, "/dev/sg0 does not answer"));
  const auto keys = unit.read_keys();
  ASSERT_FALSE(keys);
  EXPECT_EQ(keys.error().kind, Error::Kind::timeout);
  EXPECT_EQ(keys.error().message, "/dev/sg0 does not answer (READ KEYS was not answered within 5 s)");
}

TEST_F(Unit, TestUnitReady) {
  constexpr const char* kTur = "00 00 00 00 00 00";
  device.expect(kTur, good_reply());
  EXPECT_TRUE(unit.test_unit_ready()->ready);
  device.expect(kTur, status_reply(Status::reservation_conflict));
  EXPECT_TRUE(unit.test_unit_ready()->conflict);
  device.expect(kTur, sense_reply(SenseKey::not_ready, asc::medium_not_present));
  const auto empty = unit.test_unit_ready();
  ASSERT_TRUE(empty);
  EXPECT_FALSE(empty->ready);
  EXPECT_EQ(asc_ascq(empty->sense), asc::medium_not_present);
  device.expect(kTur, sense_reply(SenseKey::medium_error, 0x3000));
  EXPECT_EQ(message(unit.test_unit_ready()),
            "/dev/sg0: TEST UNIT READY failed: Medium Error, 30/00 (incompatible medium installed)");
}

TEST(UnitOnTheTarget, SeesTheDriveAsItIs) {
  target::Target target(white_paper_san());
  Host cibou(target, 0, kCibouKey);
  EXPECT_EQ(cibou.unit.inquiry()->product, "Ultrium 4-SCSI");
  EXPECT_EQ(cibou.unit.unit_serial_number(), "HU10450A01");
  EXPECT_EQ(cibou.unit.device_identification()->size(), 2u);
  EXPECT_TRUE(cibou.unit.report_capabilities()->supports(PrType::exclusive_access));
  EXPECT_FALSE(cibou.unit.test_unit_ready()->ready);
  EXPECT_EQ(cibou.unit.unit_attentions().size(), 1u);
}

}  // namespace
}  // namespace shstore::scsi
