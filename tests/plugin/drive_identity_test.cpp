// The lock is on the drive that is written, through the port that writes it: a host with two paths to one drive and one to another,
// of which shstore-target's sockets are the nexuses and a made-up sysfs says which node is which.
#include "plugin/drive_identity.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <map>
#include <set>
#include <thread>

#include "plugin/scsi_lock_port.h"
#include "reserve/record/confirmed.h"
#include "scsi/target/server.h"

namespace shstore::plugin {
namespace {

using reserve::Action;
using Kind = reserve::Outcome::Kind;
using Node = scsi::DeviceNode::Kind;

constexpr const char* kSan = R"({
  "drives": [{"name": "drive0", "vendor": "HP", "product": "Ultrium", "revision": "1", "serial": "HU1"},
             {"name": "drive1", "vendor": "HP", "product": "Ultrium", "revision": "1", "serial": "HU2"}],
  "initiators": [
    {"name": "a", "wwpn": "2101001b322173ee", "devices": {"drive0": "drive0", "drive1": "drive1"}},
    {"name": "b", "wwpn": "2101001b322173ef", "devices": {"drive0": "drive0"}},
    {"name": "c", "wwpn": "2100001b321f4365", "devices": {"drive0": "drive0"}}]})";
constexpr scsi::ReservationKey kKey{0xbac001};

class Nodes : public testing::Test {
 protected:
  Nodes() {
    EXPECT_NE(::mkdtemp(folder.data()), nullptr);
    sg0 = folder + "/sg0";
    EXPECT_EQ(::pipe(stop), 0);
    auto opened = scsi::target::Server::open(target, folder);
    EXPECT_TRUE(opened) << opened.error().message;
    server.emplace(std::move(*opened));
    thread = std::thread([this] { EXPECT_TRUE(server->run(stop[0])); });
    for (const auto& [device, serial] : {std::pair{"a/drive0", "HU1"}, {"a/drive1", "HU2"}, {"b/drive0", "HU1"}}) {
      scsi::DeviceNode node{folder + '/' + device, Node::scsi};
      node.device = std::string("/devices/") + device;
      node.generic = node.path;
      node.serial = serial;
      devices[node.device] = node;
      nodes[node.path] = node.device;
    }
    nodes["/dev/nst0"] = "/devices/a/drive0";
    control_leads_to("/devices/a/drive0");
  }
  ~Nodes() override {
    EXPECT_EQ(::write(stop[1], "x", 1), 1);
    thread.join();
    server.reset();
    ::close(stop[0]);
    ::close(stop[1]);
    std::filesystem::remove_all(folder);
  }

  // The Control Device is another link to that one's nexus now.
  void control_leads_to(const std::string& device) {
    nodes[sg0] = device;
    std::filesystem::remove(sg0);
    std::filesystem::create_symlink(devices.contains(device) ? devices[device].generic : folder + "/gone", sg0);
  }
  void all_lead_to(const std::string& device) {
    nodes["/dev/nst0"] = device;
    control_leads_to(device);
  }

  DeviceWorld world() {
    DeviceWorld w;
    w.node = [this](const std::string& path) {
      scsi::DeviceNode none{path, Node::absent, "No such file or directory"};
      const auto node = nodes.find(path);
      if (node == nodes.end() || !devices.contains(node->second)) return none;
      auto found = devices[node->second];
      found.path = path;
      return found;
    };
    w.generic = [this](const std::string& device) {
      return devices.contains(device) ? devices[device].generic : std::string{};
    };
    w.exists = [this](const std::string& device) { return devices.contains(device); };
    w.tape_is_open = [this](const std::string& device) { return open.contains(device); };
    w.usable = [this](const std::string& device) { return devices.contains(device) && !unusable.contains(device); };
    w.users = [this](const scsi::DeviceNode&) { return scsi::TapeUsers{tape_users, true}; };
    w.ports = [this] { return scsi::LocalPorts(ports, {}); };
    w.robot = [this](const std::string&, uint32_t) { return robot; };
    return w;
  }
  // Of a daemon whose Device has /dev/nst0 and /dev/sg0.
  ScsiLockPort port() {
    DriveNames names{{"/dev/nst0"}, sg0};
    names.machine = "this machine";
    identity = std::make_shared<DriveIdentity>(names, world());
    return ScsiLockPort(
        sg0, kKey, false, [this] { return open.contains(nodes["/dev/nst0"]); }, {}, nullptr, identity);
  }
  // The port of the nexus that holds that drive; empty: nobody does.
  std::string holder(const std::string& drive = "drive0") {
    const auto transport = scsi::open_transport(folder + "/a/" + drive);
    scsi::LogicalUnit unit(**transport);
    const auto status = unit.read_full_status().value();
    for (const auto& r : status.registrants) {
      if (r.reservation_holder) return r.initiator.text();
    }
    return {};
  }
  size_t registrations(const std::string& drive = "drive0") {
    const auto transport = scsi::open_transport(folder + "/a/" + drive);
    scsi::LogicalUnit unit(**transport);
    return unit.read_keys()->keys.size();
  }

  static constexpr const char* kPortA = "21:01:00:1b:32:21:73:ee";
  static constexpr const char* kPortB = "21:01:00:1b:32:21:73:ef";
  static constexpr const char* kPortC = "21:00:00:1b:32:1f:43:65";
  std::string folder = "/tmp/shstore-pair-XXXXXX";
  std::string sg0;  // the Control Device's name
  int stop[2] = {-1, -1};
  scsi::target::Target target{*scsi::target::parse_san(kSan, "san.json")};
  std::optional<scsi::target::Server> server;
  std::thread thread;
  std::map<std::string, scsi::DeviceNode> devices;  // by device
  std::map<std::string, std::string> nodes;         // path -> device
  std::set<std::string> open;                       // devices of which this daemon has a tape node open
  std::set<std::string> unusable;                   // devices that no command reaches
  std::vector<uint64_t> ports = {0x2101001b322173ee, 0x2101001b322173ef};  // a and b
  std::vector<std::string> tape_users;                                     // other processes that have the tape open
  std::string robot;                                                       // what it says
  std::shared_ptr<DriveIdentity> identity;
};

TEST_F(Nodes, OfOnePathAreLockedByIt) {
  auto p = port();
  EXPECT_EQ(p.perform(Action::take, false).kind, Kind::done);
  EXPECT_EQ(holder(), kPortA);
  EXPECT_EQ(identity->note() + identity->refusal(), "");
  EXPECT_EQ(p.perform(Action::release, false).kind, Kind::done);
  EXPECT_EQ(registrations(), 0u);
}

TEST_F(Nodes, OfTwoDrivesLockNeither) {
  control_leads_to("/devices/a/drive1");
  auto p = port();
  for (const auto action : {Action::recover, Action::look, Action::join, Action::take}) {
    const auto outcome = p.perform(action, false);
    EXPECT_EQ(outcome.kind, Kind::failed);
    EXPECT_EQ(outcome.text, "its Control Device " + sg0 +
                                " (drive1, serial number HU2) is another drive than its Archive Device /dev/nst0 "
                                "(drive0, serial number HU1)");
  }
  EXPECT_EQ(identity->refusal(), p.perform(Action::take, false).text);
  EXPECT_EQ(registrations("drive0") + registrations("drive1"), 0u);
}

// udev deals the links of one drive out over its paths.
TEST_F(Nodes, OfTwoPathsAreLockedByTheOneThatWrites) {
  control_leads_to("/devices/b/drive0");
  auto p = port();
  EXPECT_EQ(p.perform(Action::take, false).kind, Kind::done);
  EXPECT_EQ(holder(), kPortA);
  EXPECT_NE(identity->note(), "");
}

TEST_F(Nodes, DealtOutAnewBetweenTwoJobsAreFollowed) {
  auto p = port();
  ASSERT_EQ(p.perform(Action::take, false).kind, Kind::done);
  ASSERT_EQ(p.perform(Action::release, false).kind, Kind::done);
  nodes["/dev/nst0"] = "/devices/b/drive0";
  EXPECT_EQ(p.perform(Action::take, false).kind, Kind::done);
  EXPECT_EQ(holder(), kPortB);
  EXPECT_EQ(registrations(), 1u);
}

TEST_F(Nodes, DealtOutAnewWhileAJobWritesChangeNothingForIt) {
  auto p = port();
  ASSERT_EQ(p.perform(Action::take, false).kind, Kind::done);
  open = {"/devices/a/drive0"};
  nodes["/dev/nst0"] = "/devices/b/drive0";
  const auto seen = p.perform(Action::look, false);
  ASSERT_EQ(seen.kind, Kind::done) << seen.text;
  EXPECT_TRUE(seen.reading->ours) << "it writes through the nexus that has the lock";
  EXPECT_TRUE(p.device_open());
  EXPECT_EQ(p.perform(Action::release, false).kind, Kind::still_open) << "the device is open, by whatever name";
  EXPECT_EQ(holder(), kPortA);
}

TEST_F(Nodes, ThatComeToBeOfTwoDrivesWhileAJobWritesAreForNoOther) {
  auto p = port();
  ASSERT_EQ(p.perform(Action::take, false).kind, Kind::done);
  EXPECT_EQ(p.unfit(), "");
  open = {"/devices/a/drive0"};
  control_leads_to("/devices/a/drive1");
  const auto two =
      "its Control Device " + sg0 +
      " (drive1, serial number HU2) is another drive than its Archive Device /dev/nst0 (drive0, serial number HU1)";
  EXPECT_EQ(p.unfit(), two);
  const auto seen = p.perform(Action::look, false);
  ASSERT_EQ(seen.kind, Kind::done) << seen.text;
  EXPECT_TRUE(seen.reading->ours) << "the job that writes does so under its lock";
  open.clear();
  EXPECT_EQ(p.perform(Action::release, false).kind, Kind::done);
  EXPECT_EQ(registrations("drive0") + registrations("drive1"), 0u);
  EXPECT_EQ(p.perform(Action::take, false).text, two);
}

TEST_F(Nodes, OfWhichTheArchivesComesToBeAnotherDrivesWhileAJobWritesAreForNoOther) {
  auto p = port();
  ASSERT_EQ(p.perform(Action::take, false).kind, Kind::done);
  open = {"/devices/a/drive0"};
  nodes["/dev/nst0"] = "/devices/a/drive1";
  const auto two =
      "its Control Device " + sg0 +
      " (drive0, serial number HU1) is another drive than its Archive Device /dev/nst0 (drive1, serial number HU2)";
  EXPECT_EQ(p.unfit(), two);
  EXPECT_TRUE(p.perform(Action::look, false).reading->ours);
  open.clear();
  const auto closed = p.perform(Action::look, false);
  EXPECT_TRUE(closed.path_gone) << "it would be opened again as the other drive";
  EXPECT_EQ(closed.text, two);
  EXPECT_EQ(p.perform(Action::release, false).kind, Kind::done) << "on the drive that it was";
  EXPECT_EQ(registrations("drive0") + registrations("drive1"), 0u);
}

// Between two Volumes the device is closed; it would be opened again by the other path, whose writes the lock refuses.
TEST_F(Nodes, DealtOutAnewWhileAJobHasItClosedFailTheJob) {
  auto p = port();
  ASSERT_EQ(p.perform(Action::take, false).kind, Kind::done);
  nodes["/dev/nst0"] = "/devices/b/drive0";
  const auto seen = p.perform(Action::look, false);
  EXPECT_EQ(seen.kind, Kind::failed);
  EXPECT_TRUE(seen.path_gone);
  EXPECT_EQ(p.perform(Action::release, false).kind, Kind::done) << "by the path that has it";
  EXPECT_EQ(holder(), "");
  EXPECT_EQ(registrations(), 0u);
}

TEST_F(Nodes, ThatChangeWhileTheLockIsTakenGetNone) {
  auto w = world();
  unsigned looks = 0;
  const auto node = w.node;
  w.node = [&](const std::string& path) {
    if (path == "/dev/nst0" && ++looks == 2) nodes["/dev/nst0"] = "/devices/b/drive0";
    return node(path);
  };
  identity = std::make_shared<DriveIdentity>(DriveNames{{"/dev/nst0"}, sg0}, w);
  ScsiLockPort p(
      sg0, kKey, false, [] { return false; }, {}, nullptr, identity);
  EXPECT_EQ(p.perform(Action::take, false).text,
            "the device nodes have changed while its lock was being taken; it was given back");
  EXPECT_EQ(registrations(), 0u);
}

TEST_F(Nodes, AWaitingHostMovesItsRegistrationWithThem) {
  {
    const auto transport = scsi::open_transport(folder + "/a/drive0");
    scsi::LogicalUnit unit(**transport);
    ASSERT_TRUE(scsi::DriveLock(unit, {0xbac999}).try_lock());
  }
  all_lead_to("/devices/b/drive0");
  auto p = port();
  EXPECT_EQ(p.perform(Action::take, false).kind, Kind::blocked);
  EXPECT_EQ(registrations(), 2u);
  all_lead_to("/devices/a/drive1");
  EXPECT_EQ(p.perform(Action::take, false).kind, Kind::done);
  EXPECT_EQ(registrations("drive0"), 1u) << "it waits there no longer";
}

TEST_F(Nodes, WhoseDriveIsGoneAreGoneWithTheLock) {
  auto p = port();
  ASSERT_EQ(p.perform(Action::take, false).kind, Kind::done);
  devices.erase("/devices/a/drive0");
  const auto seen = p.perform(Action::look, false);
  EXPECT_EQ(seen.kind, Kind::failed);
  EXPECT_TRUE(seen.path_gone);
  control_leads_to("/devices/b/drive0");
  EXPECT_EQ(p.perform(Action::take, false).text,
            "its Archive Device /dev/nst0 is not there: No such file or directory");
}

TEST_F(Nodes, WhoseGenericNodeIsAnothersAreNotLocked) {
  control_leads_to("/devices/b/drive0");
  nodes[folder + "/a/drive0"] = "/devices/a/drive1";
  auto p = port();
  EXPECT_EQ(p.perform(Action::take, false).text,
            folder + "/a/drive0 is not the generic device of the drive that is written");
}

TEST_F(Nodes, TwoDevicesWithOneControlDeviceMustBeOneDrive) {
  nodes["/dev/nst1"] = "/devices/a/drive1";
  DriveIdentity both(DriveNames{{"/dev/nst0", "/dev/nst1"}, sg0}, world());
  EXPECT_FALSE(both.look(true).usable());
  EXPECT_NE(both.refusal(), "");
  nodes["/dev/nst1"] = "/devices/a/drive0";
  EXPECT_TRUE(both.look(true).usable());
  nodes["/dev/nst1"] = "/devices/b/drive0";
  EXPECT_FALSE(both.look(true).usable());
  EXPECT_EQ(both.refusal(),
            "its Control Device " + sg0 +
                " is also that of another Device, and their Archive Devices /dev/nst0 (drive0, "
                "serial number HU1) and /dev/nst1 (drive0, serial number HU1) are not one drive by one path");
}

// ---- the path by which the lock was taken goes away

TEST_F(Nodes, WhosePathWentTakeTheirLockAlongByTheOther) {
  auto p = port();
  ASSERT_EQ(p.perform(Action::take, false).kind, Kind::done);
  devices.erase("/devices/a/drive0");
  all_lead_to("/devices/b/drive0");
  EXPECT_TRUE(p.perform(Action::look, false).path_gone) << "the job that had it fails";
  EXPECT_EQ(holder(), kPortA) << "and its lock keeps everybody out";
  const auto released = p.perform(Action::release, false);
  EXPECT_EQ(released.kind, Kind::done) << released.text;
  EXPECT_EQ(registrations(), 0u);
  EXPECT_EQ(p.perform(Action::take, false).kind, Kind::done);
  EXPECT_EQ(holder(), kPortB);
}

TEST_F(Nodes, WhosePathWentWhileAJobWaitedLeaveNothingThere) {
  const auto transport = scsi::open_transport(folder + "/c/drive0");
  scsi::LogicalUnit unit(**transport);
  scsi::DriveLock other(unit, {0xbac999});
  ASSERT_TRUE(other.try_lock()->held);
  auto p = port();
  ASSERT_EQ(p.perform(Action::join, false).kind, Kind::done);
  devices.erase("/devices/a/drive0");
  all_lead_to("/devices/b/drive0");
  EXPECT_EQ(p.perform(Action::take, false).kind, Kind::blocked) << "the wait goes on by the other path";
  EXPECT_EQ(registrations(), 2u) << "the port that is gone keeps the place in the queue";
  ASSERT_TRUE(other.unlock());
  ASSERT_TRUE(other.unregister());
  const auto taken = p.perform(Action::take, false);
  ASSERT_EQ(taken.kind, Kind::done) << taken.text;
  EXPECT_TRUE(taken.reading->ours);
  EXPECT_EQ(registrations(), 1u);
  EXPECT_EQ(holder(), kPortB);
  EXPECT_TRUE(p.perform(Action::look, false).reading->ours);
  EXPECT_EQ(p.perform(Action::release, false).kind, Kind::done);
  EXPECT_EQ(registrations(), 0u);
}

TEST_F(Nodes, WhosePathIsDeadButThereAreTheSame) {
  auto p = port();
  ASSERT_EQ(p.perform(Action::take, false).kind, Kind::done);
  unusable = {"/devices/a/drive0"};
  EXPECT_EQ(p.perform(Action::look, false).kind, Kind::done) << "there is no other path yet: it may come back";
  all_lead_to("/devices/b/drive0");
  EXPECT_TRUE(p.perform(Action::look, false).path_gone);
  EXPECT_EQ(p.perform(Action::release, false).kind, Kind::done);
  EXPECT_EQ(registrations(), 0u);
}

TEST_F(Nodes, WhoseTapeSomebodyHasOpenKeepTheirLock) {
  auto p = port();
  ASSERT_EQ(p.perform(Action::take, false).kind, Kind::done);
  devices.erase("/devices/a/drive0");
  all_lead_to("/devices/b/drive0");
  p.perform(Action::look, false);
  tape_users = {"tar (pid 7)"};
  EXPECT_EQ(p.perform(Action::release, false).text,
            "it is locked under this host's own key by " + std::string(kPortA) +
                ", and tar (pid 7) has its tape open. If no program of this host "
                "uses it, \"storage-ctl " +
                sg0 + " reclaim\" gives it back");
  EXPECT_EQ(holder(), kPortA);
  tape_users.clear();
  open = {"/devices/a/drive0"};
  EXPECT_EQ(p.perform(Action::release, false).kind, Kind::still_open) << "this daemon itself has the old node open";
}

TEST_F(Nodes, WhosePathWentWhileAnotherHostTookTheDriveLeaveItAlone) {
  auto p = port();
  ASSERT_EQ(p.perform(Action::take, false).kind, Kind::done);
  devices.erase("/devices/a/drive0");
  all_lead_to("/devices/b/drive0");
  p.perform(Action::look, false);
  {
    const auto transport = scsi::open_transport(folder + "/c/drive0");
    scsi::LogicalUnit unit(**transport);
    scsi::DriveLock other(unit, {0xbac999});
    ASSERT_TRUE(other.clear());
    ASSERT_TRUE(other.try_lock()->held);
  }
  EXPECT_EQ(p.perform(Action::release, false).kind, Kind::done) << "nothing of ours is left";
  EXPECT_EQ(p.perform(Action::take, false).kind, Kind::blocked);
  EXPECT_EQ(holder(), kPortC);
}

// ---- a life before this one

struct Lives : Nodes {
  // The daemon is killed while it has the lock by path a, and comes by path b.
  void die() {
    auto p = port();
    ASSERT_EQ(p.perform(Action::take, false).kind, Kind::done);
    before = identity->remembered();
    ports = {0x2101001b322173ef};  // the adapter of a was taken out
    all_lead_to("/devices/b/drive0");
  }
  ScsiLockPort next_life(const std::string& sign = "this machine", bool was_locked = true) {
    DriveNames names{{"/dev/nst0"}, sg0};
    names.machine = sign;
    names.before = before;
    names.was_locked = was_locked;
    identity = std::make_shared<DriveIdentity>(names, world());
    return ScsiLockPort(
        sg0, kKey, true, [] { return false; }, {}, nullptr, identity);
  }
  std::optional<record::LockedDrive> before;
};

TEST_F(Lives, TheNextOneGivesBackWhatTheLastOneTookByAnotherPort) {
  die();
  auto p = next_life();
  const auto outcome = p.perform(Action::recover, false);
  EXPECT_EQ(outcome.kind, Kind::done) << outcome.text;
  EXPECT_EQ(registrations(), 0u);
}

TEST_F(Lives, AFibreChannelPortThatIsThereNeedsNoMemory) {
  die();
  ports.push_back(0x2101001b322173ee);
  before->machine = "unknown";
  auto p = next_life();
  EXPECT_EQ(p.perform(Action::recover, false).kind, Kind::done);
  EXPECT_EQ(registrations(), 0u);
}

TEST_F(Lives, OfAnotherMachineHaveNothingInCommon) {
  die();
  for (const char* sign : {"a cloned machine", ""}) {
    auto p = next_life(sign);
    EXPECT_EQ(p.perform(Action::recover, false).kind, Kind::failed);
    EXPECT_EQ(holder(), kPortA);
    EXPECT_EQ(p.perform(Action::take, false).kind, Kind::failed);
    EXPECT_EQ(holder(), kPortA);
  }
}

TEST_F(Lives, ALockTakenByHandIsNotGivenBack) {
  die();
  auto p = next_life("this machine", false);
  p.perform(Action::recover, false);
  EXPECT_EQ(holder(), kPortA);
  EXPECT_NE(p.perform(Action::take, false).kind, Kind::done);
  EXPECT_EQ(registrations(), 1u);
}

// ---- another drive by the same name

struct Exchanged : Nodes {
  Exchanged() {
    names.archives = {"/dev/nst0"};
    names.control = sg0;
    names.state = folder + "/cibou-sd.shstore.json";
    names.before = record::LockedDrive{"HU1", "", "drive0", "", ""};
    all_lead_to("/devices/a/drive1");
  }
  DriveNames names;
};

TEST_F(Exchanged, IsTakenOverWhereSysfsProvesThePair) {
  DriveIdentity drive(names, world());
  EXPECT_TRUE(drive.look(true).usable());
  EXPECT_EQ(
      drive.note(),
      "it is another drive now (serial number HU2) than the one that was locked last by this name (serial number HU1): it "
      "was exchanged, and is used");
  drive.locked("");
  EXPECT_EQ(drive.remembered()->serial, "HU2");
}

TEST_F(Exchanged, InALibraryTheRobotMustNameIt) {
  names.in_changer = true;
  names.index = 1;
  DriveIdentity drive(names, world());
  EXPECT_FALSE(drive.look(true).usable());
  EXPECT_EQ(
      drive.refusal(),
      "/dev/nst0 is another drive now (serial number HU2) than the one that was locked last by this name (serial number "
      "HU1), and the robot does not name it as drive 1. If that is right, \"storage-ctl " +
          sg0 +
          " confirm --archive "
          "/dev/nst0 --state " +
          folder + "/cibou-sd.shstore.json\" lets jobs use it");
  robot = "HU3";
  EXPECT_FALSE(drive.look(true).usable());
  robot = "HU2";
  EXPECT_TRUE(drive.look(true).usable());
  robot.clear();
  EXPECT_TRUE(drive.look(true).usable()) << "once is enough";
}

TEST_F(Exchanged, OrAPersonMayConfirmIt) {
  names.in_changer = true;
  DriveIdentity drive(names, world());
  ASSERT_FALSE(drive.look(true).usable());
  ASSERT_TRUE(record::write_confirmed(record::confirmed_path(names.state), {sg0, "HU3", ""}));
  EXPECT_FALSE(drive.look(true).usable()) << "another one was confirmed";
  ASSERT_TRUE(record::write_confirmed(record::confirmed_path(names.state), {sg0, "HU2", ""}));
  EXPECT_TRUE(drive.look(true).usable());
}

TEST_F(Exchanged, NothingWasAtFirstSight) {
  names.before.reset();
  DriveIdentity drive(names, world());
  EXPECT_TRUE(drive.look(true).usable());
  EXPECT_EQ(drive.note(), "");
}

// The demo's kind of drives: nobody but a file beside the tape says which one it is.
TEST_F(Nodes, OfSimulatedDrivesAreToldByTheTarget) {
  const auto tape = folder + "/tape0";
  std::ofstream(tape) << "";
  DriveIdentity untold(DriveNames{{tape}, folder + "/a/drive0"});
  EXPECT_TRUE(untold.look(true).usable());
  EXPECT_EQ(untold.note(), "that Archive Device " + tape + " and Control Device " + folder +
                               "/a/drive0 are one drive cannot be proven: they are no devices of the kernel's");
  std::ofstream(tape + ".drive") << "HU1\n";
  DriveIdentity right(DriveNames{{tape}, folder + "/a/drive0"}), wrong(DriveNames{{tape}, folder + "/a/drive1"});
  EXPECT_EQ(right.look(false).text, "") << "it is asked when the lock is taken";
  EXPECT_EQ(right.look(true).kind, scsi::SameDrive::Kind::one_nexus);
  EXPECT_EQ(wrong.look(true).kind, scsi::SameDrive::Kind::two_drives);
}

}  // namespace
}  // namespace shstore::plugin
