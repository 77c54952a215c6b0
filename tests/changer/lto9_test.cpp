// Drives that calibrate a new cartridge at its first load.
#include <gmock/gmock.h>

#include "changer/readiness.h"
#include "real_libraries.h"

namespace shstore::changer::program {
namespace {

using scsi::SenseKey;
using testing::HasSubstr;

TEST(Lto9, DrivesThatCalibrate) {
  for (const char* product : {"ULT3580-TD9", "ULT3580-HH9", "ULTRIUM-HH9", "Ultrium 9-SCSI", "LTO-9 HH"})
    EXPECT_TRUE(calibrates(product)) << product;
  for (const char* product : {"ULT3580-TD8", "Ultrium 8-SCSI", "Ultrium 10-SCSI", "ULT3580-TD10", "", "ULT3580-TD90"}) {
    EXPECT_FALSE(calibrates(product)) << product;
  }
  Settings settings;
  EXPECT_EQ(ready_wait_for(settings, "ULT3580-TD8"), std::chrono::seconds(300));
  EXPECT_GT(ready_wait_for(settings, "ULT3580-TD9"), std::chrono::hours(2));
  settings.ready_wait_given = true;
  EXPECT_EQ(ready_wait_for(settings, "ULT3580-TD9"), std::chrono::seconds(300)) << "the administrator's word";
}

// That may take hours, in which this host's other drives need the robot.
TEST_F(RealLibraries, WhileADriveBecomesReadyTheRobotIsFree) {
  int not_ready = 3, moved = 0;
  library.intercepts[cibou.control(0)] = [&](const scsi::Command& command) -> std::optional<scsi::Result<scsi::Reply>> {
    if (command.cdb[0] != scsi::kTestUnitReady || not_ready-- <= 0) return std::nullopt;
    return sense_reply(SenseKey::not_ready, 0x0401);
  };
  Host same{library, "cibou", kCibouKey, {"sg0", "sg1", "sg2"}};
  cibou.asleep = [&] {
    if (moved++ != 0) return;
    EXPECT_EQ(same.load(4, 1), 0) << same.err;
    same.settings.drive_wait = {};
    EXPECT_EQ(same.unload(3, 0), 24);
    EXPECT_THAT(same.err, HasSubstr("another shstore-changer of this host is still busy with \"Drive-0\""));
    EXPECT_TRUE(library.lock_state(cibou.control(0)).held_by(kCibouKey))
        << "a lock that was taken here is given back alone";
  };
  EXPECT_EQ(cibou.load(3, 0), 0) << cibou.err;
  EXPECT_GT(moved, 0);
}

TEST_F(RealLibraries, ADriveThatIsBecomingReadyGivesNoTapeOut) {
  ASSERT_EQ(cibou.load(3, 0), 0);
  library.sent.clear();
  refuse_move(SenseKey::illegal_request, 0x3a00, 9);
  library.intercepts[cibou.control(0)] = [](const scsi::Command& command) -> std::optional<scsi::Result<scsi::Reply>> {
    if (command.cdb[0] == scsi::kTestUnitReady) return sense_reply(SenseKey::not_ready, 0x0401);
    return std::nullopt;
  };
  EXPECT_EQ(cibou.unload(3, 0), 3);
  EXPECT_THAT(cibou.err, HasSubstr("still becoming ready"));
  EXPECT_EQ(count(cibou.control(0), scsi::kLoadUnload), 0u);
  EXPECT_EQ(moves(), 1u);
}

}  // namespace
}  // namespace shstore::changer::program
