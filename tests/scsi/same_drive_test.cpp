// Which drive, by which path: over sysfs as the kernel shows it. Nodes of the kernel that every machine has (/dev/null, ...) stand
// for the drives' nodes; which SCSI device is behind each is what the recorded tree says.
#include "scsi/same_drive.h"

#include <fmt/format.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>

#include "support.h"

namespace shstore::scsi {
namespace {

using Kind = SameDrive::Kind;

constexpr const char* kNst0 = "/dev/null";
constexpr const char* kSg0 = "/dev/zero";
constexpr const char* kSg1 = "/dev/full";

// /sys of a host with two drives, as Linux 6.1 shows them.
class TwoDrives : public testing::Test {
 protected:
  TwoDrives() {
    drive("1:0:0:0", "HU19477B2C", "0x50014380023560d4", "sg3");
    drive("1:0:0:1", "HU19477B2D", "0x50014380023560d7", "sg4");
  }
  void drive(const std::string& address, const std::string& serial, const std::string& naa,
             const std::string& generic) {
    const auto folder = "sys/devices/pci0000:00/host1/rport-1:0-0/target1:0:0/" + address;
    std::filesystem::create_directories(root.path(folder + "/scsi_generic/" + generic));
    std::filesystem::create_directories(root.path(folder + "/scsi_tape/nst0"));
    const auto binary = [](const Bytes& bytes) { return std::string(bytes.begin(), bytes.end()); };
    if (!serial.empty()) root.write(folder + "/vpd_pg80", binary(encode_unit_serial_number(kTape, serial)));
    if (naa.empty()) return;
    Bytes name(8);
    put_be64(name, 0, std::stoull(naa, nullptr, 16));
    root.write(folder + "/vpd_pg83",
               binary(encode_device_identification(kTape, {{1, 1, 3, Bytes(8, 7)}, {1, 0, 3, name}})));
  }
  // The node is that device's now.
  void leads_to(const char* node, const std::string& address) {
    struct stat st {};
    ASSERT_EQ(::stat(node, &st), 0);
    const auto number = fmt::format("sys/dev/char/{}:{}", major(st.st_rdev), minor(st.st_rdev));
    std::filesystem::remove_all(root.path(number));
    std::filesystem::create_directories(root.path(number));
    const auto device = "../../../devices/pci0000:00/host1/rport-1:0-0/target1:0:0/" + address;
    std::filesystem::create_symlink(device, root.path(number + "/device"));
  }
  DeviceNode node(const std::string& path) { return read_node(path, root.path("sys")); }
  SameDrive compared(const std::string& archive, const std::string& control) {
    return same_drive(node(archive), node(control));
  }

  TemporaryFolder root;
};

TEST_F(TwoDrives, ANodeIsReadWithoutOpeningIt) {
  leads_to(kNst0, "1:0:0:0");
  const auto tape = node(kNst0);
  EXPECT_EQ(tape.kind, DeviceNode::Kind::scsi);
  EXPECT_EQ(tape.device, "/devices/pci0000:00/host1/rport-1:0-0/target1:0:0/1:0:0:0");
  EXPECT_EQ(tape.address(), "1:0:0:0");
  EXPECT_EQ(tape.generic, "/dev/sg3");
  EXPECT_EQ(tape.serial, "HU19477B2C");
  EXPECT_EQ(tape.designator, "naa.50014380023560d4") << "the logical unit's, not the port's";
}

TEST_F(TwoDrives, OneDriveByOnePath) {
  leads_to(kNst0, "1:0:0:0");
  leads_to(kSg0, "1:0:0:0");
  EXPECT_EQ(compared(kNst0, kSg0),
            (SameDrive{Kind::one_nexus, "", kSg0, "/devices/pci0000:00/host1/rport-1:0-0/target1:0:0/1:0:0:0"}));
}

TEST_F(TwoDrives, AreRefusedWithBothIdentities) {
  leads_to(kNst0, "1:0:0:0");
  leads_to(kSg0, "1:0:0:1");
  const auto seen = compared(kNst0, kSg0);
  EXPECT_FALSE(seen.usable());
  EXPECT_EQ(seen.text,
            "its Control Device /dev/zero (1:0:0:1, serial number HU19477B2D) is another drive than its Archive Device "
            "/dev/null (1:0:0:0, serial number HU19477B2C)");
  EXPECT_EQ(seen.lock_through, "/dev/sg3") << "the written drive's own";
}

// The same configuration before and after a reboot.
TEST_F(TwoDrives, ThatComeUpInSwappedOrderAreSeen) {
  leads_to(kNst0, "1:0:0:0");
  leads_to(kSg0, "1:0:0:0");
  leads_to(kSg1, "1:0:0:1");
  EXPECT_EQ(compared(kNst0, kSg0).kind, Kind::one_nexus);
  leads_to(kSg0, "1:0:0:1");
  leads_to(kSg1, "1:0:0:0");
  EXPECT_EQ(compared(kNst0, kSg0).kind, Kind::two_drives);
  EXPECT_EQ(compared(kNst0, kSg1).kind, Kind::one_nexus);
}

// The by-id links of one drive, dealt out over two paths.
TEST_F(TwoDrives, OneDriveByTwoPathsIsLockedThroughTheArchivesOwn) {
  drive("2:0:0:0", "HU19477B2C", "0x50014380023560d4", "sg7");
  leads_to(kNst0, "1:0:0:0");
  leads_to(kSg0, "2:0:0:0");
  const auto seen = compared(kNst0, kSg0);
  EXPECT_EQ(seen.kind, Kind::other_path);
  EXPECT_EQ(seen.lock_through, "/dev/sg3");
  EXPECT_EQ(seen.device, node(kNst0).device);
  EXPECT_EQ(generic_node(seen.device, root.path("sys")), "/dev/sg3");
  EXPECT_EQ(generic_node("/devices/gone", root.path("sys")), "");
  EXPECT_EQ(
      seen.text,
      "its Control Device /dev/zero (2:0:0:0, serial number HU19477B2C) is another path to the drive than its Archive "
      "Device /dev/null (1:0:0:0, serial number HU19477B2C): it is locked through /dev/sg3, which is the Archive "
      "Device's own");
}

TEST_F(TwoDrives, OneSerialNumberOfTwoVendorsIsTwoDrives) {
  drive("2:0:0:0", "HU19477B2C", "0x5001438000000001", "sg7");
  leads_to(kNst0, "1:0:0:0");
  leads_to(kSg0, "2:0:0:0");
  EXPECT_EQ(compared(kNst0, kSg0).kind, Kind::two_drives);
}

TEST_F(TwoDrives, OfWhichNobodyTellsWhoTheyAreAreTwo) {
  drive("2:0:0:0", "", "", "sg7");
  drive("2:0:0:1", "", "", "sg8");
  leads_to(kNst0, "2:0:0:0");
  leads_to(kSg0, "2:0:0:1");
  const auto seen = compared(kNst0, kSg0);
  EXPECT_EQ(seen.kind, Kind::two_drives);
  EXPECT_EQ(
      seen.text,
      "its Control Device /dev/zero (2:0:0:1) is not the device behind its Archive Device /dev/null (2:0:0:0), and "
      "nothing shows that they are one drive");
}

// The drive was switched off: /dev/nst0 is gone, the link in /dev/tape/by-id too.
TEST_F(TwoDrives, AnArchiveDeviceThatVanishedIsNotThere) {
  leads_to(kSg0, "1:0:0:0");
  const auto seen = compared("/dev/tape/by-id/of-no-drive", kSg0);
  EXPECT_EQ(seen.kind, Kind::absent);
  EXPECT_FALSE(seen.usable());
  EXPECT_EQ(seen.text, "its Archive Device /dev/tape/by-id/of-no-drive is not there: No such file or directory");
}

TEST_F(TwoDrives, AControlDeviceThatVanishedIsNotNeeded) {
  leads_to(kNst0, "1:0:0:0");
  const auto seen = compared(kNst0, "/dev/tape/by-id/of-no-drive");
  EXPECT_EQ(seen.kind, Kind::unproven);
  EXPECT_EQ(seen.lock_through, "/dev/sg3");
}

// A container that has the nodes and no /sys of the host's.
TEST_F(TwoDrives, InAContainerWithoutSysfsNothingIsProven) {
  const auto seen = same_drive(read_node(kNst0, root.path("no-sys")), read_node(kSg0, root.path("no-sys")));
  EXPECT_EQ(seen.kind, Kind::unproven);
  EXPECT_TRUE(seen.usable());
  EXPECT_EQ(seen.lock_through, kSg0);
  EXPECT_EQ(
      seen.text,
      "that Archive Device /dev/null and Control Device /dev/zero are one drive cannot be proven: sysfs does not tell "
      "which drives they are");
}

TEST_F(TwoDrives, AFileIsNoDrivesArchiveDevice) {
  leads_to(kSg0, "1:0:0:0");
  const auto file = root.write("tape", "");
  EXPECT_EQ(compared(file, kSg0).kind, Kind::two_drives);
  leads_to(kNst0, "1:0:0:0");
  EXPECT_EQ(compared(kNst0, file).kind, Kind::two_drives);
}

TEST_F(TwoDrives, ADeviceIsUsableWhileItAndItsSessionAre) {
  const std::string fc = "/devices/pci0000:00/host1/rport-1:0-0/target1:0:0/1:0:0:0";
  const std::string iscsi = "/devices/platform/host2/session1/target2:0:0/2:0:0:0";
  const auto usable = [&](const std::string& device) { return is_usable(device, root.path("sys")); };
  EXPECT_FALSE(usable(iscsi)) << "it is gone";
  EXPECT_FALSE(usable(""));
  EXPECT_TRUE(usable(fc)) << "sysfs tells no more";
  std::filesystem::create_directories(root.path("sys" + iscsi));
  for (const char* folder : {"sys/class/iscsi_session/session1", "sys/class/fc_remote_ports/rport-1:0-0"}) {
    std::filesystem::create_directories(root.path(folder));
  }
  const auto iscsi_state = [&](const char* device, const char* session) {
    root.write("sys" + iscsi + "/state", device);
    root.write("sys/class/iscsi_session/session1/state", session);
    return usable(iscsi);
  };
  EXPECT_TRUE(iscsi_state("running\n", "LOGGED_IN\n"));
  EXPECT_FALSE(iscsi_state("transport-offline\n", "LOGGED_IN\n"));
  EXPECT_FALSE(iscsi_state("running\n", "FAILED\n"));
  root.write("sys/class/fc_remote_ports/rport-1:0-0/port_state", "Online\n");
  EXPECT_TRUE(usable(fc));
  root.write("sys/class/fc_remote_ports/rport-1:0-0/port_state", "Blocked\n");
  EXPECT_FALSE(usable(fc));
}

// shstore-target's sockets and files.
TEST(SimulatedDrives, AreWhatIsWrittenBesideTheArchiveDevice) {
  const TemporaryFolder folder;
  auto archive = read_node(folder.write("tape0", ""));
  auto control = read_node(folder.write("sg0", ""));
  const auto unknown = same_drive(archive, control);
  EXPECT_EQ(unknown.kind, Kind::unproven);
  EXPECT_EQ(unknown.lock_through, folder.path("sg0"));
  EXPECT_EQ(simulated_serial(folder.path("tape0")), "");
  ASSERT_EQ(::mkfifo(folder.path("tape0.drive").c_str(), 0600), 0);
  EXPECT_EQ(simulated_serial(folder.path("tape0")), "") << "nor is a FIFO waited for";
  ASSERT_EQ(::unlink(folder.path("tape0.drive").c_str()), 0);
  folder.write("tape0.drive", "HU10450A01\n");
  archive.serial = simulated_serial(folder.path("tape0"));
  control.serial = "HU10450A01";
  EXPECT_EQ(same_drive(archive, control).kind, Kind::one_nexus);
  control.serial = "HU10450A02";
  EXPECT_EQ(same_drive(archive, control).text, "its Control Device " + folder.path("sg0") +
                                                   " (serial number HU10450A02) is another drive "
                                                   "than its Archive Device " +
                                                   folder.path("tape0") + " (serial number HU10450A01)");
}

TEST_F(TwoDrives, PagesThatAreCutHarmNobody) {
  leads_to(kNst0, "1:0:0:0");
  const auto folder = "sys/devices/pci0000:00/host1/rport-1:0-0/target1:0:0/1:0:0:0/";
  root.write(std::string(folder) + "vpd_pg80", std::string("\x01\x80\x00\x20only", 8));
  root.write(std::string(folder) + "vpd_pg83", std::string("\x01\x83\x00", 3));
  const auto tape = node(kNst0);
  EXPECT_EQ(tape.kind, DeviceNode::Kind::scsi);
  EXPECT_EQ(tape.serial, "");
  EXPECT_EQ(tape.designator, "");
}

}  // namespace
}  // namespace shstore::scsi
