// What the kernel tells of our drives is kept until it is asked for, and told at once.
#include "plugin/device_watch.h"

#include <gtest/gtest.h>
#include <sys/socket.h>
#include <unistd.h>

#include <condition_variable>

namespace shstore::plugin {
namespace {

using namespace std::chrono_literals;

const std::string kDrive = "/devices/host2/target2:0:0/2:0:0:0", kOther = "/devices/host2/target2:0:0/2:0:0:1";

struct Watch : testing::Test {
  Watch() {
    EXPECT_EQ(::socketpair(AF_UNIX, SOCK_DGRAM | SOCK_NONBLOCK, 0, ends), 0);
    watch.emplace(scsi::Result<scsi::DeviceEvents>(scsi::DeviceEvents(ends[0])));
    watch->take(kDrive);
    watch->take(kOther);
  }
  ~Watch() override { ::close(ends[1]); }
  void says(const std::string& action, const std::string& device) {
    std::string text = action + '@' + device;
    for (const char* value : {"SUBSYSTEM=scsi", "SDEV_UA=POWER_ON_RESET_OCCURRED", "DEVTYPE=scsi_device"})
      text += std::string(1, '\0') + value;
    EXPECT_EQ(::send(ends[1], text.data(), text.size(), 0), static_cast<ssize_t>(text.size()));
  }
  int ends[2];
  std::optional<DeviceWatch> watch;
};

TEST_F(Watch, AResetIsToldOnceAndToWhoeverAsksForThatDrive) {
  says("change", kDrive);
  says("change", kDrive);
  EXPECT_EQ(watch->take(kOther).resets, 0u);
  EXPECT_EQ(watch->take(kDrive).resets, 2u);
  EXPECT_EQ(watch->take(kDrive).resets, 0u);
}

TEST_F(Watch, ADriveThatIsGoneIsGone) {
  says("remove", kDrive);
  EXPECT_TRUE(watch->take(kDrive).gone);
  EXPECT_FALSE(watch->take(kDrive).gone);
}

TEST_F(Watch, WhatNobodyAskedForIsNotKept) {
  says("change", "/devices/other");
  EXPECT_EQ(watch->take("/devices/other").resets, 0u) << "it came before anybody wanted to know";
}

TEST_F(Watch, TheListenerHearsOfIt) {
  std::mutex mutex;
  std::condition_variable heard;
  std::vector<std::string> devices;
  watch->start([&](const std::string& device) {
    const std::lock_guard lock(mutex);
    devices.push_back(device);
    heard.notify_all();
  });
  says("change", kDrive);
  std::unique_lock lock(mutex);
  EXPECT_TRUE(heard.wait_for(lock, 30s, [&] { return !devices.empty(); }));
  EXPECT_EQ(devices, std::vector{kDrive});
  lock.unlock();
  EXPECT_EQ(watch->take(kDrive).resets, 1u) << "and it is kept for the lock port";
  watch->stop();
}

// Of any device: who knows where a node leads to by now?
TEST_F(Watch, WhoeverReadsThatNodesHaveChangedTellsIt) {
  std::atomic<int> changes{0};
  std::mutex mutex;
  std::condition_variable heard;
  EXPECT_TRUE(watch->hears_all());
  watch->start([](const std::string&) {},
               [&] {
                 const std::lock_guard lock(mutex);
                 ++changes;
                 heard.notify_all();
               });
  says("add", "/devices/other");
  {
    std::unique_lock lock(mutex);
    EXPECT_TRUE(heard.wait_for(lock, 30s, [&] { return changes == 1; }));
  }
  watch->stop();
  says("remove", "/devices/other");
  watch->take(kDrive);
  EXPECT_EQ(changes, 2);
  watch->take(kDrive);
  EXPECT_EQ(changes, 2) << "once";
}

TEST(DeviceWatchOf, AContainerIsKnownToHearNothing) {
  DeviceWatch watch(scsi::Result<scsi::DeviceEvents>(scsi::DeviceEvents(-1, false)));
  EXPECT_FALSE(watch.hears_all());
  DeviceWatch none(scsi::fail(scsi::Error::Kind::device, "no socket"));
  EXPECT_FALSE(none.hears_all());
}

TEST_F(Watch, AReportThatMustComeIsWaitedFor) {
  std::thread late([&] {
    std::this_thread::sleep_for(20ms);
    says("change", kDrive);
  });
  EXPECT_EQ(watch->take_after_reset(kDrive, 30s).resets, 1u);
  late.join();
  EXPECT_EQ(watch->take_after_reset(kDrive, 1ms).resets, 0u) << "but not for ever";
}

TEST(WatchWithoutKernel, SaysSoAndTellsNothing) {
  DeviceWatch watch(scsi::fail(scsi::Error::Kind::device, "no events here"));
  EXPECT_EQ(watch.unavailable(), "no events here");
  watch.start([](const auto&) {});
  EXPECT_EQ(watch.take(kDrive).resets, 0u);
  EXPECT_EQ(watch.take_after_reset(kDrive, 1h).resets, 0u) << "does not wait for what cannot come";
}

}  // namespace
}  // namespace shstore::plugin
