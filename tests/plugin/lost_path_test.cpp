// The path by which the lock was taken goes away.
#include "nodes.h"

namespace shstore::plugin {
namespace {

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

}  // namespace
}  // namespace shstore::plugin
