// The engine's actions on a drive of shstore-target, with two hosts.
#include "plugin/scsi_lock_port.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <thread>

#include "scsi/drive_lock.h"
#include "served_target.h"

namespace shstore::plugin {
namespace {

using reserve::Action;
using Kind = reserve::Outcome::Kind;

constexpr const char* kSan = R"({
  "drives": [{"name": "drive0", "vendor": "HP", "product": "Ultrium", "revision": "1", "serial": "A"}],
  "initiators": [
    {"name": "cibou", "wwpn": "2101001b322173ee", "devices": {"sg0": "drive0"}},
    {"name": "dir", "wwpn": "2100001b321f4365", "devices": {"sg4": "drive0"}}]})";

class LockPort : public testing::Test {
 protected:
  ScsiLockPort port(const char* device, uint64_t key, bool reclaim = false) {
    return ScsiLockPort(
        folder + device, {key}, reclaim, [this] { return device_open; }, journal);
  }
  ScsiLockPort cibou(bool reclaim = false) { return port("cibou/sg0", 0xbac001, reclaim); }
  ScsiLockPort dir() { return port("dir/sg4", 0xbac999); }
  // What the drive shows: the keys and the holder.
  scsi::LockState state() {
    const auto transport = scsi::open_transport(folder + "cibou/sg0");
    scsi::LogicalUnit unit(**transport);
    return *scsi::DriveLock(unit, {1}).read();
  }
  bool nothing_left() { return state().keys.empty() && !state().reservation; }

  ServedTarget served{kSan};
  std::string folder = served.path("");
  std::string journal{};
  bool device_open = false;
};

TEST_F(LockPort, TakesAndGivesBack) {
  auto c = cibou();
  EXPECT_EQ(c.perform(Action::take, false).kind, Kind::done);
  EXPECT_TRUE(state().held_by({0xbac001}));
  const auto seen = c.perform(Action::look, false);
  ASSERT_TRUE(seen.reading);
  EXPECT_TRUE(seen.reading->ours);
  EXPECT_EQ(seen.reading->holder, "0xbac001");
  EXPECT_TRUE(seen.reading->others.empty());
  EXPECT_EQ(c.perform(Action::release, false).kind, Kind::done);
  EXPECT_TRUE(nothing_left());
}

TEST_F(LockPort, LearnsThatUnregisteringIsCounted) {
  auto c = cibou();
  EXPECT_FALSE(c.perform(Action::look, false).reading->counts_unregistering) << "not known yet";
  c.perform(Action::take, false);
  c.perform(Action::release, false);
  EXPECT_TRUE(c.perform(Action::look, false).reading->counts_unregistering) << "the target counts as SPC-4 has it";
}

TEST_F(LockPort, TheSecondHostIsBlockedAndStaysRegistered) {
  auto c = cibou();
  auto d = dir();
  d.perform(Action::take, false);
  const auto outcome = c.perform(Action::take, false);
  EXPECT_EQ(outcome.kind, Kind::blocked);
  EXPECT_EQ(outcome.holder, "0xbac999");
  EXPECT_EQ(state().registrations_of({0xbac001}), 1u);
  EXPECT_EQ(c.perform(Action::unregister, false).kind, Kind::done);
  EXPECT_EQ(state().registrations_of({0xbac001}), 0u);
  EXPECT_TRUE(state().held_by({0xbac999})) << "another host's lock is never touched";
}

TEST_F(LockPort, ReleasingMayKeepTheRegistration) {
  auto c = cibou();
  c.perform(Action::take, false);
  EXPECT_EQ(c.perform(Action::release, true).kind, Kind::done);
  EXPECT_FALSE(state().reservation);
  EXPECT_EQ(state().registrations_of({0xbac001}), 1u);
}

TEST_F(LockPort, NothingIsReleasedWhileTheDeviceIsOpen) {
  auto c = cibou();
  c.perform(Action::take, false);
  device_open = true;
  EXPECT_EQ(c.perform(Action::release, false).kind, Kind::still_open);
  EXPECT_TRUE(state().held_by({0xbac001}));
}

TEST_F(LockPort, ALostLockIsSeenWithItsNewOwner) {
  auto c = cibou();
  auto d = dir();
  c.perform(Action::take, false);
  {
    const auto transport = scsi::open_transport(folder + "dir/sg4");
    scsi::LogicalUnit unit(**transport);
    ASSERT_TRUE(scsi::DriveLock(unit, {0xbac999}).clear());
  }
  auto seen = c.perform(Action::look, false);
  ASSERT_TRUE(seen.reading);
  EXPECT_EQ(seen.reading->holder, "");
  EXPECT_FALSE(seen.reading->registered);
  d.perform(Action::take, false);
  seen = c.perform(Action::look, false);
  ASSERT_TRUE(seen.reading);
  EXPECT_EQ(seen.reading->holder, "0xbac999");
  EXPECT_FALSE(seen.reading->ours);
  EXPECT_EQ(c.perform(Action::release, false).kind, Kind::done) << "nothing of ours is left to release";
  EXPECT_TRUE(state().held_by({0xbac999}));
}

TEST_F(LockPort, JoiningRegistersAndNoMore) {
  auto c = cibou();
  EXPECT_EQ(c.perform(Action::join, false).kind, Kind::done);
  EXPECT_EQ(state().registrations_of({0xbac001}), 1u);
  EXPECT_FALSE(state().reservation);
  dir().perform(Action::join, false);
  const auto seen = c.perform(Action::look, false);
  ASSERT_TRUE(seen.reading);
  EXPECT_TRUE(seen.reading->registered);
  EXPECT_EQ(seen.reading->others, (std::vector<std::string>{"0xbac999"}));
}

// The key alone proves nothing: after CLEAR another host that uses our key by mistake may hold the drive with it.
TEST_F(LockPort, ALockUnderOurKeyThatAnotherHostHoldsIsNotOurs) {
  auto c = cibou();
  c.perform(Action::take, false);
  {
    const auto transport = scsi::open_transport(folder + "dir/sg4");
    scsi::LogicalUnit unit(**transport);
    ASSERT_TRUE(scsi::DriveLock(unit, {0xbac001}).clear());
  }
  auto other = port("/dir/sg4", 0xbac001);
  EXPECT_EQ(other.perform(Action::take, false).kind, Kind::done);
  const auto seen = c.perform(Action::look, false);
  ASSERT_TRUE(seen.reading);
  EXPECT_FALSE(seen.reading->ours);
  EXPECT_EQ(seen.reading->holder, "0xbac001");
}

TEST_F(LockPort, AKeyOfOursThatAnotherHostUsesIsToldAtTheStart) {
  port("/dir/sg4", 0xbac001).perform(Action::join, false);
  const auto outcome = cibou(false).perform(Action::recover, false);
  EXPECT_EQ(outcome.kind, Kind::failed);
  EXPECT_NE(outcome.text.find("is already registered by another initiator"), std::string::npos) << outcome.text;
  EXPECT_EQ(state().registrations_of({0xbac001}), 1u) << "the drive is left as it was";
}

TEST_F(LockPort, ALockOfAnEarlierLifeIsReleasedOnlyIfItIsKnownToBeOurs) {
  cibou().perform(Action::take, false);  // and this life ends here
  EXPECT_EQ(cibou(false).perform(Action::recover, false).kind, Kind::done);
  EXPECT_TRUE(state().held_by({0xbac001}));
  EXPECT_EQ(cibou(true).perform(Action::recover, false).kind, Kind::done);
  EXPECT_TRUE(nothing_left());
}

TEST_F(LockPort, AnotherHostWithOurKeyIsNotReclaimedFrom) {
  auto other = port("/dir/sg4", 0xbac001);
  other.perform(Action::take, false);
  const auto outcome = cibou(true).perform(Action::recover, false);
  EXPECT_EQ(outcome.kind, Kind::failed);
  EXPECT_TRUE(state().held_by({0xbac001}));
  const auto take = cibou().perform(Action::take, false);
  EXPECT_EQ(take.kind, Kind::failed);
  EXPECT_EQ(
      take.text,
      folder +
          "cibou/sg0: key 0xbac001 is already registered by another initiator (21:00:00:1b:32:1f:43:65): every Storage Daemon "
          "needs a key of its own in storage-ctl.conf. \"storage-ctl " +
          folder + "cibou/sg0 query\" shows who it is");
}

// A drive tells each host once that it was reset, and shstore-status may be the one who hears it.
TEST_F(LockPort, AResetThatShstoreStatusHeardOfIsOurs) {
  journal = folder + "attentions";
  const auto device = folder + "cibou/sg0";
  auto c = cibou();
  ASSERT_EQ(c.perform(Action::take, false).kind, Kind::done);
  EXPECT_FALSE(c.perform(Action::look, false).reading->was_reset);
  ASSERT_TRUE(record::record_attentions(journal, folder + "cibou/sg9", {"29/00"}));
  EXPECT_FALSE(c.perform(Action::look, false).reading->was_reset) << "of another drive";
  ASSERT_TRUE(record::record_attentions(journal, device, {"2A/03"}));
  EXPECT_FALSE(c.perform(Action::look, false).reading->was_reset) << "what became of the lock is read from the drive";
  ASSERT_TRUE(record::record_attentions(journal, device, {"29/00"}));
  EXPECT_TRUE(c.perform(Action::look, false).reading->was_reset);
  EXPECT_FALSE(c.perform(Action::look, false).reading->was_reset) << "once";
}

TEST_F(LockPort, SuchAResetIsToldByWhateverIsDoneNext) {
  journal = folder + "attentions";
  auto c = cibou();
  ASSERT_EQ(c.perform(Action::take, false).kind, Kind::done);
  ASSERT_TRUE(record::record_attentions(journal, folder + "cibou/sg0", {"29/00"}));
  c.perform(Action::join, false);
  EXPECT_TRUE(c.perform(Action::take, false).reading->was_reset)
      << "it is told with the next reading, whatever the action";
  EXPECT_FALSE(c.perform(Action::look, false).reading->was_reset) << "and once";
}

TEST_F(LockPort, WhatTheDriveReportsIsToldToThoseWhoCount) {
  auto c = cibou();
  std::vector<std::string> all;
  for (const auto action : {Action::take, Action::look, Action::release}) {
    for (const auto& code : c.perform(action, false).attentions) all.push_back(code);
  }
  EXPECT_EQ(all, std::vector<std::string>{"29/00"}) << "the drive was powered on";
}

TEST_F(LockPort, ADeadDeviceIsAReasonAndNoCrash) {
  auto gone = port("cibou/sg7", 0xbac001);
  for (const auto action : {Action::take, Action::look, Action::join, Action::release, Action::unregister}) {
    const auto outcome = gone.perform(action, false);
    EXPECT_EQ(outcome.kind, Kind::failed);
    EXPECT_EQ(
        outcome.text,
        "cannot open control device " + folder +
            "cibou/sg7: No such file or directory. If it is to be a socket of shstore-target, start that first (\"shstore-target --help\")");
  }
}

}  // namespace
}  // namespace shstore::plugin
