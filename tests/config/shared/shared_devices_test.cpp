#include "config/shared/shared_devices.h"

#include <gtest/gtest.h>

#include <map>

#include "one_file.h"

namespace shstore::config {
namespace {

using testing::OneFile;

constexpr const char* kStorage =
    "Storage { Name = cibou-sd; Working Directory = /var/lib/bacula; Pid Directory = /run }\n"
    "Director { Name = dir; Password = x }\n"
    "Messages { Name = Standard; director = dir = all }\n";

SharedDevices understand(const std::string& devices, const std::map<std::string, std::string>& confs = {
                                                         {"/opt/bacula/scripts/storage-ctl.conf", "key=bac001\n"}}) {
  OneFile reader(kStorage + devices);
  const auto config = load_sd_config("bacula-sd.conf", reader);
  return shared_devices(config, [&](const std::string& path) -> scsi::Result<scsi::StorageCtlConf> {
    const auto found = confs.find(path);
    if (found == confs.end()) return scsi::fail(scsi::Error::Kind::config, "cannot read " + path + ": no such file");
    return scsi::parse_storage_ctl_conf(found->second, path);
  });
}

std::string device(const std::string& extra) {
  return "Device { Name = Drive-0; Media Type = LTO-9; Archive Device = /dev/nst0; AlwaysOpen = no\n" + extra + "\n}\n";
}

const std::string kLocked = "Control Device = /dev/sg0\nLock Command = \"/opt/bacula/scripts/storage-ctl %l %o\"";

TEST(SharedDevices, TheWhitePapersDeviceIsSharedUnderTheKeyBesideTheProgram) {
  const auto all = understand(device(kLocked));
  ASSERT_EQ(all.devices.size(), 1u);
  const auto& d = all.devices[0];
  EXPECT_EQ(d.problem, "");
  EXPECT_EQ(d.key.value, 0xbac001u);
  EXPECT_EQ(d.display(), "\"Drive-0\" (/dev/nst0)");
  EXPECT_EQ(all.sd_name, "cibou-sd");
  EXPECT_EQ(all.working_directory, "/var/lib/bacula");
  const auto verdict = judge(all, "/dev/nst0", "/dev/sg0");
  ASSERT_TRUE(std::holds_alternative<const SharedDevice*>(verdict));
  EXPECT_EQ(std::get<const SharedDevice*>(verdict)->name, "Drive-0");
}

TEST(SharedDevices, ADeviceWithoutALockCommandIsNoneOfOurBusiness) {
  const auto all = understand(device("Control Device = /dev/sg0"));  // Bacula uses it for alert commands
  EXPECT_TRUE(all.devices.empty());
  EXPECT_TRUE(std::holds_alternative<Unshared>(judge(all, "/dev/nst0", "/dev/sg0")));
}

TEST(SharedDevices, ADeviceThatNobodyKnowsButHasNoControlDeviceIsNoneOfOurBusiness) {
  EXPECT_TRUE(std::holds_alternative<Unshared>(judge(understand(""), "/backup", "*None*")));
}

std::string reason(const SharedDevices& all, const char* control = "/dev/sg0") {
  const auto verdict = judge(all, "/dev/nst0", control);
  const auto* wrong = std::get_if<Misconfigured>(&verdict);
  return wrong ? wrong->reason : "not misconfigured";
}

TEST(SharedDevices, WhatIsConfiguredForLockingButNotUnderstoodIsRefused) {
  const std::string lock = "Control Device = /dev/sg0\nLock Command = ";
  EXPECT_EQ(reason(understand(device("Lock Command = \"/opt/bacula/scripts/storage-ctl %l %o\"")), "*None*"),
            "it has a Lock Command but no Control Device");
  EXPECT_EQ(reason(understand(device(lock + "\"/usr/local/bin/my-lock %l\""))),
            "its Lock Command does not say what to do: \"%o\" is missing in \"/usr/local/bin/my-lock %l\"");
  EXPECT_EQ(reason(understand(device(lock + "\"/opt/bacula/scripts/storage-ctl %o\""))),
            "its Lock Command must be \"/opt/bacula/scripts/storage-ctl %l %o\", but is "
            "\"/opt/bacula/scripts/storage-ctl %o\"");
  EXPECT_EQ(reason(understand(device(kLocked), {})), "cannot read /opt/bacula/scripts/storage-ctl.conf: no such file");
  EXPECT_EQ(reason(understand(device(kLocked), {{"/opt/bacula/scripts/storage-ctl.conf", "key=xyz\n"}})),
            "/opt/bacula/scripts/storage-ctl.conf:1: key \"xyz\" is not 1 to 6 hexadecimal digits (0-9, a-f)");
}

TEST(SharedDevices, ADeviceThatTheConfigurationFileDoesNotHaveIsRefused) {
  EXPECT_EQ(reason(understand("")), "no Device with this Archive Device was found in the configuration file");
  auto unreadable = SharedDevices{};
  unreadable.unreadable = "cannot open bacula-sd.conf";
  EXPECT_EQ(reason(unreadable),
            "no Device with this Archive Device was found in the configuration file (cannot open "
            "bacula-sd.conf)");
}

TEST(SharedDevices, AnotherControlDeviceThanTheFileSaysIsRefused) {
  EXPECT_EQ(reason(understand(device(kLocked)), "/dev/sg5"),
            "bacula-sd says that its Control Device is \"/dev/sg5\", the configuration file says \"/dev/sg0\"");
}

TEST(SharedDevices, TheLockCommandOfTheAutochangerCountsForItsDrives) {
  const auto all = understand(
      "Autochanger { Name = LTO; Device = Drive-0; Changer Device = /dev/sg2; Changer Command = x\n"
      "Lock Command = \"/opt/bacula/scripts/storage-ctl %l %o\" }\n" +
      device("Control Device = /dev/sg0"));
  ASSERT_EQ(all.devices.size(), 1u);
  EXPECT_EQ(all.devices[0].autochanger, "LTO");
  EXPECT_EQ(all.devices[0].problem, "");
}

TEST(LockCommand, DeviceCodesAreExpandedInsideTheirWord) {
  SharedDevice device;
  device.archive_device = "/dev/nst 0";
  device.control_device = "/dev/sg0";
  device.drive_index = 3;
  device.command = {"/bin/lock", "--device=%l", "%o", "%a", "%d", "%c", "%v%j%f", "%S", "100%%", "%x", "%"};
  EXPECT_EQ(expand_command(device, "unlock"),
            (std::vector<std::string>{"/bin/lock", "--device=/dev/sg0", "unlock", "/dev/nst 0", "3", "*None*",
                                      "*None**None**None*", "0", "100%", "%x", "%"}));
}

}  // namespace
}  // namespace shstore::config
