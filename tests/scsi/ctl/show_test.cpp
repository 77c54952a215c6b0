#include <nlohmann/json.hpp>

#include "golden.h"
#include "host.h"

namespace shstore::scsi::ctl {
namespace {

using tests::equals_golden;

// Answers a service action of PERSISTENT RESERVE IN as an old drive does that does not know it.
auto without(PrIn service_action) {
  return [service_action](const Command& command) -> std::optional<Result<Reply>> {
    if (command.cdb[0] != kPersistentReserveIn || (command.cdb[1] & 0x1f) != static_cast<int>(service_action))
      return std::nullopt;
    return sense_reply(SenseKey::illegal_request, asc::invalid_field_in_cdb);
  };
}

TEST_F(SharedDrive, RegkeysAndWholockedAsTheWhitePaperShows) {
  dir("register");
  cibou("lock");
  EXPECT_EQ(cibou("regkeys"), 0);
  EXPECT_EQ(cibou.out.str(), "0xbac999\n0xbac001\n");
  EXPECT_EQ(cibou("wholocked"), 0);
  EXPECT_EQ(cibou.out.str(), "0xbac001\n");
  cibou("unlock");
  EXPECT_EQ(cibou("wholocked"), 0);
  EXPECT_EQ(cibou.out.str(), "");
}

TEST_F(SharedDrive, JsonOfEveryReadingCommand) {
  dir("lock");
  cibou("register");
  cibou.context.options.json = true;
  for (const std::string command : {"query", "regkeys", "wholocked", "explain", "capabilities"}) {
    EXPECT_EQ(cibou(command), 0);
    const auto json = nlohmann::json::parse(cibou.out.str());
    EXPECT_EQ(json.at("schema"), "shstore/1") << command;
    EXPECT_TRUE(equals_golden(cibou.out.str(), "scsi/json-" + command + ".json"));
  }
}

TEST_F(SharedDrive, NothingKnownIsNullAndNotZero) {
  cibou.context.options.json = true;
  cibou("wholocked");
  const auto json = nlohmann::json::parse(cibou.out.str());
  EXPECT_FALSE(json.at("locked"));
  EXPECT_TRUE(json.at("key").is_null());
}

TEST_F(SharedDrive, ADriveWithoutReadFullStatusShowsKeysAndHolder) {
  dir("lock");
  cibou("register");
  cibou.host.transport.intercept = without(PrIn::read_full_status);
  EXPECT_EQ(cibou("query"), 0);
  EXPECT_TRUE(equals_golden(cibou.out.str(), "scsi/query-without-full-status.txt"));
  cibou.context.options.json = true;
  EXPECT_EQ(cibou("query"), 0);
  EXPECT_TRUE(equals_golden(cibou.out.str(), "scsi/json-query-without-full-status.json"));
}

// Who is registered and who holds it is known without it; whose the keys are is not.
TEST_F(SharedDrive, AFullStatusThatIsNotWholeCostsTheInitiatorsOnly) {
  dir("lock");
  cibou("register");
  cibou.host.transport.intercept = [](const Command& command) -> std::optional<Result<Reply>> {
    const bool full_status = command.cdb[0] == kPersistentReserveIn && (command.cdb[1] & 0x1f) == 3;
    if (!full_status) return std::nullopt;
    return Reply{Status::good, {}, {0, 0, 0, 5, 0, 0, 0, 96, 0, 0}};
  };
  for (const char* command : {"query", "explain", "capabilities"}) {
    EXPECT_EQ(cibou(command), 0) << command;
    EXPECT_NE(cibou.err.str().find("the answer to READ FULL STATUS is not whole"), std::string::npos) << command;
    EXPECT_NE(cibou.err.str().find("the initiators are not known"), std::string::npos) << command;
    if (command == std::string("capabilities")) continue;
    EXPECT_NE(cibou.out.str().find("0xbac999"), std::string::npos) << cibou.out.str();
  }
}

TEST_F(SharedDrive, Capabilities) {
  EXPECT_EQ(cibou("capabilities"), 0);
  EXPECT_TRUE(equals_golden(cibou.out.str(), "scsi/capabilities.txt"));
  cibou.host.transport.intercept = without(PrIn::report_capabilities);
  EXPECT_EQ(cibou("capabilities"), 0);
  EXPECT_EQ(cibou.out.str(), "READ FULL STATUS: yes\nREPORT CAPABILITIES: no, the rest is not known\n");
}

TEST_F(SharedDrive, ADeviceWithoutPersistentReservations) {
  cibou.host.transport.intercept = [](const Command& command) -> std::optional<Result<Reply>> {
    if (command.cdb[0] == kInquiry) return std::nullopt;
    return sense_reply(SenseKey::illegal_request, asc::invalid_operation_code);
  };
  EXPECT_EQ(cibou("regkeys"), 5);
  EXPECT_EQ(cibou("lock"), 5);
  EXPECT_EQ(cibou("explain"), 0);
  EXPECT_EQ(
      cibou.out.str(),
      "/dev/sg0 knows no persistent reservations, so it cannot be shared: sg0: READ KEYS failed: Illegal Request, 20/00 "
      "(invalid command operation code).\n");
}

TEST_F(SharedDrive, TheOldReserveCommandOfAnotherHost) {
  cibou.host.transport.intercept = [](const Command&) -> std::optional<Result<Reply>> {
    return status_reply(Status::reservation_conflict);
  };
  EXPECT_EQ(cibou("explain"), 0);
  EXPECT_EQ(
      cibou.out.str(),
      "/dev/sg0 is reserved by the old SPC-2 RESERVE command of another host, whose key cannot be seen: end the program "
      "or tape driver that sent it, or reset the drive.\n");
  EXPECT_EQ(cibou("lock"), 4);
}

TEST_F(SharedDrive, EveryCaseIsExplainedInOneSentence) {
  cibou("explain");
  EXPECT_EQ(cibou.out.str(), "/dev/sg0 is free: nobody holds it (no key is registered). Nothing needs to be done.\n");
  dir("lock");
  cibou("explain");
  EXPECT_EQ(
      cibou.out.str(),
      "/dev/sg0 is locked by 0xbac999 (initiator 21:00:00:1b:32:1f:43:65), another Storage Daemon: wait for its job to "
      "end. If that host is dead, run \"storage-ctl /dev/sg0 preempt 0xbac999\".\n");
  dir("explain");
  EXPECT_EQ(
      dir.out.str(),
      "/dev/sg4 is locked by this host's key 0xbac999 (initiator 21:00:00:1b:32:1f:43:65): a job of this host uses it. If "
      "none does, run \"storage-ctl /dev/sg4 reclaim\".\n");
}

}  // namespace
}  // namespace shstore::scsi::ctl
