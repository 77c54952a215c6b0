// Which device a tool is about to use: believed only where its configuration has it.
#include "plugin/tool_lock.h"

#include <gtest/gtest.h>

#include <array>
#include <cstdlib>
#include <cstring>

namespace shstore::plugin {
namespace {

using config::SharedDevice;
using config::SharedDevices;
using All = std::vector<std::pair<std::string, std::string>>;

// A DEVRES as stored/stored_conf.h lays it out, as far as it is looked at.
struct FakeResource {
  std::array<char, 512> bytes{};
  FakeResource(const void* name, const void* archive) {
    std::memcpy(bytes.data() + 40, &name, sizeof name);
    std::memcpy(bytes.data() + 176, &archive, sizeof archive);
  }
};

TEST(ToolDevice, IsReadFromWhatBaculaPasses) {
  const auto told = read_device_resource(FakeResource("Drive-0", "/dev/nst0").bytes.data());
  ASSERT_TRUE(told);
  EXPECT_EQ(told->name, "Drive-0");
  EXPECT_EQ(told->archive_device, "/dev/nst0");
}

TEST(ToolDevice, MemoryThatIsNotThereIsNoCrash) {
  const auto* nowhere = reinterpret_cast<const void*>(8);
  EXPECT_FALSE(read_device_resource(nullptr));
  EXPECT_FALSE(read_device_resource(nowhere));
  EXPECT_FALSE(read_device_resource(FakeResource(nowhere, "/dev/nst0").bytes.data()));
  EXPECT_FALSE(read_device_resource(FakeResource("Drive-0", nullptr).bytes.data()));
  const std::string endless(4096, 'x');
  EXPECT_FALSE(read_device_resource(FakeResource(endless.c_str(), "/dev/nst0").bytes.data()))
      << "no name of Bacula's is so long";
}

SharedDevices one_shared() {
  SharedDevices shared;
  SharedDevice d;
  d.name = "Drive-0";
  d.archive_device = "/dev/nst0";
  d.control_device = "/dev/sg0";
  d.key = {0xbac001};
  shared.devices.push_back(d);
  return shared;
}
const All kDevices{{"Drive-0", "/dev/nst0"}, {"File", "/var/volumes"}};

TEST(ToolDevice, IsSharedOnlyIfNameAndArchiveDeviceAreThoseOfOne) {
  const auto shared = one_shared();
  EXPECT_EQ(tool_device(DeviceResource{"Drive-0", "/dev/nst0"}, shared, kDevices).shared, &shared.devices[0]);
  const auto file = tool_device(DeviceResource{"File", "/var/volumes"}, shared, kDevices);
  EXPECT_TRUE(file.shared == nullptr && file.problem.empty()) << "what is not shared is not delayed";
  for (const auto& told :
       {std::optional<DeviceResource>(), std::optional(DeviceResource{"Drive-0", "/dev/nst1"}),
        std::optional(DeviceResource{"Drive-1", "/dev/nst0"}), std::optional(DeviceResource{"File", "/dev/nst0"})}) {
    const auto device = tool_device(told, shared, kDevices);
    EXPECT_EQ(device.shared, nullptr);
    EXPECT_EQ(device.problem, "which device it is about to use cannot be made out");
  }
}

TEST(ToolDevice, WhatCannotBeLockedIsNotUsed) {
  auto shared = one_shared();
  shared.devices[0].problem = "no key is set";
  EXPECT_EQ(tool_device(DeviceResource{"Drive-0", "/dev/nst0"}, shared, kDevices).problem,
            "device \"Drive-0\" (/dev/nst0) cannot be locked: no key is set");
  shared.devices[0].problem.clear();
  shared.devices[0].command = {"site-lock", "%o"};
  EXPECT_NE(tool_device(DeviceResource{"Drive-0", "/dev/nst0"}, shared, kDevices).problem, "");
  shared.unreadable = "line 7";
  EXPECT_EQ(tool_device(DeviceResource{"Drive-0", "/dev/nst0"}, shared, kDevices).problem,
            "its configuration cannot be understood: line 7");
}

TEST(ToolDevice, WhereNothingIsSharedNothingIsAsked) { EXPECT_EQ(tool_device(std::nullopt, {}, kDevices).problem, ""); }

TEST(ToolPatience, IsTheConfigurationsOrTheEnvironments) {
  SharedDevice d;
  ::unsetenv("SHSTORE_WAIT");
  EXPECT_EQ(tool_patience(d), std::chrono::seconds(1800));
  ::setenv("SHSTORE_WAIT", "0", 1);
  EXPECT_EQ(tool_patience(d), std::chrono::seconds(0));
  ::setenv("SHSTORE_WAIT", "soon", 1);
  EXPECT_EQ(tool_patience(d), std::chrono::seconds(1800));
  ::unsetenv("SHSTORE_WAIT");
}

}  // namespace
}  // namespace shstore::plugin
