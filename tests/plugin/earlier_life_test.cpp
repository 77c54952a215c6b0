// What a life of the daemon before this one has left, and another drive by the same name.
#include "nodes.h"

namespace shstore::plugin {
namespace {

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

}  // namespace
}  // namespace shstore::plugin
