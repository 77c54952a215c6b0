// The lock is on the drive that is written, through the port that writes it.
#include "nodes.h"

namespace shstore::plugin {
namespace {

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

TEST_F(Nodes, WhichSimulatedDriveItIsIsReadAnewWhenTheFileIsAnother) {
  const auto tape = folder + "/tape0";
  SimulatedSerials serials;
  EXPECT_EQ(serials.of(tape), "");
  for (const char* serial : {"HU1", "HU2"}) {
    std::ofstream(tape + ".drive") << serial << '\n';
    EXPECT_EQ(serials.of(tape), serial);
    EXPECT_EQ(serials.of(tape), serial);
  }
  std::filesystem::remove(tape + ".drive");
  EXPECT_EQ(serials.of(tape), "");
}

// Who tells of changes, as the test says.
struct ToldChanges final : NodeChanges {
  Seen seen(const std::string& drive) const override { return drive == of ? now : Seen{}; }
  void try_again(const std::string&) override { ++tried; }
  std::string of;
  Seen now{true, 1};
  int tried = 0;
};

class ToldNodes : public Nodes {
 protected:
  ToldNodes() {
    changes.of = sg0;
    auto w = world();
    w.node = [this, node = w.node](const std::string& path) {
      ++looks;
      if (while_looking) std::exchange(while_looking, {})();
      return node(path);
    };
    w.now = [this] { return now; };
    identity = std::make_shared<DriveIdentity>(DriveNames{{"/dev/nst0"}, sg0}, w, &changes);
    EXPECT_TRUE(identity->look(true).usable());
  }
  // The nodes are looked at again, or not.
  bool looks_again() {
    const int before = looks;
    (void)identity->look_if_changed();
    return looks != before;
  }
  ToldChanges changes;
  std::function<void()> while_looking;
  std::chrono::steady_clock::time_point now{};
  int looks = 0;
};

TEST_F(ToldNodes, AreLookedAtWhenSomethingIsToldAndElseFromTimeToTime) {
  EXPECT_TRUE(identity->changes_are_told());
  EXPECT_FALSE(looks_again());
  ++changes.now.number;
  EXPECT_TRUE(looks_again());
  EXPECT_FALSE(looks_again());
  now += DriveIdentity::kLongest - std::chrono::milliseconds(1);
  EXPECT_FALSE(looks_again());
  now += std::chrono::milliseconds(1);
  EXPECT_TRUE(looks_again());
}

TEST_F(ToldNodes, ThatNobodyTellsOfAreLookedAtEachTime) {
  changes.now.told = false;
  EXPECT_FALSE(identity->changes_are_told());
  EXPECT_TRUE(looks_again());
  EXPECT_TRUE(looks_again());
  EXPECT_EQ(changes.tried, 2) << "and it is tried to have it told";
  changes.now.told = true;
  EXPECT_TRUE(looks_again());
  EXPECT_FALSE(looks_again());
}

TEST_F(ToldNodes, ThatChangeWhileTheyAreLookedAtAreLookedAtAgain) {
  ++changes.now.number;
  while_looking = [&] { ++changes.now.number; };
  EXPECT_TRUE(looks_again());
  EXPECT_TRUE(looks_again());
  EXPECT_FALSE(looks_again());
}

TEST_F(ToldNodes, OfTwoDrivesAreLookedAtUntilTheyAreMended) {
  control_leads_to("/devices/a/drive1");
  ++changes.now.number;
  EXPECT_FALSE(identity->look_if_changed().usable());
  EXPECT_TRUE(looks_again());
  control_leads_to("/devices/a/drive0");
  EXPECT_TRUE(identity->look_if_changed().usable()) << "however little was told";
}

// However much is told: another host's daemon may have the drive by the next moment.
TEST_F(ToldNodes, AreLookedAtEachTimeBeforeTheLockIsTaken) {
  ScsiLockPort p(
      sg0, kKey, false, [] { return false; }, {}, nullptr, identity);
  EXPECT_TRUE(p.path_is_told());
  int before = looks;
  ASSERT_EQ(p.perform(Action::take, false).kind, Kind::done);
  EXPECT_GT(looks, before);
  EXPECT_FALSE(p.path_is_told()) << "nobody tells that the commands to a device of the kernel's wait";
  before = looks;
  EXPECT_EQ(p.unfit(), "");
  EXPECT_EQ(looks, before);
  ASSERT_EQ(p.perform(Action::look, false).kind, Kind::done);
  EXPECT_GT(looks, before) << "and with each proof";
}

}  // namespace
}  // namespace shstore::plugin
