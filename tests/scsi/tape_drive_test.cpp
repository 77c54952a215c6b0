// The simulated drive's tape, position and log pages, through its commands.
#include <gtest/gtest.h>

#include "scsi/changer_unit.h"
#include "scsi/log_sense.h"
#include "scsi/read_position.h"
#include "scsi/tape_unit.h"
#include "support.h"

namespace shstore::scsi::target {
namespace {

using namespace std::chrono_literals;

class TapeDriveTest : public testing::Test {
 protected:
  void make(DriveTraits traits, std::chrono::milliseconds calibration = 0ms) {
    auto san = load_san(SHSTORE_ROOT "/samples/library.json");
    ASSERT_TRUE(san) << message(san);
    san->drives[0].traits = std::move(traits);
    san->drives[0].calibration = calibration;
    san->changers[0].media[5].barcode = "CLN001L4";
    target.emplace(std::move(*san), [this] { return now; });
    for (size_t i = 0; i < 3; ++i) transports.emplace_back(*target, i);
  }
  void SetUp() override { make({}); }

  MoveResult move(uint16_t from, uint16_t to) {
    const auto outcome = MediumChanger(robot()).move_medium({0, from, to, false});
    EXPECT_TRUE(outcome) << message(outcome);
    return outcome->result;
  }
  LogicalUnit& drive() {
    return units.emplace_back(transports[0], [](auto) {});
  }
  LogicalUnit& robot() {
    return units.emplace_back(transports[2], [](auto) {});
  }
  Status run(std::string_view cdb) { return drive().execute({hex(cdb), {}, 0, 5s}, "a command")->status; }
  TapePosition position() {
    const auto p = read_position(drive());
    EXPECT_TRUE(p) << message(p);
    return p.value_or(TapePosition{});
  }
  LogPage page(uint8_t code) {
    return *decode_log_page(code, *drive().data_in(cdb_log_sense(code, 1024), 1024, "LOG SENSE"));
  }
  DtDeviceStatus status() { return *decode_dt_device_status(page(log_page::dt_device_status).find(0)->value); }
  uint16_t why_not_ready() { return asc_ascq(drive().test_unit_ready()->sense); }

  std::chrono::steady_clock::time_point now{};
  std::optional<Target> target;
  std::deque<DirectTransport> transports;
  std::deque<LogicalUnit> units;
};

constexpr uint16_t kSlot = 1024, kCleaningSlot = 1029, kDrive = 256;
constexpr const char* kRewind = "01 00 00 00 00 00";
constexpr const char* kThreeFilemarks = "10 00 00 00 03 00";

TEST_F(TapeDriveTest, TellsWhereItsTapeStands) {
  EXPECT_FALSE(read_position(drive())) << "it is empty";
  ASSERT_EQ(move(kSlot, kDrive), MoveResult::done);
  EXPECT_EQ(position(), (TapePosition{.beginning = true, .object = 0}));
  ASSERT_EQ(run(kThreeFilemarks), Status::good);
  EXPECT_EQ(position().object, 3u);
  EXPECT_EQ(run("11 01 ff ff ff 00"), Status::good) << "one filemark back";
  EXPECT_EQ(position().object, 2u);
  EXPECT_EQ(run("11 03 00 00 00 00"), Status::good) << "to the end of data";
  EXPECT_EQ(position().object, 3u);
  EXPECT_EQ(run("11 01 00 00 01 00"), Status::check_condition) << "there is nothing more";
  EXPECT_EQ(run("2b 00 00 00 00 00 01 00 00 00"), Status::good);
  EXPECT_EQ(position().object, 1u);
  EXPECT_EQ(run("92 08 00 00 00 00 00 00 00 00 00 02 00 00 00 00"), Status::good) << "by its file number";
  EXPECT_EQ(position().object, 2u);
  EXPECT_EQ(run(kRewind), Status::good);
  EXPECT_TRUE(position().beginning);
}

TEST_F(TapeDriveTest, TheTapeKeepsItsFilemarksAndIsRewoundWhenItIsLoaded) {
  move(kSlot, kDrive);
  run(kThreeFilemarks);
  move(kDrive, kSlot);
  move(kSlot, kDrive);
  EXPECT_EQ(position().object, 0u);
  run("11 03 00 00 00 00");
  EXPECT_EQ(position().object, 3u);
}

TEST_F(TapeDriveTest, OneMayLackReadPosition) {
  transports.clear();
  make({.has_read_position = false});
  move(kSlot, kDrive);
  EXPECT_EQ(read_position(drive()).error().kind, Error::Kind::unsupported);
}

TEST_F(TapeDriveTest, CalibratesAfterALoadAndGivesNothingOutMeanwhile) {
  transports.clear();
  make({}, 20min);
  ASSERT_EQ(move(kSlot, kDrive), MoveResult::done);
  EXPECT_EQ(why_not_ready(), asc::becoming_ready);
  EXPECT_FALSE(read_position(drive()));
  EXPECT_TRUE(status().in_transition);
  EXPECT_FALSE(status().mounted);
  EXPECT_FALSE(status().robot_may_access);
  EXPECT_EQ(*unload_tape(drive()), UnloadResult::done) << "it says so, and does not";
  EXPECT_EQ(why_not_ready(), asc::becoming_ready);
  const auto refused = robot().execute({cdb_move_medium({0, kDrive, kSlot, false}), {}, 0, 5s}, "MOVE MEDIUM");
  EXPECT_EQ(describe(*decode_sense(refused->sense)), "Illegal Request, 3a/00 (medium not present)");

  now += 20min;
  EXPECT_TRUE(drive().test_unit_ready()->ready);
  EXPECT_TRUE(status().mounted);
  EXPECT_EQ(move(kDrive, kSlot), MoveResult::done);
  EXPECT_EQ(move(kSlot, kDrive), MoveResult::done);
  EXPECT_TRUE(drive().test_unit_ready()->ready) << "each cartridge is calibrated once";
}

TEST_F(TapeDriveTest, ReadingTapeAlertClearsIt) {
  transports.clear();
  make({.alerts = TapeAlerts{}.set(3).set(20)});
  EXPECT_TRUE(status().tape_alert);
  EXPECT_TRUE(tape_alerts(page(log_page::tape_alert))[3]);
  EXPECT_TRUE(tape_alerts(page(log_page::tape_alert)).none());
  EXPECT_FALSE(status().tape_alert);
  EXPECT_TRUE(status().cleaning_required) << "that is asked for until it is done";
  move(kSlot, kDrive);
  EXPECT_TRUE(tape_alerts(page(log_page::tape_alert))[3]) << "again with each tape";
}

TEST_F(TapeDriveTest, AFlagThatDidNotComeWholeStaysUp) {
  transports.clear();
  make({.alerts = TapeAlerts{}.set(1).set(2)});
  const auto cut = drive().data_in(cdb_log_sense(log_page::tape_alert, 10), 10, "LOG SENSE");
  EXPECT_EQ(cut->size(), 10u);
  const auto alerts = tape_alerts(page(log_page::tape_alert));
  EXPECT_FALSE(alerts[1]);
  EXPECT_TRUE(alerts[2]);
}

TEST_F(TapeDriveTest, ACleaningCartridgeCleans) {
  transports.clear();
  make({.alerts = TapeAlerts{}.set(alert::cleaning_requested)});
  EXPECT_TRUE(status().cleaning_requested);
  move(kCleaningSlot, kDrive);
  EXPECT_EQ(why_not_ready(), asc::cleaning_cartridge_installed);
  EXPECT_FALSE(status().cleaning_requested);
  EXPECT_TRUE(tape_alerts(page(log_page::tape_alert)).none());
}

TEST_F(TapeDriveTest, HasTheLogPagesThatItIsSaidToHave) {
  const auto supported = [&] {
    return *decode_supported_log_pages(*drive().data_in(cdb_log_sense(0, 64), 64, "LOG SENSE"));
  };
  EXPECT_EQ(supported(), (std::vector<uint8_t>{0x00, 0x0c, 0x11, 0x2e}));
  transports.clear();
  make({.log_pages = {0x2e}});
  EXPECT_EQ(supported(), (std::vector<uint8_t>{0x00, 0x2e}));
  EXPECT_EQ(drive().data_in(cdb_log_sense(0x11, 64), 64, "LOG SENSE").error().kind, Error::Kind::unsupported);
}

}  // namespace
}  // namespace shstore::scsi::target
