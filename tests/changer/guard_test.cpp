#include "changer/guard.h"

#include <gtest/gtest.h>

namespace shstore::changer {
namespace {

constexpr scsi::ReservationKey kCibou{0xbac001}, kDir{0xbac999};

config::SharedDevice drive0() {
  config::SharedDevice d;
  d.name = "LT09_1_Drive0";
  d.archive_device = "/dev/nst0";
  d.control_device = "/dev/sg0";
  d.key = kCibou;
  return d;
}

const Request kUnload{"unload", 4, 0, "tape \"LAB004L5\""};

std::string plain(scsi::ReservationKey key) { return scsi::to_text(key); }

scsi::LockState state(std::vector<scsi::ReservationKey> keys, std::optional<scsi::ReservationKey> holder) {
  scsi::LockState s;
  s.keys = std::move(keys);
  if (holder) s.reservation = scsi::Reservation{*holder, 0, scsi::PrType::exclusive_access};
  return s;
}

TEST(Guard, ADriveThatAnotherHostHoldsIsNotTouchedAndItsHolderNamed) {
  const auto verdict = judge_lock(drive0(), kUnload, state({kDir}, kDir), plain);
  ASSERT_FALSE(verdict);
  EXPECT_EQ(verdict.error().status, ExitStatus::locked);
  EXPECT_EQ(
      verdict.error().message,
      "unload of slot 4 from drive 0 is refused: \"LT09_1_Drive0\" (/dev/nst0) is reserved by: 0xbac999, which may be "
      "using tape \"LAB004L5\". Wait until the job of that host has ended; if the host is dead, \"storage-ctl /dev/sg0 "
      "explain\" says what to do");
}

TEST(Guard, TheHostsNameIsSaidWhereItIsKnown) {
  const auto verdict = judge_lock(drive0(), {"load", 4, 0, "tape \"LAB004L5\""}, state({kDir}, kDir),
                                  [](scsi::ReservationKey key) { return scsi::to_text(key) + " (dir)"; });
  ASSERT_FALSE(verdict);
  EXPECT_EQ(
      verdict.error().message,
      "load of slot 4 into drive 0 is refused: \"LT09_1_Drive0\" (/dev/nst0) is reserved by: 0xbac999 (dir). Wait until "
      "the job of that host has ended; if the host is dead, \"storage-ctl /dev/sg0 explain\" says what to do");
}

TEST(Guard, OurOwnLockIsKeptAndAFreeDriveIsTaken) {
  EXPECT_EQ(judge_lock(drive0(), kUnload, state({kCibou, kDir}, kCibou), plain).value(), Hold::ours);
  EXPECT_EQ(judge_lock(drive0(), kUnload, state({}, {}), plain).value(), Hold::free);
}

TEST(Guard, AHostThatOnlyWaitsIsNoObstacle) {
  EXPECT_EQ(judge_lock(drive0(), kUnload, state({kDir}, {}), plain).value(), Hold::free);
}

TEST(Guard, AReservationWithoutAKeyIsAnothers) {
  const auto verdict = judge_lock(drive0(), kUnload, state({kCibou, kDir}, scsi::ReservationKey{0}), plain);
  ASSERT_FALSE(verdict) << "an all-registrants reservation of another product shows key 0";
}

scsi::Designator ascii(std::string text, uint8_t type = 1) {
  scsi::Designator d;
  d.code_set = 2;
  d.type = type;
  d.identifier.assign(text.begin(), text.end());
  return d;
}

scsi::Designator naa(uint8_t last) {
  scsi::Designator d;
  d.code_set = 1;
  d.type = 3;
  d.identifier = {0x50, 0x01, 0x43, 0x80, 0x02, 0x35, 0x60, last};
  return d;
}

Library two_drives(std::optional<scsi::Designator> first, std::optional<scsi::Designator> second) {
  Library l;
  l.drives.resize(2);
  l.drives[0].device = std::move(first);
  l.drives[1].device = std::move(second);
  return l;
}

const Library kHp =
    two_drives(ascii("HP      Ultrium 4-SCSI  HU10450A01"), ascii("HP      Ultrium 4-SCSI  HU10450A02"));

TEST(Identity, TheDriveOfThatIndexIsFine) {
  EXPECT_TRUE(check_identity(drive0(), kHp, 0, {"HU10450A01"}));
  EXPECT_TRUE(check_identity(drive0(), two_drives(ascii("HU10450A01", 0), {}), 0, {"HU10450A01"}));
}

TEST(Identity, AnotherDriveIsRefusedWithTheIndexThatItHas) {
  const auto checked = check_identity(drive0(), kHp, 0, {"HU10450A02"});
  ASSERT_FALSE(checked);
  EXPECT_EQ(checked.error().status, ExitStatus::refused);
  EXPECT_EQ(
      checked.error().message,
      "nothing is moved: drive 0 of the library is the one with serial number HU10450A01, but /dev/sg0 of "
      "\"LT09_1_Drive0\" (/dev/nst0) leads to the drive with serial number HU10450A02: set \"Drive Index = 1\" in the "
      "Device resource of bacula-sd.conf, or correct its Archive Device and Control Device");
}

TEST(Identity, ADriveOfAnotherLibraryIsRefused) {
  const auto checked = check_identity(drive0(), kHp, 1, {"XY1"});
  ASSERT_FALSE(checked);
  EXPECT_NE(checked.error().message.find("no drive of this library is the one that /dev/sg0 leads to"),
            std::string::npos);
}

TEST(Identity, BinaryDesignatorsAreComparedWithThoseOfTheDrive) {
  const auto library = two_drives(naa(1), naa(2));
  EXPECT_TRUE(check_identity(drive0(), library, 0, {"HU10450A01", {naa(1)}}));
  EXPECT_FALSE(check_identity(drive0(), library, 0, {"HU10450A02", {naa(2)}}));
}

TEST(Identity, WhatTheLibraryOrTheDriveDoesNotTellIsNoMismatch) {
  EXPECT_TRUE(check_identity(drive0(), two_drives({}, {}), 0, {"HU10450A01"}));
  EXPECT_TRUE(check_identity(drive0(), kHp, 0, {""}));
  EXPECT_TRUE(check_identity(drive0(), two_drives(naa(1), naa(2)), 0, {"HU10450A01", {ascii("HP      X")}}));
  EXPECT_TRUE(check_identity(drive0(), kHp, 7, {"HU10450A01"})) << "that there is no such drive, plan_load() says";
}

}  // namespace
}  // namespace shstore::changer
