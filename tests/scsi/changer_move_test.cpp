// What a robot is told to do, and its refusals.
#include "changer_fixture.h"

#include <fmt/format.h>

#include <set>

#include "scsi/element_words.h"
#include "scsi/tape_unit.h"

namespace shstore::scsi {
namespace {

TEST_F(Changer, AMoveIsRepeatedAfterAUnitAttentionOnly) {
  device.expect(kMove, sense_reply(SenseKey::unit_attention, asc::medium_may_have_changed));
  device.expect(kMove, good_reply());
  EXPECT_EQ(changer.move_medium(kSlotToDrive)->result, MoveResult::done);
  EXPECT_EQ(unit.unit_attentions().size(), 1u);
}

TEST_F(Changer, RefusalsOfAMoveAreAnswers) {
  struct Case {
    SenseKey key;
    uint16_t code;
    MoveResult result;
    const char* text;
  };
  const Case cases[] = {
      {SenseKey::illegal_request, 0x3b0d, MoveResult::destination_full,
       "element 1024 to element 256: there is a medium in element 256 already; somebody has moved one since "
       "the "
       "library's contents were read (\"update slots\" in bconsole reads them again)"},
      {SenseKey::illegal_request, 0x3b0e, MoveResult::source_empty,
       "element 1024 to element 256: there is no medium in element 1024; somebody has moved it since the "
       "library's "
       "contents were read (\"update slots\" in bconsole reads them again)"},
      {SenseKey::illegal_request, 0x2101, MoveResult::invalid_address,
       "element 1024 to element 256: the library has no such element; it numbers them in its own way"},
      {SenseKey::not_ready, 0x0401, MoveResult::not_ready,
       "element 1024 to element 256: the library is not ready: it is starting up or taking stock (Not Ready, 04/01 (logical unit "
       "is in process of becoming ready))"},
      {SenseKey::illegal_request, 0x5302, MoveResult::removal_prevented,
       "element 1024 to element 256: a host has locked the medium into the drive, which is in use there"},
      {SenseKey::illegal_request, 0x3b90, MoveResult::drive_not_unloaded,
       "element 1024 to element 256: the drive has not let go of its tape (Illegal Request, 3b/90). \"offline=1\" in "
       "shstore-changer.conf has every tape unloaded in its drive before the robot takes it; by hand, on the host that uses the "
       "drive: mt -f <archive device> offline"},
      {SenseKey::illegal_request, 0x3b12, MoveResult::magazine_missing,
       "element 1024 to element 256: the element's magazine is not in the library or cannot be reached "
       "(Illegal "
       "Request, 3b/12 (medium magazine removed))"},
      {SenseKey::illegal_request, 0x3b18, MoveResult::element_disabled,
       "element 1024 to element 256: the element is disabled (Illegal Request, 3b/18 (element disabled)); the library's operator panel says why"},
  };
  for (const auto& c : cases) {
    device.expect(kMove, sense_reply(c.key, c.code));
    const auto outcome = changer.move_medium(kSlotToDrive);
    ASSERT_TRUE(outcome) << outcome.error();
    EXPECT_EQ(outcome->result, c.result);
    EXPECT_EQ(explain(*outcome, kSlotToDrive), c.text);
  }
  device.expect(kMove, status_reply(Status::reservation_conflict));
  const auto conflict = changer.move_medium(kSlotToDrive);
  EXPECT_EQ(conflict->result, MoveResult::reservation_conflict);
  EXPECT_EQ(explain(*conflict, kSlotToDrive),
            "element 1024 to element 256: another host has reserved the robot; wait until its move is done");
}

TEST_F(Changer, WhatIsNoRefusalIsAnError) {
  device.expect(kMove, sense_reply(SenseKey::hardware_error, 0x1501));
  EXPECT_EQ(message(changer.move_medium(kSlotToDrive)),
            "/dev/sg0: MOVE MEDIUM failed: Hardware Error, 15/01 (mechanical positioning error)");
  device.expect(kMove, fail(Error::Kind::timeout, "/dev/sg0 does not answer"));
  const auto late = changer.move_medium(kSlotToDrive);
  ASSERT_FALSE(late);
  EXPECT_EQ(late.error().kind, Error::Kind::timeout);
  EXPECT_EQ(late.error().message,
            "/dev/sg0 does not answer (MOVE MEDIUM was not answered within 300 s). The robot may still be moving: "
            "read its element status before anything else");
}

TEST_F(Changer, InitializeElementStatus) {
  device.expect("07 00 00 00 00 00", good_reply());
  EXPECT_EQ(changer.initialize_element_status()->result, MoveResult::done);
  device.expect("07 00 00 00 00 00", status_reply(Status::reservation_conflict));
  EXPECT_EQ(changer.initialize_element_status()->result, MoveResult::reservation_conflict);
}

TEST_F(Changer, LoadAndUnloadOfATapeDrive) {
  device.expect("1b 00 00 00 00 00", good_reply());
  EXPECT_EQ(unload_tape(unit), UnloadResult::done);
  device.expect("1b 00 00 00 00 00", sense_reply(SenseKey::not_ready, asc::medium_not_present));
  EXPECT_EQ(unload_tape(unit), UnloadResult::no_medium);
  device.expect("1b 00 00 00 00 00", sense_reply(SenseKey::illegal_request, asc::medium_removal_prevented));
  EXPECT_EQ(unload_tape(unit), UnloadResult::removal_prevented);
  device.expect("1b 00 00 00 01 00", status_reply(Status::reservation_conflict));
  EXPECT_EQ(load_tape(unit), UnloadResult::reservation_conflict);
  device.expect("1b 00 00 00 01 00", sense_reply(SenseKey::medium_error, 0x5300));
  EXPECT_EQ(message(load_tape(unit)), "/dev/sg0: LOAD failed: Medium Error, 53/00 (media load or eject failed)");
}

}  // namespace
}  // namespace shstore::scsi
