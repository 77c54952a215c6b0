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

std::string problem(const std::string& json) {
  return message(parse_san(json, "san.json"));
}
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
}

TEST(San, FilesThatCannotBeRead) {
  TemporaryFolder folder;
  EXPECT_EQ(message(load_san(folder.path("none"))),
            "cannot read " + folder.path("none") + ": No such file or directory");
  EXPECT_EQ(message(load_san(folder.path())), "cannot read " + folder.path() + ": Is a directory");
  const auto empty = folder.write("empty", "");
  EXPECT_EQ(message(load_san(empty)), "cannot read " + empty + ": it is empty or not a file");
}

}  // namespace
}  // namespace shstore::scsi::target
