// How many commands the drive gets: counted at shstore-target, by what it says that it was sent.
#include <gtest/gtest.h>
#include <spdlog/sinks/base_sink.h>
#include <spdlog/spdlog.h>

#include <mutex>
#include <sstream>

#include "plugin/scsi_lock_port.h"
#include "served_target.h"

namespace shstore::plugin {
namespace {

using reserve::Action;
using Kind = reserve::Outcome::Kind;

constexpr const char* kOneDrive = R"({
  "drives": [{"name": "drive0", "vendor": "HP", "product": "Ultrium", "revision": "1", "serial": "A"}],
  "initiators": [
    {"name": "cibou", "wwpn": "2101001b322173ee", "devices": {"sg0": "drive0"}},
    {"name": "dir", "wwpn": "2100001b321f4365", "devices": {"sg4": "drive0"}}]})";

// "5f 01" for each command that was executed for one initiator.
class CommandSink final : public spdlog::sinks::base_sink<std::mutex> {
 public:
  std::vector<std::string> take(const std::string& initiator) {
    const std::lock_guard lock(mutex_);
    std::vector<std::string> found;
    for (const auto& line : lines_) {
      const auto cdb = line.find(": cdb ");
      if (line.starts_with(initiator + '/') && cdb != line.npos) found.push_back(line.substr(cdb + 6, 5));
    }
    lines_.clear();
    return found;
  }

 private:
  void sink_it_(const spdlog::details::log_msg& message) override {
    lines_.emplace_back(message.payload.data(), message.payload.size());
  }
  void flush_() override {}
  std::vector<std::string> lines_;
};

class CommandCount : public testing::Test {
 protected:
  void SetUp() override {
    before = spdlog::default_logger();
    const auto logger = std::make_shared<spdlog::logger>("count", sink);
    logger->set_level(spdlog::level::debug);
    spdlog::set_default_logger(logger);
    served.emplace(kOneDrive);
    cibou.emplace(served->path("cibou/sg0"), scsi::ReservationKey{0xbac001}, false, [] { return false; });
    dir.emplace(served->path("dir/sg4"), scsi::ReservationKey{0xbac999}, false, [] { return false; });
    // The first cycle: each hears of the power on, and learns what the drive can tell.
    for (auto* port : {&*cibou, &*dir}) {
      port->perform(Action::look, false);
      EXPECT_EQ(port->perform(Action::take, false).kind, Kind::done);
      EXPECT_EQ(port->perform(Action::release, false).kind, Kind::done);
    }
    sent();
  }
  void TearDown() override {
    cibou.reset();
    dir.reset();
    served.reset();
    spdlog::set_default_logger(before);
  }
  std::string sent(const std::string& initiator = "cibou") {
    std::string all;
    for (const auto& cdb : sink->take(initiator)) all += (all.empty() ? "" : ", ") + cdb;
    return all;
  }
  reserve::LockReading look() {
    const auto outcome = cibou->perform(Action::look, false);
    EXPECT_EQ(outcome.kind, Kind::done) << outcome.text;
    return outcome.reading.value_or(reserve::LockReading{});
  }

  std::shared_ptr<CommandSink> sink = std::make_shared<CommandSink>();
  std::shared_ptr<spdlog::logger> before;
  std::optional<ServedTarget> served;
  std::optional<ScsiLockPort> cibou, dir;
};

// 5e 01 READ RESERVATION, 5e 00 READ KEYS, 5e 03 READ FULL STATUS, 5f 00 REGISTER, 5f 01 RESERVE, 5f 02 RELEASE
TEST_F(CommandCount, AFreeDriveIsGrantedInFour) {
  look();
  EXPECT_EQ(cibou->perform(Action::take, false).kind, Kind::done);
  EXPECT_EQ(sent(), "5e 03, 5f 00, 5f 01, 5e 03");
}

TEST_F(CommandCount, AnEarlierLifeThatLeftNothingIsLookedForWithTwo) {
  ScsiLockPort fresh(served->path("cibou/sg0"), scsi::ReservationKey{0xbac001}, false, [] { return false; });
  EXPECT_EQ(fresh.perform(Action::recover, false).kind, Kind::done);
  EXPECT_EQ(sent(), "5e 00, 5e 01");
}

TEST_F(CommandCount, AHostThatWaitsTakesItWithTwoAfterTheLookThatFindsItFree) {
  ASSERT_EQ(dir->perform(Action::take, false).kind, Kind::done);
  look();
  ASSERT_EQ(cibou->perform(Action::join, false).kind, Kind::done);
  look();
  ASSERT_EQ(dir->perform(Action::release, true).kind, Kind::done);
  sent();
  const auto reading = look();
  EXPECT_EQ(reading.holder, "");
  EXPECT_EQ(reading.others, (std::vector<std::string>{"0xbac999"}));
  EXPECT_EQ(sent(), "5e 01, 5e 00") << "who else waits is read anew";
  EXPECT_EQ(cibou->perform(Action::take, false).kind, Kind::done);
  EXPECT_EQ(sent(), "5f 01, 5e 03");
}

TEST_F(CommandCount, ARefusalTakesOneAndSoDoesEachLookAfterIt) {
  ASSERT_EQ(dir->perform(Action::take, false).kind, Kind::done);
  sent();
  EXPECT_EQ(look().holder, "0xbac999");
  EXPECT_EQ(sent(), "5e 03");
  ASSERT_EQ(cibou->perform(Action::join, false).kind, Kind::done);
  look();
  sent();
  for (int i = 0; i < 5; ++i) EXPECT_EQ(look().holder, "0xbac999");
  EXPECT_EQ(sent(), "5e 01, 5e 01, 5e 01, 5e 01, 5e 01");
}

TEST_F(CommandCount, SoDoesTheProofOfALockThatIsHeld) {
  look();
  ASSERT_EQ(cibou->perform(Action::take, false).kind, Kind::done);
  look();
  sent();
  for (int i = 0; i < 3; ++i) EXPECT_TRUE(look().ours);
  EXPECT_EQ(sent(), "5e 01, 5e 01, 5e 01");
}

TEST_F(CommandCount, WhoHasRegisteredIsReadAtOnce) {
  look();
  ASSERT_EQ(cibou->perform(Action::take, false).kind, Kind::done);
  look();
  ASSERT_EQ(dir->perform(Action::join, false).kind, Kind::done);
  sent();
  EXPECT_EQ(look().others, (std::vector<std::string>{"0xbac999"}));
  EXPECT_EQ(sent(), "5e 01, 5e 00, 5e 03") << "and that the lock is still this port's";
  ASSERT_EQ(dir->perform(Action::unregister, false).kind, Kind::done);
  EXPECT_TRUE(look().others.empty()) << "the target counts as SPC-4 has it";
}

}  // namespace
}  // namespace shstore::plugin
