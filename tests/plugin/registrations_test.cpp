// What is believed of a drive without asking for it again, and for how long.
#include "plugin/registrations.h"

#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <functional>

#include "plugin/control_line.h"
#include "scsi/target/target.h"

namespace shstore::plugin {
namespace {

using namespace std::chrono_literals;
using scsi::PrOut;

constexpr scsi::ReservationKey kOurs{0xbac001}, kDirs{0xbac999};

class OneWay final : public scsi::Transport {
 public:
  OneWay(scsi::target::Target& target, size_t endpoint) : target_(target), endpoint_(endpoint) {}
  scsi::Result<scsi::Reply> execute(const scsi::Command& command) override {
    sent += command.cdb[1] == 0 ? 'k' : command.cdb[1] == 1 ? 'r' : 'f';
    if (before) std::exchange(before, nullptr)();
    if (silent) return tl::make_unexpected(scsi::Error{scsi::Error::Kind::timeout, "sg0 does not answer"});
    return target_.execute(target_.endpoints()[endpoint_], command);
  }
  const std::string& path() const override { return path_; }
  std::string sent;
  std::function<void()> before;  ///< the next command, once
  bool silent = false;

 private:
  scsi::target::Target& target_;
  size_t endpoint_;
  std::string path_ = "sg0";
};

class RegistrationsTest : public testing::Test {
 protected:
  void SetUp() override {
    for (auto* unit : {&here, &there}) ASSERT_TRUE(unit->read_keys());  // takes the unit attention of power on
    ASSERT_TRUE(there.pr_out(PrOut::register_key, {.service_action_key = kDirs}));
    ASSERT_TRUE(there.pr_out(PrOut::reserve, {.key = kDirs}));
  }
  // As "r", "rk", ...: what was sent for one reading.
  std::string read(bool counts = true) {
    scsi::LogicalUnit unit(way);
    way.sent.clear();
    const auto state = registrations.read(unit, counts, now);
    EXPECT_TRUE(state);
    if (state) last = *state;
    return way.sent;
  }

  scsi::target::Target target{*scsi::target::parse_san(
      R"({"drives": [{"name": "d", "vendor": "HP", "product": "U", "revision": "1", "serial": "A"}],
          "initiators": [{"name": "a", "wwpn": "2101001b322173ee", "devices": {"sg0": "d"}},
                         {"name": "b", "wwpn": "2100001b321f4365", "devices": {"sg4": "d"}}]})",
      "san.json")};
  OneWay way{target, 0}, other_way{target, 1};
  scsi::LogicalUnit here{way}, there{other_way};
  Registrations registrations;
  Registrations::Instant now{1h};
  scsi::LockState last;
};

TEST_F(RegistrationsTest, WhileNothingIsCountedOneCommandTells) {
  EXPECT_EQ(read(), "rk");
  now += 1h;
  EXPECT_EQ(read(), "r");
  EXPECT_TRUE(last.held_by(kDirs));
  EXPECT_EQ(last.keys.size(), 1u);
  ASSERT_TRUE(here.pr_out(PrOut::register_key, {.service_action_key = kOurs}));
  EXPECT_EQ(read(), "rk");
  EXPECT_EQ(last.keys.size(), 2u);
  EXPECT_EQ(read(), "r");
  EXPECT_EQ(last.keys.size(), 2u);
}

TEST_F(RegistrationsTest, WhereLeavingIsNotCountedTheKeysAreReadEveryFiveSeconds) {
  EXPECT_EQ(read(false), "rk");
  now += 4999ms;
  EXPECT_EQ(read(false), "r");
  now += 1ms;
  EXPECT_EQ(read(false), "rk");
  EXPECT_EQ(read(false), "r");
}

TEST_F(RegistrationsTest, OnAFreeDriveTheyAreReadEachTime) {
  ASSERT_TRUE(here.pr_out(PrOut::register_key, {.service_action_key = kOurs}));
  ASSERT_TRUE(there.pr_out(PrOut::release, {.key = kDirs}));
  EXPECT_EQ(read(), "rk");
  EXPECT_EQ(read(), "rk");
}

TEST_F(RegistrationsTest, AnotherHolderIsNoOldState) {
  ASSERT_TRUE(here.pr_out(PrOut::register_key, {.service_action_key = kOurs}));
  EXPECT_EQ(read(), "rk");
  ASSERT_TRUE(there.pr_out(PrOut::release, {.key = kDirs}));
  ASSERT_TRUE(here.pr_out(PrOut::reserve, {.key = kOurs}));
  EXPECT_EQ(read(), "rk") << "neither RELEASE nor RESERVE is counted";
  EXPECT_TRUE(last.held_by(kOurs));
}

TEST_F(RegistrationsTest, WhatTheDriveReportsAndWhatIsForgottenIsAskedAnew) {
  EXPECT_EQ(read(), "rk");
  registrations.forget();
  EXPECT_EQ(read(), "rk");
  ASSERT_TRUE(here.pr_out(PrOut::register_key, {.service_action_key = kOurs}));
  EXPECT_EQ(read(), "rk");
  ASSERT_TRUE(there.pr_out(PrOut::preempt, {.key = kDirs, .service_action_key = kOurs}));
  EXPECT_EQ(read(), "rrk") << "the first was answered with a unit attention";
  EXPECT_EQ(last.registrations_of(kOurs), 0u);
}

// A host comes between the two commands: its key is seen, and the generation is the one that has it.
TEST_F(RegistrationsTest, WhatChangesBetweenTwoCommandsIsReadOnce) {
  way.before = [&] { way.before = [&] { ASSERT_TRUE(there.pr_out(PrOut::clear, {.key = kDirs})); }; };
  EXPECT_EQ(read(), "rkr");
  EXPECT_FALSE(last.reservation);
  EXPECT_TRUE(last.keys.empty());
}

TEST_F(RegistrationsTest, WhereTheStatusWasRightItIsTheOneCommand) {
  registrations.status_is_right();
  EXPECT_EQ(read(), "f");
  EXPECT_TRUE(last.held_by(kDirs));
  EXPECT_EQ(last.keys, (std::vector<scsi::ReservationKey>{kDirs}));
  EXPECT_EQ(read(), "r");
}

// Each command has a deadline of five seconds, and a job waits six for its answer.
TEST_F(RegistrationsTest, ADeviceThatDoesNotAnswerIsAskedOnceAndThenByTheOtherCommands) {
  registrations.status_is_right();
  way.sent.clear();
  way.silent = true;
  scsi::LogicalUnit unit(way);
  const auto state = registrations.read(unit, true, now);
  ASSERT_FALSE(state);
  EXPECT_EQ(state.error().message, "sg0 does not answer (READ FULL STATUS was not answered within 5 s)");
  EXPECT_EQ(way.sent, "f");
  way.silent = false;
  EXPECT_EQ(read(), "rk");
}

// ---- the control device

class ControlLineTest : public testing::Test {
 protected:
  class Line final : public scsi::Transport {
   public:
    explicit Line(std::string path) : path_(std::move(path)) {}
    scsi::Result<scsi::Reply> execute(const scsi::Command&) override { return scsi::Reply{}; }
    const std::string& path() const override { return path_; }

   private:
    std::string path_;
  };
  void SetUp() override {
    ASSERT_NE(::mkdtemp(folder.data()), nullptr);
    make("sg0");
  }
  void TearDown() override { std::filesystem::remove_all(folder); }
  void make(const std::string& name) const { std::ofstream(folder + '/' + name) << name; }
  bool opens(const std::string& name = "sg0", const std::string& device = "/devices/1:0:0:0") {
    EXPECT_TRUE(line.get(folder + '/' + name, device, now));
    return line.is_new();
  }
  std::string folder = "/tmp/shstore-line-XXXXXX";
  ControlLine line{
      [](const auto& path) -> scsi::Result<std::unique_ptr<scsi::Transport>> { return std::make_unique<Line>(path); }};
  ControlLine::Instant now{1h};
};

TEST_F(ControlLineTest, StaysOpenForAMinute) {
  EXPECT_TRUE(opens());
  now += 59s;
  EXPECT_FALSE(opens());
  now += 1s;
  EXPECT_TRUE(opens());
  EXPECT_FALSE(opens());
  line.drop();
  EXPECT_TRUE(opens());
}

TEST_F(ControlLineTest, IsOpenedAnewWhereItLeadsElsewhere) {
  EXPECT_TRUE(opens());
  EXPECT_TRUE(opens("sg0", "/devices/1:0:0:1")) << "the link of sysfs";
  make("sg1");
  EXPECT_TRUE(opens("sg1", "/devices/1:0:0:1"));
  make("new");
  std::filesystem::rename(folder + "/new", folder + "/sg1");
  EXPECT_TRUE(opens("sg1", "/devices/1:0:0:1")) << "another file by that name";
  EXPECT_FALSE(opens("sg1", "/devices/1:0:0:1"));
}

}  // namespace
}  // namespace shstore::plugin
