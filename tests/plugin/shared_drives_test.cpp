#include "plugin/shared_drives.h"

#include <gtest/gtest.h>

#include "fake_port.h"

namespace shstore::plugin {
namespace {

using config::SharedDevice;
using reserve::Action;

SharedDevice device(const char* name, const char* control) {
  SharedDevice d;
  d.name = name;
  d.archive_device = std::string("/dev/n") + name;
  d.control_device = control;
  d.key = {0xbac001};
  return d;
}

struct Drives : testing::Test {
  void start(std::vector<SharedDevice> all) {
    devices = std::move(all);
    drives = std::make_unique<SharedDrives>(
        devices, [this](const SharedDevice& d) { return std::make_unique<FakePort>(fakes[d.control_device]); },
        SharedDrives::Listener{[] {},
                               [this](const SharedDevice& d, const reserve::JobNotice& n) {
                                 const std::lock_guard lock(told_mutex);
                                 told.emplace_back(d.name, n.job);
                               }},
        timing);
    drives->start();
  }
  ~Drives() override {
    if (drives) drives->stop(std::chrono::seconds(30));
  }
  reserve::Timing timing;
  std::mutex told_mutex;
  std::vector<std::pair<std::string, reserve::JobId>> told;
  std::vector<SharedDevice> devices;
  std::map<std::string, FakeDrive> fakes;
  std::unique_ptr<SharedDrives> drives;
};

TEST_F(Drives, AJobThatGetsTheSecondDriveWaitsForTheFirstNoLonger) {
  fakes["/dev/sg0"].holder = "0xbac999";
  fakes["/dev/sg1"];
  start({device("st0", "/dev/sg0"), device("st1", "/dev/sg1")});
  EXPECT_FALSE(drives->request(devices[0], 1, 7).granted);
  EXPECT_TRUE(fakes["/dev/sg0"].wait_for(Action::join));
  EXPECT_TRUE(drives->request(devices[1], 1, 7).granted);
  EXPECT_TRUE(fakes["/dev/sg0"].wait_for(Action::unregister));
  drives->end(1);
  EXPECT_TRUE(fakes["/dev/sg1"].wait_for(Action::release));
}

TEST_F(Drives, TwoDeviceResourcesOfOneDriveShareItsLock) {
  fakes["/dev/sg0"];
  start({device("st0", "/dev/sg0"), device("st0-old", "/dev/sg0")});
  EXPECT_TRUE(drives->request(devices[0], 1, 7).granted);
  EXPECT_TRUE(drives->request(devices[1], 2, 8).granted);
  drives->end(1);
  const auto state = drives->state();
  ASSERT_EQ(state.size(), 2u);
  EXPECT_TRUE(state[0].locked);
  EXPECT_TRUE(state[1].locked);
}

// It waits for both; the one that is free first is taken for it, and no lock is taken for it on the other meanwhile.
TEST_F(Drives, AJobThatIsCalledForOneDriveGetsNoSecondOne) {
  timing.watch_first = std::chrono::milliseconds(5);
  timing.watch_longest = std::chrono::milliseconds(20);
  timing.call_again = std::chrono::milliseconds(10);
  fakes["/dev/sg0"].holder = fakes["/dev/sg1"].holder = "0xbac999";
  start({device("st0", "/dev/sg0"), device("st1", "/dev/sg1")});
  EXPECT_FALSE(drives->request(devices[0], 1, 7).granted);
  EXPECT_FALSE(drives->request(devices[1], 1, 7).granted);
  const auto frees = [&](const char* control) {
    const std::lock_guard lock(fakes[control].mutex);
    fakes[control].holder.clear();
  };
  frees("/dev/sg0");
  const auto called = [&] {
    const std::lock_guard lock(told_mutex);
    return told.size();
  };
  while (called() == 0) std::this_thread::sleep_for(std::chrono::milliseconds(2));
  frees("/dev/sg1");
  while (called() < 10) std::this_thread::sleep_for(std::chrono::milliseconds(2));
  for (const auto action : fakes["/dev/sg1"].performed()) EXPECT_NE(action, Action::take);
  EXPECT_TRUE(drives->request(devices[0], 1, 7).granted);
  const std::lock_guard lock(told_mutex);
  for (const auto& [name, job] : told) EXPECT_EQ(name, "st0");
}

TEST_F(Drives, AtTheEndOfAJobItsDrivesAreAskedOnceMore) {
  fakes["/dev/sg0"];
  fakes["/dev/sg1"];
  start({device("st0", "/dev/sg0"), device("st0-old", "/dev/sg0"), device("st1", "/dev/sg1")});
  EXPECT_TRUE(drives->request(devices[0], 1, 7).granted);
  EXPECT_TRUE(drives->request(devices[2], 1, 7).granted);
  EXPECT_TRUE(drives->concluded(1, 7).empty());
  {
    const std::lock_guard lock(fakes["/dev/sg0"].mutex);
    fakes["/dev/sg0"].holder = "0xbac999";
  }
  const auto lost = drives->concluded(1, 7);
  ASSERT_EQ(lost.size(), 1u) << "two Device resources, one drive";
  EXPECT_EQ(lost[0].first->name, "st0");
  EXPECT_EQ(lost[0].second.kind, Conclusion::Kind::lost);
}

TEST_F(Drives, WhatADriveDoesNotGiveBackAtTheEndIsTold) {
  fakes["/dev/sg0"];
  fakes["/dev/sg1"].release = {reserve::Outcome::Kind::failed, {}, "gone", {}};
  start({device("st0", "/dev/sg0"), device("st1", "/dev/sg1")});
  EXPECT_TRUE(drives->request(devices[0], 1, 7).granted);
  EXPECT_TRUE(drives->request(devices[1], 1, 7).granted);
  drives->stop(std::chrono::seconds(30));
  EXPECT_FALSE(drives->release_all()) << "the next life has to look for it";
  fakes["/dev/sg1"].release = {};
  EXPECT_TRUE(drives->release_all());
}

TEST_F(Drives, ADeviceThatCannotBeLockedIsInTheState) {
  auto broken = device("st0", "");
  broken.problem = "it has a Lock Command but no Control Device";
  start({broken});
  const auto state = drives->state();
  ASSERT_EQ(state.size(), 1u);
  EXPECT_EQ(state[0].problem, broken.problem);
  EXPECT_EQ(state[0].key, "");
}

}  // namespace
}  // namespace shstore::plugin
