// What the kernel says of its devices, and what is none of our business.
#include "scsi/device_events.h"

#include <gtest/gtest.h>
#include <linux/netlink.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <fstream>
#include <random>

namespace shstore::scsi {
namespace {

using namespace std::string_literals;
using Kind = DeviceEvent::Kind;

const std::string kDevice = "/devices/platform/host2/session1/target2:0:0/2:0:0:0";

std::string message(const std::string& action, const std::string& device, const std::vector<std::string>& values) {
  std::string text = action + '@' + device + '\0' + "ACTION=" + action + '\0' + "DEVPATH=" + device + '\0';
  for (const auto& value : values) text += value + '\0';
  return text;
}
// As Linux 6.1 and 6.12 send it after a LUN reset by another host.
const std::string kReset =
    message("change", kDevice,
            {"SUBSYSTEM=scsi", "SDEV_UA=POWER_ON_RESET_OCCURRED", "DEVTYPE=scsi_device", "DRIVER=st", "SEQNUM=2071"});

TEST(DeviceEvents, AResetNamesTheDevice) {
  EXPECT_EQ(parse_device_event(kReset), (std::vector<DeviceEvent>{{Kind::reset, kDevice}}));
}

TEST(DeviceEvents, ADeviceThatIsTakenAwayIsGone) {
  EXPECT_EQ(parse_device_event(message("remove", kDevice, {"SUBSYSTEM=scsi", "DEVTYPE=scsi_device"})),
            (std::vector<DeviceEvent>{{Kind::gone, kDevice}}));
}

TEST(DeviceEvents, EverythingElseIsNobodys) {
  const std::vector<std::string> others = {
      "",
      "libudev",
      message("change", kDevice, {"SUBSYSTEM=scsi", "SDEV_UA=MODE_PARAMETERS_CHANGED", "DEVTYPE=scsi_device"}),
      message("change", kDevice, {"SUBSYSTEM=scsi", "SDEV_UA=POWER_ON_RESET_OCCURRED_NOT", "DEVTYPE=scsi_device"}),
      message("change", kDevice, {"SUBSYSTEM=block", "SDEV_UA=POWER_ON_RESET_OCCURRED", "DEVTYPE=scsi_device"}),
      message("remove", kDevice + "/scsi_tape/nst0", {"SUBSYSTEM=scsi_tape"}),
      message("remove", "/devices/platform/host2/session1/target2:0:0", {"SUBSYSTEM=scsi", "DEVTYPE=scsi_target"}),
      message("add", kDevice, {"SUBSYSTEM=scsi", "DEVTYPE=scsi_device"}),
      "change@relative\0SUBSYSTEM=scsi\0SDEV_UA=POWER_ON_RESET_OCCURRED\0DEVTYPE=scsi_device\0"s,
  };
  for (const auto& text : others) EXPECT_TRUE(parse_device_event(text).empty()) << text.c_str();
}

TEST(DeviceEvents, WhatMayLeadANodeElsewhereIsToldOfAllThatBelongToADrive) {
  for (const char* subsystem : {"scsi", "scsi_tape", "scsi_generic", "iscsi_session", "fc_remote_ports"}) {
    for (const char* action : {"add", "remove", "change", "move"})
      EXPECT_TRUE(tells_of_nodes(message(action, kDevice, {std::string("SUBSYSTEM=") + subsystem}))) << subsystem;
  }
  for (const char* subsystem : {"block", "net", "usb", "scsi_tapes", ""})
    EXPECT_FALSE(tells_of_nodes(message("add", kDevice, {std::string("SUBSYSTEM=") + subsystem}))) << subsystem;
  EXPECT_FALSE(tells_of_nodes(""));
}

TEST(DeviceEvents, AMessageThatIsCutOrTornHarmsNobody) {
  for (size_t n = 0; n < kReset.size(); ++n) (void)parse_device_event(std::string_view(kReset).substr(0, n));
  std::mt19937 random(7);
  for (int i = 0; i < 20000; ++i) {
    auto text = kReset;
    for (int k = 0; k < 3; ++k) text[random() % text.size()] = static_cast<char>(random());
    for (const auto& event : parse_device_event(text)) EXPECT_TRUE(event.device.starts_with('/'));
  }
}

TEST(DeviceEvents, AreReadUntilThereAreNoMore) {
  int ends[2];
  ASSERT_EQ(::socketpair(AF_UNIX, SOCK_DGRAM | SOCK_NONBLOCK, 0, ends), 0);
  DeviceEvents events(ends[0]);
  EXPECT_TRUE(events.read().events.empty());
  for (const auto& text : {kReset, "nonsense"s, kReset}) {
    EXPECT_EQ(::send(ends[1], text.data(), text.size(), 0), static_cast<ssize_t>(text.size()));
  }
  const auto all = events.read();
  EXPECT_EQ(all.events.size(), 2u);
  EXPECT_TRUE(all.nodes);
  EXPECT_FALSE(events.read().nodes);
  EXPECT_TRUE(events.read().events.empty());
  ::close(ends[1]);
}

TEST(DeviceEvents, TheKernelCanBeListenedToByAnyUser) {
  auto events = DeviceEvents::open();
  ASSERT_TRUE(events) << events.error().message;
  EXPECT_FALSE(events->read().lost);
}

// The kernel lets nobody but root send such a message, and says whose it is.
TEST(DeviceEvents, AProcessThatPretendsToBeTheKernelIsNotHeard) {
  auto events = DeviceEvents::open();
  ASSERT_TRUE(events) << events.error().message;
  sockaddr_nl address{};
  socklen_t size = sizeof address;
  ASSERT_EQ(::getsockname(events->descriptor(), reinterpret_cast<sockaddr*>(&address), &size), 0);
  address.nl_groups = 0;
  const int sender = ::socket(AF_NETLINK, SOCK_DGRAM | SOCK_CLOEXEC, NETLINK_KOBJECT_UEVENT);
  ASSERT_GE(sender, 0);
  const auto sent =
      ::sendto(sender, kReset.data(), kReset.size(), 0, reinterpret_cast<const sockaddr*>(&address), size);
  EXPECT_TRUE(sent == static_cast<ssize_t>(kReset.size()) || errno == EPERM);
  for (const auto& event : events->read().events) EXPECT_NE(event.device, parse_device_event(kReset).at(0).device);
  ::close(sender);
}

TEST(SysfsDevice, IsOfCharacterDevicesOnly) {
  EXPECT_EQ(sysfs_device("/dev/does-not-exist"), "");
  EXPECT_EQ(sysfs_device("/tmp"), "");
  EXPECT_EQ(sysfs_device("/dev/null"), "") << "it has no device behind it";
}

}  // namespace
}  // namespace shstore::scsi
