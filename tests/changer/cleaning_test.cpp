// Cleaning, by hand and after an unload of a drive that asked for it; the simulated drive asks until a cleaning cartridge was in it.
#include <gmock/gmock.h>

#include <fstream>

#include "changer/cleaning.h"
#include "scsi/drive_health.h"
#include "simulated.h"

namespace shstore::changer::program {
namespace {

using scsi::SenseKey;
using testing::HasSubstr;
using testing::Not;

constexpr uint32_t kCleaningSlot = 8;

void ask_for_cleaning(scsi::target::San& san) {
  san.drives[0].traits.alerts.set(scsi::alert::cleaning_required);
  const auto element = static_cast<uint16_t>(san.changers[0].addresses.storage.first + kCleaningSlot - 1);
  san.changers[0].media.push_back({"CLN001L1", element});
}

struct CleaningTest : testing::Test {
  SimulatedLibrary library{ask_for_cleaning};
  Host cibou{library, "cibou", kCibouKey, {"sg0", "sg1", "sg2"}};

  void SetUp() override { cibou.settings.auto_clean = true; }

  std::vector<std::pair<uint16_t, uint16_t>> moves() const {
    std::vector<std::pair<uint16_t, uint16_t>> all;
    const auto sent = library.sent.find(cibou.robot());
    if (sent == library.sent.end()) return all;
    for (const auto& cdb : sent->second) {
      if (cdb[0] != scsi::kMoveMedium) continue;
      const auto move = scsi::decode_cdb_move_medium(cdb);
      all.emplace_back(move.source, move.destination);
    }
    return all;
  }
  std::string where() {
    const auto err = cibou.err;
    cibou("listall");
    cibou.err = err;
    return cibou.out;
  }
  // The drive says so of itself, whatever is done to it.
  void says(const scsi::DtDeviceStatus& status) {
    library.intercepts[cibou.control(0)] =
        [=](const scsi::Command& command) -> std::optional<scsi::Result<scsi::Reply>> {
      if (command.cdb[0] != scsi::kLogSense) return std::nullopt;
      return scsi::Reply{
          scsi::Status::good,
          {},
          scsi::encode_log_page({scsi::log_page::dt_device_status, {{0, scsi::encode_dt_device_status(status)}}})};
    };
  }
  void has_no_log_pages() {
    library.intercepts[cibou.control(0)] =
        [](const scsi::Command& command) -> std::optional<scsi::Result<scsi::Reply>> {
      if (command.cdb[0] != scsi::kLogSense) return std::nullopt;
      return scsi::Reply{
          scsi::Status::check_condition, scsi::encode_sense({SenseKey::illegal_request, 0x24, 0x00}), {}};
    };
  }
  void unload() {
    ASSERT_EQ(cibou.load(3, 0), 0) << cibou.err;
    library.sent.clear();
    ASSERT_EQ(cibou.unload(3, 0), 0) << cibou.err;
  }
};

TEST_F(CleaningTest, ADriveThatAskedIsCleanedAfterTheUnloadThatEmptiedIt) {
  unload();
  ASSERT_EQ(moves().size(), 3u) << cibou.err;
  EXPECT_EQ(moves()[1].second, moves()[0].first) << "into the drive";
  EXPECT_EQ(moves()[2], std::pair(moves()[1].second, moves()[1].first)) << "and back";
  EXPECT_THAT(cibou.err, HasSubstr("\"Drive-0\" (/tapes/nst0) asked to be cleaned at once, and was\n"));
  EXPECT_EQ(cibou.out, "Unloading drive 0 into Storage Element 3...done\n") << "what bacula-sd reads stays the same";
  EXPECT_THAT(where(), HasSubstr("S:8:F:CLN001L1"));
  unload();
  EXPECT_EQ(moves().size(), 1u) << "it does not ask any more";
}

TEST_F(CleaningTest, ItsLineInTheLogSaysWhereItWasAndTheUnloadsIsAsEver) {
  cibou.settings.log = library.folder() + "/moves.log";
  cibou.caller = {"Nightly.2026-11-30_01.05.00_07", "12"};
  unload();
  std::ifstream log(cibou.settings.log);
  std::vector<std::string> lines;
  for (std::string line; std::getline(log, line);) lines.push_back(line);
  ASSERT_EQ(lines.size(), 3u) << "a load, the cleaning, the unload that it is part of";
  EXPECT_THAT(lines[1],
              testing::ContainsRegex("changer=.*/sg2 operation=clean slot=8 drive=0 from=.* barcode=CLN001L1 jobid=12 "
                                     "job=Nightly.2026-11-30_01.05.00_07 seconds=.* result=done"));
  EXPECT_THAT(lines[2],
              testing::ContainsRegex("changer=.*/sg2 operation=unload slot=3 drive=0 from=.* barcode=A00003L4 jobid=12 "
                                     "job=Nightly.2026-11-30_01.05.00_07 seconds=.* result=done"));
}

TEST_F(CleaningTest, OffUnlessToldTo) {
  EXPECT_FALSE(Settings{}.auto_clean);
  cibou.settings.auto_clean = false;
  unload();
  EXPECT_EQ(moves().size(), 1u);
  EXPECT_EQ(cibou.err, "");
}

// Four minutes, in which others' jobs need the robot and would fail after robot_wait.
TEST_F(CleaningTest, WhileADriveIsCleanedItStaysLockedAndTheRobotIsFree) {
  Host same{library, "cibou", kCibouKey, {"sg0", "sg1", "sg2"}}, dir{library, "dir", kDirKey, {"sg4", "sg5", "sg6"}};
  for (auto* host : {&same, &dir}) host->settings.robot_wait = host->settings.drive_wait = {};
  bool looked = false;
  cibou.asleep = [&] {
    if (std::exchange(looked, true)) return;
    EXPECT_TRUE(library.lock_state(cibou.control(0)).held_by(kCibouKey));
    EXPECT_EQ(dir.load(4, 1), 0) << dir.err;
    EXPECT_EQ(dir.unload(4, 1), 0) << dir.err;
    EXPECT_EQ(same.load(4, 1), 0) << same.err;
    EXPECT_EQ(same.unload(4, 1), 0) << same.err;
    EXPECT_EQ(dir.unload(8, 0), 24);
    EXPECT_THAT(dir.err, HasSubstr("is reserved by: 0xbac001"));
    for (const char* command : {"unload", "load"}) {
      EXPECT_EQ(same(command, "8", "/tapes/nst0", "0"), 24) << command;
      EXPECT_THAT(same.err,
                  HasSubstr("another shstore-changer of this host is still busy with \"Drive-0\" (/tapes/nst0)"));
    }
    EXPECT_EQ(same("clean", "0"), 24);
  };
  unload();
  EXPECT_TRUE(looked);
  EXPECT_THAT(where(), HasSubstr("S:8:F:CLN001L1"));
  EXPECT_FALSE(library.lock_state(cibou.robot()).reservation);
  EXPECT_FALSE(library.lock_state(cibou.control(0)).reservation);
}

TEST_F(CleaningTest, ACartridgeWhoseSlotWasFilledMeanwhileGoesIntoAFreeOne) {
  Host dir{library, "dir", kDirKey, {"sg4", "sg5", "sg6"}};
  cibou.asleep = [&] {
    if (where().find("S:8:F") == std::string::npos) {
      EXPECT_EQ(dir("transfer", "1", "8"), 0) << dir.err;
    }
  };
  EXPECT_EQ(cibou("clean", "0"), 0) << cibou.err;
  EXPECT_THAT(where(), HasSubstr("S:8:F:A00001L4"));
  EXPECT_THAT(where(), testing::ContainsRegex("S:[17]:F:CLN001L1"));
}

// By another host, at the moment at which the cartridge is to be taken out.
TEST_F(CleaningTest, ARobotThatIsBusyIsWaitedForEvenAfterASignal) {
  for (const bool signal : {false, true}) {
    says({.cleaning_required = true, .initialized = true, .activity = scsi::dt_activity::cleaning});
    bool busy = false, was_busy = false;
    const auto free_again = [&] {
      if (std::exchange(busy, false)) library.unlock("sg6", kDirKey, scsi::PrType::write_exclusive);
    };
    cibou.asleep = [&] {
      free_again();
      if (std::exchange(was_busy, true)) return;
      library.lock("sg6", kDirKey, scsi::PrType::write_exclusive);
      busy = true;
      cibou.stop = signal;
      if (!signal) says({.initialized = true});
    };
    cibou.in_pause = [&] { free_again(); };
    EXPECT_EQ(cibou("clean", "0"), signal ? 75 : 0) << cibou.err;
    EXPECT_TRUE(was_busy);
    EXPECT_FALSE(busy) << "it was not waited for";
    cibou.stop = false;
    cibou.asleep = cibou.in_pause = {};
    EXPECT_THAT(where(), HasSubstr("S:8:F:CLN001L1")) << cibou.err;
    EXPECT_FALSE(library.lock_state(cibou.robot()).reservation);
  }
}

TEST_F(CleaningTest, ADriveThatGoesOnAskingIsCleanedOnceAndItsCartridgeComesBack) {
  says({.cleaning_required = true, .initialized = true});
  cibou.settings.clean_wait = std::chrono::seconds(30);
  unload();
  EXPECT_EQ(moves().size(), 3u);
  EXPECT_THAT(
      cibou.err,
      HasSubstr("the drive did not say within 30 s (clean_wait) that it is clean; the cartridge is back in its slot"));
  EXPECT_THAT(where(), HasSubstr("S:8:F:CLN001L1"));
  unload();
  EXPECT_EQ(moves().size(), 1u) << "once per request";
  says({.initialized = true});
  unload();
  says({.cleaning_requested = true, .initialized = true});
  unload();
  EXPECT_EQ(moves().size(), 3u) << "that is another request";
  EXPECT_THAT(cibou.err, HasSubstr("asked to be cleaned:"));
}

TEST_F(CleaningTest, ASignalBringsTheCartridgeBackAtOnce) {
  says({.cleaning_required = true, .initialized = true, .activity = scsi::dt_activity::cleaning});
  ASSERT_EQ(cibou.load(3, 0), 0) << cibou.err;
  library.sent.clear();
  cibou.asleep = [&] { cibou.stop = true; };
  EXPECT_EQ(cibou.unload(3, 0), 0) << cibou.err;
  EXPECT_EQ(moves().size(), 3u);
  EXPECT_THAT(cibou.err, HasSubstr("interrupted; the cartridge is back in its slot"));
  cibou.stop = false;
  EXPECT_THAT(where(), HasSubstr("S:8:F:CLN001L1"));
}

TEST_F(CleaningTest, ACartridgeThatCannotBePutBackIsNamedAndComesBackByHand) {
  ASSERT_EQ(cibou.load(3, 0), 0) << cibou.err;
  library.sent.clear();
  library.intercepts[cibou.robot()] =
      [&, n = 0](const scsi::Command& command) mutable -> std::optional<scsi::Result<scsi::Reply>> {
    if (command.cdb[0] != scsi::kMoveMedium || ++n < 3) return std::nullopt;
    return scsi::Reply{scsi::Status::check_condition, scsi::encode_sense({SenseKey::not_ready, 0x04, 0x83}), {}};
  };
  EXPECT_EQ(cibou.unload(3, 0), 0) << "the tape is where it should be";
  EXPECT_THAT(cibou.err, HasSubstr("the cleaning cartridge is still in drive 0"));
  EXPECT_THAT(cibou.err, HasSubstr("/sg2 clean 0\" puts it back"));
  library.intercepts.clear();
  EXPECT_EQ(cibou.load(3, 0), 1);
  EXPECT_THAT(cibou.err, HasSubstr("CLN001L1"));
  EXPECT_EQ(cibou("clean", "0"), 0) << cibou.err;
  EXPECT_THAT(where(), HasSubstr("S:8:F:CLN001L1"));
}

TEST_F(CleaningTest, WithoutPage11hThePluginsReadingCounts) {
  has_no_log_pages();
  unload();
  EXPECT_EQ(moves().size(), 1u) << "nobody knows";
  cibou.wish = CleaningWish::requested;
  cibou.settings.clean_wait = std::chrono::seconds(10);
  unload();
  EXPECT_EQ(moves().size(), 3u);
  EXPECT_THAT(where(), HasSubstr("S:8:F:CLN001L1"));
}

TEST_F(CleaningTest, ByHand) {
  cibou.settings.auto_clean = false;
  cibou.settings.log = library.folder() + "/moves.log";
  EXPECT_EQ(cibou("clean", "0"), 0) << cibou.err;
  EXPECT_EQ(moves().size(), 2u);
  EXPECT_THAT(where(), HasSubstr("S:8:F:CLN001L1"));
  std::ifstream log(cibou.settings.log);
  std::string line;
  std::getline(log, line);
  EXPECT_THAT(line, HasSubstr(" operation=clean slot=8 drive=0 from="));
  EXPECT_THAT(line, HasSubstr(" barcode=CLN001L1 "));
  EXPECT_THAT(line, HasSubstr(" result=done"));
  EXPECT_EQ(cibou("clean", "7"), 2);
  EXPECT_THAT(cibou.err, HasSubstr("\"Drive Index = 7\""));
  ASSERT_EQ(cibou.load(3, 0), 0);
  EXPECT_EQ(cibou("clean", "0"), 1);
  EXPECT_THAT(cibou.err, HasSubstr("drive 0 is full"));
  cibou.use = {7, {{12, "Nightly"}}};
  EXPECT_EQ(cibou("clean", "0"), 4) << "a job uses it";
}

TEST_F(CleaningTest, AnotherHostsDriveIsLeftAlone) {
  library.lock("sg4", kDirKey);
  EXPECT_EQ(cibou("clean", "0"), 24);
  EXPECT_TRUE(moves().empty());
}

TEST(Cleaning, WhichCartridge) {
  Library library;
  library.slots.resize(5);
  const auto put = [&](size_t i, const char* code, uint8_t type = 0) {
    library.slots[i].full = true, library.slots[i].volume_tag = code, library.slots[i].medium_type = type;
    library.slots[i].address = static_cast<uint16_t>(1000 + i);
  };
  library.drives.resize(1);
  EXPECT_THAT(plan_clean(library, "CLN", 0).error().message, HasSubstr("no cleaning cartridge"));
  put(0, "CLN001L1", 1);  // a data cartridge, says the library
  put(1, "A00001L9");
  put(2, "CLNU02L1");
  library.slots[2].exception = "a used-up cleaning cartridge is in it (30/13)", library.slots[2].asc = 0x30,
  library.slots[2].ascq = 0x13;
  EXPECT_THAT(plan_clean(library, "CLN", 0).error().message, HasSubstr("\"CLNU02L1\" in slot 3 (a used-up"));
  put(3, "XYZ001", 2);
  EXPECT_EQ(plan_clean(library, "CLN", 0)->source, 1003);
  EXPECT_EQ(plan_clean(library, "", 0)->source, 1003) << "by its medium type";
  library.slots[3].import_export = true;
  EXPECT_FALSE(plan_clean(library, "CLN", 0)) << "an operator takes it out there";
  put(4, "CLN009L1");
  EXPECT_EQ(plan_clean(library, "CLN", 0)->source, 1004);
}

TEST(Cleaning, HowFarItIs) {
  const scsi::Sense installed{SenseKey::not_ready, 0x30, 0x03}, ejected{SenseKey::not_ready, 0x3a, 0x00},
      failed{SenseKey::medium_error, 0x30, 0x07};
  const scsi::DtDeviceStatus busy{.initialized = true, .activity = scsi::dt_activity::cleaning};
  const scsi::DtDeviceStatus asks{.cleaning_required = true, .initialized = true}, clean{.initialized = true};
  EXPECT_EQ(judge_cleaning(installed, busy), Cleaning::going_on);
  EXPECT_EQ(judge_cleaning(installed, asks), Cleaning::going_on);
  EXPECT_EQ(judge_cleaning(installed, clean), Cleaning::done);
  EXPECT_EQ(judge_cleaning(ejected, busy), Cleaning::done);
  EXPECT_EQ(judge_cleaning(failed, busy), Cleaning::failed);
  EXPECT_EQ(judge_cleaning(installed, std::nullopt), Cleaning::going_on) << "nobody knows";
  EXPECT_EQ(judge_cleaning(std::nullopt, scsi::DtDeviceStatus{}), Cleaning::going_on)
      << "not initialized: the rest is not valid";
}

}  // namespace
}  // namespace shstore::changer::program
