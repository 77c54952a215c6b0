// What an administrator is told that does not work here as it should.
#include "plugin/limits.h"

#include <gmock/gmock.h>

namespace shstore::plugin {
namespace {

using config::SharedDevice;
using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::StartsWith;

SharedDevice limited(const std::string& name, const std::string& control) {
  SharedDevice d;
  d.name = name;
  d.archive_device = "/dev/" + name;
  d.control_device = control;
  return d;
}

struct Limits : testing::Test {
  std::vector<SharedDevice> devices{limited("Drive-0", "/dev/sg0"), limited("Drive-1", "/dev/sg1")};
  LimitFacts facts{devices};
};

TEST_F(Limits, NoneWhereEverythingWorks) { EXPECT_THAT(limits(facts), IsEmpty()); }

TEST_F(Limits, OfTheDaemonAndOfTheDrivesAsTheyAreSaid) {
  facts.daemon = {"a"};
  facts.drives = {"b", "c"};
  EXPECT_THAT(limits(facts), ElementsAre("a", "b", "c"));
}

TEST_F(Limits, EachThingThatCouldNotBeBegun) {
  facts.missing = {"no netlink", "no thread", "no socket", "no room"};
  EXPECT_THAT(limits(facts),
              ElementsAre(AllOf(StartsWith("a reset of a drive"), HasSubstr(": no netlink")),
                          AllOf(HasSubstr("is noticed up to a second later"), HasSubstr(": no thread")),
                          AllOf(StartsWith("shstore-changer unloads no drive that a job uses"), HasSubstr("no socket")),
                          AllOf(StartsWith("shstore-status is not told"), HasSubstr("no room"))));
}

TEST_F(Limits, WhereNobodyTellsOfTheNodesTheyAreLookedAt) {
  const auto said = "where the nodes of a drive lead to is looked at twice a second while a job uses it: ";
  facts.no_nodes = "no watches";
  EXPECT_THAT(limits(facts), ElementsAre(std::string(said) + "no watches"));
  facts.missing.nodes = "no thread";
  EXPECT_THAT(limits(facts), ElementsAre(std::string(said) + "no thread"));
}

// A thread that is missing matters only where the kernel would tell it something.
TEST_F(Limits, WhereNobodyTellsOfAnOpenTheThreadIsNotMissed) {
  facts.no_opens = "inotify: Too many open files";
  facts.missing.opens = "no thread";
  EXPECT_THAT(limits(facts), ElementsAre(AllOf(HasSubstr("is not noticed, and whether a device is open is looked at "
                                                         "twice a second: inotify: Too many open files"))));
}

TEST_F(Limits, WatchOpensOffOnOneDriveIsSaid) {
  devices[1].watch_opens = false;
  EXPECT_THAT(limits(facts), ElementsAre(HasSubstr("watch_opens=0 in storage-ctl.conf")));
}

TEST_F(Limits, AnIdleReleaseNeedsToBeToldOfOpens) {
  devices[0].idle_lock_release = std::chrono::seconds(60);
  EXPECT_THAT(limits(facts), IsEmpty());
  devices[0].watch_opens = false;
  EXPECT_THAT(limits(facts), ElementsAre(HasSubstr("watch_opens=0"), StartsWith("idle_lock_release is off")));
  devices[0].watch_opens = true;
  facts.no_opens = "inotify is not there";
  EXPECT_THAT(limits(facts), ElementsAre(HasSubstr("inotify is not there"), StartsWith("idle_lock_release is off")));
}

TEST_F(Limits, ANoteOfADriveNamesAllItsDevices) {
  devices.push_back(limited("Same-Drive", "/dev/sg0"));
  facts.notes = {{"/dev/sg0", "its control device is another path"}, {"/dev/sg1", ""}};
  EXPECT_THAT(limits(facts), ElementsAre("device \"Drive-0\" (/dev/Drive-0), \"Same-Drive\" (/dev/Same-Drive): its "
                                         "control device is another path"));
}

TEST_F(Limits, JobsThatCannotBeWokenNotifyAndHistory) {
  facts.can_wake = false;
  facts.notify = "/usr/local/bin/page-me could not be told";
  facts.history = "no space left on device";
  EXPECT_THAT(limits(facts), ElementsAre(StartsWith("a job that waits for a drive is not woken"),
                                         "notify: /usr/local/bin/page-me could not be told",
                                         "shstore-status --html will not show what happened to the locks: no space "
                                         "left on device"));
}

}  // namespace
}  // namespace shstore::plugin
