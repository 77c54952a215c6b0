#include "scsi/target/san.h"

#include <gtest/gtest.h>

#include "support.h"

namespace shstore::scsi::target {
namespace {

constexpr const char* kDrive = R"({"name": "drive0", "vendor": "HP", "product": "Ultrium 4-SCSI", "revision": "H61W",
                                    "serial": "S1"})";
constexpr const char* kInitiator = R"({"name": "cibou", "wwpn": "2101001b322173ee", "devices": {"sg0": "drive0"}})";

std::string san(const std::string& drives, const std::string& initiators) {
  return "{\"drives\": [" + drives + "], \"initiators\": [" + initiators + "]}";
}

std::string replaced(std::string text, const std::string& from, const std::string& to) {
  const auto at = text.find(from);
  EXPECT_NE(at, std::string::npos) << from;
  return text.replace(at, from.size(), to);
}

std::string problem(const std::string& json) { return message(parse_san(json, "san.json")); }
std::string drive_problem(const std::string& from, const std::string& to) {
  return problem(san(replaced(kDrive, from, to), kInitiator));
}
std::string initiator_problem(const std::string& from, const std::string& to) {
  return problem(san(kDrive, replaced(kInitiator, from, to)));
}

TEST(San, TheSampleIsTheWhitePapers) {
  const auto s = load_san(SHSTORE_ROOT "/samples/san.json");
  ASSERT_TRUE(s) << s.error();
  ASSERT_EQ(s->drives.size(), 2u);
  EXPECT_EQ(s->drives[0].product, "Ultrium 4-SCSI");
  EXPECT_EQ(s->drives[0].pr_generation, 0x493u);
  ASSERT_EQ(s->initiators.size(), 2u);
  const auto& cibou = s->initiators[0];
  EXPECT_EQ(cibou.name, "cibou");
  EXPECT_EQ(cibou.wwpn, 0x2101001b322173eeu);
  EXPECT_EQ(cibou.relative_target_port, 1);
  ASSERT_EQ(cibou.devices.size(), 2u);
  EXPECT_EQ(cibou.devices[1].name, "sg1");
  EXPECT_EQ(cibou.devices[1].unit, 1u);
  EXPECT_EQ(s->initiators[1].wwpn, 0x2100001b321f4365u);
}

TEST(San, TheOptionalFieldsHaveDefaults) {
  const auto s = parse_san(san(kDrive, kInitiator), "san.json");
  ASSERT_TRUE(s) << s.error();
  EXPECT_EQ(s->drives[0].pr_generation, 0u);
  EXPECT_EQ(s->initiators[0].relative_target_port, 1);
}

TEST(San, WhatADriveCanDo) {
  const auto with = [](const char* fields) {
    return san(replaced(kDrive, "\"S1\"", std::string("\"S1\", ") + fields), kInitiator);
  };
  const auto s = parse_san(
      with(
          R"("calibration_seconds": 1.5, "tape_alerts": [3, 20], "log_pages": ["0x2e", "0x11"], "read_position": false)"),
      "san.json");
  ASSERT_TRUE(s) << s.error();
  EXPECT_EQ(s->drives[0].calibration, std::chrono::milliseconds(1500));
  EXPECT_EQ(s->drives[0].traits.alerts, TapeAlerts{}.set(3).set(20));
  EXPECT_EQ(s->drives[0].traits.log_pages, (std::vector<uint8_t>{0x11, 0x2e}));
  EXPECT_FALSE(s->drives[0].traits.has_read_position);
  EXPECT_EQ(problem(with(R"("tape_alerts": [65])")),
            "san.json: drives[0].tape_alerts[0]: must be a whole number from 1 to 64");
  EXPECT_EQ(problem(with(R"("log_pages": ["0x0d"])")),
            R"(san.json: drives[0].log_pages[0]: must be one of "0x0c", "0x11", "0x2e")");
  EXPECT_EQ(s->drives[0].reservation_options, ReservationOptions{}) << "off unless somebody says otherwise";
  const auto options = parse_san(with(R"("reservation_options": ["APTPL", "REGISTER AND MOVE"])"), "san.json");
  ASSERT_TRUE(options) << options.error();
  EXPECT_EQ(options->drives[0].reservation_options, (ReservationOptions{true, false, false, true}));
  EXPECT_EQ(
      problem(with(R"("reservation_options": ["PTPL"])")),
      R"(san.json: drives[0].reservation_options[0]: must be one of "REGISTER AND MOVE", "ALL_TG_PT", "SPEC_I_PT", "APTPL")");
}

TEST(San, WhatIsNotJson) {
  EXPECT_EQ(problem(""), "san.json:1: this is not JSON");
  EXPECT_EQ(problem("{\n\"drives\": [\n}"), "san.json:3: this is not JSON");
  EXPECT_EQ(problem("\xff"), "san.json:1: this is not JSON");
  EXPECT_EQ(problem("[]"), "san.json: must be an object {...}");
  EXPECT_EQ(problem(std::string(100000, '[')), "san.json:1: this is not JSON");
}

TEST(San, MissingAndUnknownFields) {
  EXPECT_EQ(problem("{}"), "san.json: drives: is missing");
  EXPECT_EQ(problem(san("", kInitiator)), "san.json: drives: must not be empty");
  EXPECT_EQ(problem(san("1", kInitiator)), "san.json: drives[0]: must be an object {...}");
  EXPECT_EQ(problem(R"({"drives": {}, "initiators": []})"), "san.json: drives: must be a list [...]");
  EXPECT_EQ(problem(R"({"drives": [], "robots": []})"), "san.json: robots: unknown field");
  EXPECT_EQ(drive_problem("\"serial\": \"S1\"", "\"serial\": \"S1\", \"colour\": 1"),
            "san.json: drives[0].colour: unknown field");
  EXPECT_EQ(drive_problem("\"vendor\": \"HP\", ", ""), "san.json: drives[0].vendor: is missing");
  EXPECT_EQ(initiator_problem("\"wwpn\": \"2101001b322173ee\", ", ""), "san.json: initiators[0].wwpn: is missing");
}

TEST(San, ValuesThatAreWrong) {
  EXPECT_EQ(drive_problem("\"HP\"", "\"too long a name\""),
            "san.json: drives[0].vendor: must be a string of 1 to 8 printable ASCII characters");
  EXPECT_EQ(drive_problem("\"HP\"", "7"),
            "san.json: drives[0].vendor: must be a string of 1 to 8 printable ASCII characters");
  EXPECT_EQ(drive_problem("\"S1\"", "\"\""),
            "san.json: drives[0].serial: must be a string of 1 to 32 printable ASCII characters");
  for (const char* bad : {"1171", "\"493\"", "\"0x\"", "\"0x123456789\"", "\"0x-1\"", "\"0xg\"", "null"}) {
    EXPECT_EQ(drive_problem("\"S1\"", std::string("\"S1\", \"pr_generation\": ") + bad),
              "san.json: drives[0].pr_generation: must be a hexadecimal number from \"0x0\" to \"0xffffffff\"")
        << bad;
  }
  for (const char* bad :
       {"\"2101001b322173e\"", "\"2101001b322173eef\"", "\"21:01:00:1b:32:2\"", "1", "\"-101001b322173ee\""}) {
    EXPECT_EQ(initiator_problem("\"2101001b322173ee\"", bad),
              "san.json: initiators[0].wwpn: must be 16 hexadecimal digits")
        << bad;
  }
  for (const char* bad : {"0", "65536", "-1", "1.5", "\"1\""}) {
    EXPECT_EQ(initiator_problem("\"devices\"", std::string("\"relative_target_port\": ") + bad + ", \"devices\""),
              "san.json: initiators[0].relative_target_port: must be a whole number from 1 to 65535")
        << bad;
  }
}

TEST(San, NamesThatCannotBeFiles) {
  EXPECT_EQ(initiator_problem("cibou", "../cibou"),
            "san.json: initiators[0].name: \"../cibou\" cannot be used as a file name");
  EXPECT_EQ(initiator_problem("cibou", "."), "san.json: initiators[0].name: \".\" cannot be used as a file name");
  EXPECT_EQ(initiator_problem("sg0", "a/b"),
            "san.json: initiators[0].devices.a/b: \"a/b\" cannot be used as a file name");
  EXPECT_EQ(initiator_problem("sg0", ""), "san.json: initiators[0].devices.: \"\" cannot be used as a file name");
}

TEST(San, ReferencesAndDuplicates) {
  EXPECT_EQ(initiator_problem("\"drive0\"", "\"drive7\""),
            "san.json: initiators[0].devices.sg0: there is no drive named \"drive7\"");
  EXPECT_EQ(initiator_problem("\"sg0\": \"drive0\"", "\"sg0\": \"drive0\", \"sg1\": \"drive0\""),
            "san.json: initiators[0].devices.sg1: drive \"drive0\" is already \"sg0\"");
  EXPECT_EQ(problem(san(std::string(kDrive) + "," + kDrive, kInitiator)),
            "san.json: drives[1]: there is another drive named \"drive0\"");
  EXPECT_EQ(problem(san(kDrive, std::string(kInitiator) + "," + replaced(kInitiator, "73ee", "73ef"))),
            "san.json: initiators[1]: there is another initiator named \"cibou\"");
  EXPECT_EQ(problem(san(kDrive, std::string(kInitiator) + "," + replaced(kInitiator, "cibou", "dir"))),
            "san.json: initiators[1].wwpn: initiator \"cibou\" has the same");
  const auto two_paths = parse_san(
      san(kDrive, std::string(kInitiator) +
                      R"(, {"name": "dir", "wwpn": "2101001b322173ee", "relative_target_port": 2, "devices": {}})"),
      "san.json");
  EXPECT_TRUE(two_paths) << "one port by two target ports: " << message(two_paths);
}

TEST(San, FilesThatCannotBeRead) {
  TemporaryFolder folder;
  EXPECT_EQ(message(load_san(folder.path("none"))),
            "cannot read " + folder.path("none") + ": No such file or directory");
  EXPECT_EQ(message(load_san(folder.path())), "cannot read " + folder.path() + ": it is not a regular file");
  const auto empty = folder.write("empty", "");
  EXPECT_EQ(message(load_san(empty)), "cannot read " + empty + ": it is empty");
}

// --- libraries -------------------------------------------------------------------------------------------------

constexpr const char* kChanger = R"({"name": "robot", "vendor": "HP", "product": "MSL", "revision": "1", "serial": "R1",
                                     "drives": ["drive0"], "slots": 4, "import_export": 2,
                                     "media": [{"slot": 1, "barcode": "A1"}, {"slot": 6, "barcode": "A2"}]})";

std::string with_changers(const std::string& changers, std::string drives = kDrive) {
  return "{\"drives\": [" + drives + "], \"changers\": [" + changers + "], \"initiators\": [" + kInitiator + "]}";
}
std::string changer_problem(const std::string& from, const std::string& to) {
  return problem(with_changers(replaced(kChanger, from, to)));
}

TEST(San, TheSampleLibraryHasTheWhitePapersDeviceNames) {
  const auto s = load_san(SHSTORE_ROOT "/samples/library.json");
  ASSERT_TRUE(s) << s.error();
  ASSERT_EQ(s->changers.size(), 1u);
  const auto& robot = s->changers[0];
  EXPECT_EQ(robot.drives, (std::vector<size_t>{0, 1}));
  EXPECT_EQ(robot.addresses, (ElementAddresses{{1, 1}, {1024, 8}, {16, 2}, {256, 2}}));
  ASSERT_EQ(robot.media.size(), 6u);
  EXPECT_EQ(robot.media[5].barcode, "A00006L4");
  EXPECT_EQ(robot.media[5].element, 1029);
  for (const auto& [initiator, names] : {std::pair{0u, "sg0 sg1 sg2 "}, {1u, "sg4 sg5 sg6 "}}) {
    std::string all;
    for (const auto& d : s->initiators[initiator].devices) all += d.name + " ";
    EXPECT_EQ(all, names);
    EXPECT_EQ(s->initiators[initiator].devices[2].unit, 2u) << "the robot";
  }
}

TEST(San, ALibrarysDefaults) {
  const auto s = parse_san(with_changers(kChanger), "san.json");
  ASSERT_TRUE(s) << s.error();
  const auto& robot = s->changers[0];
  EXPECT_EQ(robot.addresses, (ElementAddresses{{1, 1}, {1024, 4}, {16, 2}, {256, 1}}));
  EXPECT_EQ(robot.media[1].element, 17) << "slots are counted on into the import/export elements";
  EXPECT_FALSE(robot.needs_unload);
  EXPECT_EQ(robot.move_time.count(), 0);
  EXPECT_TRUE(robot.media_folder.empty() && s->drives[0].archive.empty());
}

TEST(San, ALibraryMayBeOtherwise) {
  const auto s =
      parse_san(with_changers(replaced(kChanger, "\"slots\": 4",
                                       R"("slots": 4, "needs_unload": true, "move_seconds": 1.5, "first_elements":
                                                     {"medium_transport": 7, "data_transfer": 500, "storage": 1000})")),
                "san.json");
  ASSERT_TRUE(s) << s.error();
  EXPECT_EQ(s->changers[0].addresses, (ElementAddresses{{7, 1}, {1000, 4}, {16, 2}, {500, 1}}));
  EXPECT_TRUE(s->changers[0].needs_unload);
  EXPECT_EQ(s->changers[0].move_time.count(), 1500);
}

TEST(San, LibrariesThatAreWrong) {
  EXPECT_EQ(changer_problem("\"slots\": 4, ", ""), "san.json: changers[0].slots: is missing");
  EXPECT_EQ(changer_problem("\"slots\": 4", "\"slots\": 0"),
            "san.json: changers[0].slots: must be a whole number from 1 to 65535");
  EXPECT_EQ(changer_problem("\"slots\"", "\"slot\""), "san.json: changers[0].slot: unknown field");
  EXPECT_EQ(changer_problem("\"drive0\"", "\"drive7\""),
            "san.json: changers[0].drives[0]: there is no drive named \"drive7\"");
  EXPECT_EQ(changer_problem("\"drive0\"", "\"drive0\", \"drive0\""),
            "san.json: changers[0].drives[1]: drive \"drive0\" is in a library already");
  EXPECT_EQ(problem(with_changers(std::string(kChanger) + "," + replaced(kChanger, "robot", "other"))),
            "san.json: changers[1].drives[0]: drive \"drive0\" is in a library already");
  EXPECT_EQ(changer_problem("\"robot\"", "\"drive0\""),
            "san.json: changers[0]: there is another drive or changer named \"drive0\"");
  EXPECT_EQ(changer_problem("\"robot\"", "\"../robot\""),
            "san.json: changers[0].name: \"../robot\" cannot be used as a file name");
  EXPECT_EQ(changer_problem("\"slots\": 4", "\"slots\": 65000"),
            "san.json: changers[0]: the storage elements from 1024 on do not fit below 65536");
  EXPECT_EQ(changer_problem("\"slots\": 4", "\"slots\": 4, \"first_elements\": {\"storage\": 255}"),
            "san.json: changers[0]: the storage and the data_transfer elements have addresses in common");
  EXPECT_EQ(changer_problem("\"slots\": 4", "\"slots\": 4, \"first_elements\": {\"slots\": 255}"),
            "san.json: changers[0].first_elements.slots: unknown field");
  EXPECT_EQ(changer_problem("\"slots\": 4", "\"slots\": 4, \"needs_unload\": 1"),
            "san.json: changers[0].needs_unload: must be true or false");
  EXPECT_EQ(changer_problem("\"slots\": 4", "\"slots\": 4, \"move_seconds\": -1"),
            "san.json: changers[0].move_seconds: must be a number from 0 to 600");
}

TEST(San, MediaThatAreWrong) {
  EXPECT_EQ(changer_problem("\"slot\": 6", "\"slot\": 7"),
            "san.json: changers[0].media[1].slot: must be a whole number from 1 to 6");
  EXPECT_EQ(changer_problem("\"slot\": 6", "\"slot\": 1"),
            "san.json: changers[0].media[1].slot: medium \"A1\" is there");
  EXPECT_EQ(changer_problem("\"A2\"", "\"A1\""), "san.json: changers[0].media[1].barcode: another medium has the same");
  EXPECT_EQ(changer_problem("\"A2\"", "\"A 2\""), "san.json: changers[0].media[1].barcode: must not have blanks");
  EXPECT_EQ(changer_problem("\"A2\"", "\"../A2\""),
            "san.json: changers[0].media[1].barcode: \"../A2\" cannot be used as a file name");
}

TEST(San, AnArchiveNeedsMedia) {
  const auto drive = replaced(kDrive, "\"S1\"", "\"S1\", \"archive\": \"drives/0\"");
  EXPECT_EQ(problem(san(drive, kInitiator)),
            "san.json: drives[0].archive: the drive has no changer with a media_folder");
  EXPECT_EQ(problem(with_changers(kChanger, drive)),
            "san.json: drives[0].archive: the drive has no changer with a media_folder");
  const auto changer = replaced(kChanger, "\"slots\"", "\"media_folder\": \"media\", \"slots\"");
  EXPECT_EQ(problem(with_changers(changer, drive)), "no error");
  const auto second = replaced(replaced(drive, "drive0", "drive1"), "S1", "S2");
  EXPECT_EQ(problem(with_changers(replaced(changer, "[\"drive0\"]", "[\"drive0\", \"drive1\"]"), drive + "," + second)),
            "san.json: drives[1].archive: drive \"drive0\" has the same");
}

TEST(San, InitiatorsSeeRobotsByTheirNames) {
  const auto see = [&](const std::string& devices) {
    return problem("{\"drives\": [" + std::string(kDrive) + "], \"changers\": [" + kChanger + "], \"initiators\": [" +
                   replaced(kInitiator, "{\"sg0\": \"drive0\"}", devices) + "]}");
  };
  EXPECT_EQ(see(R"({"sg0": "drive0", "sg2": "robot"})"), "no error");
  EXPECT_EQ(see(R"({"sg2": "arm"})"),
            "san.json: initiators[0].devices.sg2: there is no drive or changer named \"arm\"");
  EXPECT_EQ(see(R"({"sg2": "robot", "sg3": "robot"})"),
            "san.json: initiators[0].devices.sg3: changer \"robot\" is already \"sg2\"");
}

}  // namespace
}  // namespace shstore::scsi::target
