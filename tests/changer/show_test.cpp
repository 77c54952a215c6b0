// The commands that look, as transcripts.
#include <gmock/gmock.h>

#include "golden.h"
#include "simulated.h"

namespace shstore::changer::program {
namespace {

struct Showing : testing::Test {
  SimulatedLibrary library;
  Host cibou{library, "cibou", kCibouKey, {"sg0", "sg1", "sg2"}};

  // What an administrator would see, with the test's folder taken out.
  testing::AssertionResult transcript(const std::string& golden, const std::vector<std::string>& commands) {
    std::string text;
    for (const auto& command : commands) {
      const int status = cibou(command, "0", "/tapes/nst0", "0");
      text += "$ shstore-changer sg2 " + command + (cibou.json ? " --json" : "") + '\n' + cibou.out + cibou.err;
      if (status != 0) text += "(exit status " + std::to_string(status) + ")\n";
    }
    const auto folder = library.folder() + '/';
    for (auto at = text.find(folder); at != text.npos; at = text.find(folder)) text.erase(at, folder.size());
    return tests::equals_golden(text, "changer/" + golden);
  }
};

TEST_F(Showing, AFreshLibrary) {
  EXPECT_TRUE(transcript("fresh.txt", {"status", "list", "listall", "slots", "loaded", "inventory"}));
}

TEST_F(Showing, ALibraryInUse) {
  ASSERT_EQ(cibou.load(3, 0), 0);
  ASSERT_EQ(cibou("transfer", "1", "9"), 0);
  EXPECT_TRUE(transcript("in-use.txt", {"status", "list", "listall", "slots", "loaded", "inventory"}));
}

TEST_F(Showing, AsJson) {
  ASSERT_EQ(cibou.load(3, 0), 0);
  cibou.json = true;
  EXPECT_TRUE(transcript("inventory.json.txt", {"inventory"}));
}

TEST_F(Showing, WhatBaculaParsesIsNothingButTheAnswer) {
  cibou.settings.unknown = {"myversion at line 3"};
  for (const char* command : {"list", "listall", "slots", "loaded"}) {
    EXPECT_EQ(cibou(command, "0", "/tapes/nst0", "0"), 0);
    EXPECT_EQ(cibou.err, "") << command;
  }
}

TEST_F(Showing, ARobotThatStartsUpIsWaitedFor) {
  int asked = 0;
  library.intercepts[cibou.robot()] = [&](const scsi::Command& command) -> std::optional<scsi::Result<scsi::Reply>> {
    const bool about_state = command.cdb[0] == scsi::kReadElementStatus || command.cdb[0] == scsi::kTestUnitReady;
    if (!about_state || ++asked > 6) return std::nullopt;
    return scsi::Reply{
        scsi::Status::check_condition, scsi::encode_sense({scsi::SenseKey::not_ready, 0x04, 0x01, false}), {}};
  };
  EXPECT_EQ(cibou("slots"), 0) << cibou.err;
  EXPECT_EQ(cibou.out, "10\n");
  EXPECT_GT(cibou.slept.count(), 0);
}

TEST_F(Showing, ARobotThatDoesNotAnswerIsAnErrorWithinTheDeadline) {
  library.intercepts[cibou.robot()] = [](const scsi::Command&) {
    return scsi::Result<scsi::Reply>(scsi::fail(scsi::Error::Kind::timeout, "/dev/sg2: no answer"));
  };
  EXPECT_EQ(cibou("list"), 3);
  EXPECT_EQ(cibou.out, "");
  EXPECT_THAT(cibou.err, testing::HasSubstr("/dev/sg2: no answer"));
}

TEST_F(Showing, GarbageFromTheRobotIsAnError) {
  library.intercepts[cibou.robot()] = [](const scsi::Command& command) -> std::optional<scsi::Result<scsi::Reply>> {
    if (command.cdb[0] != scsi::kReadElementStatus) return std::nullopt;
    return scsi::Reply{scsi::Status::good, {}, scsi::Bytes(40, 0xff)};
  };
  EXPECT_EQ(cibou("list"), 3) << cibou.out;
}

TEST_F(Showing, BarcodesAreReadAnewWithTheRobotReserved) {
  cibou.settings.inventory = true;
  int read = 0;
  library.intercepts[cibou.robot()] = [&](const scsi::Command& command) -> std::optional<scsi::Result<scsi::Reply>> {
    if (command.cdb[0] != scsi::kInitializeElementStatus) return std::nullopt;
    ++read;
    EXPECT_TRUE(library.lock_state(cibou.robot()).held_by(kCibouKey));
    return scsi::Reply{};
  };
  for (const char* command : {"list", "listall", "slots"}) {
    EXPECT_EQ(cibou(command), 0);
    EXPECT_EQ(cibou.err, "");
  }
  EXPECT_EQ(read, 2) << "slots does not need them";
  EXPECT_TRUE(library.lock_state(cibou.robot()).keys.empty());
}

TEST_F(Showing, BarcodesThatCouldNotBeReadAnewAreNotShownAsIfTheyWere) {
  cibou.settings.inventory = true;
  library.intercepts[cibou.robot()] = [&](const scsi::Command& command) -> std::optional<scsi::Result<scsi::Reply>> {
    if (command.cdb[0] != scsi::kInitializeElementStatus) return std::nullopt;
    return scsi::Reply{
        scsi::Status::check_condition, scsi::encode_sense({scsi::SenseKey::not_ready, 0x04, 0x18, false}), {}};
  };
  EXPECT_EQ(cibou("list"), 1);
  EXPECT_EQ(cibou.out, "");
  EXPECT_THAT(cibou.err, testing::HasSubstr("did not read its barcodes anew: "));
  EXPECT_TRUE(library.lock_state(cibou.robot()).keys.empty());
}

TEST_F(Showing, ADriveThatIsNotThereIsAnError) {
  EXPECT_EQ(cibou("loaded", "0", "/tapes/nst0", "9"), 1);
  EXPECT_EQ(cibou.out, "");
}

}  // namespace
}  // namespace shstore::changer::program
