// reclaim of a lock that hangs on another port of this host, and confirm.
#include <fmt/format.h>
#include <gmock/gmock.h>
#include <unistd.h>

#include "host.h"
#include "reserve/record/confirmed.h"
#include "reserve/record/state_file.h"

namespace shstore::scsi::ctl {
namespace {

using testing::HasSubstr;

// Host cibou's other port, which is dead or unplugged, had the lock.
struct OtherPort : SharedDrive {
  OtherPort() {
    CtlHost dead{target, 2, kCibouKey};
    EXPECT_EQ(dead("lock"), 0);
    cibou.says_yes = true;
  }
  void ports(std::initializer_list<TransportId> all) {
    std::vector<uint64_t> addresses;
    for (const auto& p : all) addresses.push_back(be64(p.port, 0));
    cibou.context.ports = LocalPorts(addresses, {});
  }
};

TEST_F(OtherPort, IsReclaimedIfThisHostHasIt) {
  ports({cibou_port(), third_port()});
  EXPECT_EQ(cibou("trylock"), 24);
  EXPECT_THAT(cibou.err.str(),
              HasSubstr("(\"storage-ctl /dev/sg0 reclaim\" gives it back, if no program of this host uses it)"));
  EXPECT_EQ(cibou("reclaim"), 0) << cibou.err.str();
  EXPECT_TRUE(untouched());
  EXPECT_EQ(cibou("trylock"), 0);
}

TEST_F(OtherPort, IsReclaimedIfThePluginRemembersIt) {
  ports({cibou_port()});
  EXPECT_EQ(cibou("reclaim"), 4);
  EXPECT_THAT(cibou.err.str(), HasSubstr("is registered by a port that is not known to be this host's"));
  EXPECT_TRUE(state().held_by(kCibouKey));
  cibou.context.memory = [&] { return PluginMemory{{third_port().text()}}; };
  EXPECT_EQ(cibou("reclaim"), 0) << cibou.err.str();
  EXPECT_TRUE(untouched());
}

TEST_F(OtherPort, IsNotReclaimedFromALivingDaemon) {
  ports({cibou_port(), third_port()});
  cibou.context.memory = [] { return PluginMemory{{}, "cibou-sd (bacula-sd, pid 812)"}; };
  EXPECT_EQ(cibou("reclaim"), 4);
  EXPECT_THAT(cibou.err.str(), HasSubstr("cibou-sd (bacula-sd, pid 812) uses it: nothing was changed"));
  EXPECT_TRUE(state().held_by(kCibouKey));
}

TEST_F(OtherPort, IsNotReclaimedWhileAnybodyHasTheTapeOpen) {
  ports({cibou_port(), third_port()});
  cibou.context.tape_users = [] { return TapeUsers{{"tar (pid 7)"}, false}; };
  EXPECT_EQ(cibou("reclaim"), 4);
  EXPECT_TRUE(state().held_by(kCibouKey));
  cibou.context.tape_users = [] { return TapeUsers{{}, true}; };
  cibou.says_yes = false;
  EXPECT_EQ(cibou("reclaim"), 4);
  EXPECT_THAT(cibou.err.str(),
              HasSubstr("whether a program of another user has its tape open cannot be seen by this user"));
  EXPECT_TRUE(state().held_by(kCibouKey));
}

TEST_F(OtherPort, IsReclaimedFromUnderAnotherHostsEyes) {
  ports({cibou_port(), third_port()});
  dir("register");
  EXPECT_EQ(cibou("reclaim"), 0) << cibou.err.str();
  EXPECT_EQ(state().keys, std::vector<ReservationKey>{kDirKey});
  EXPECT_FALSE(state().reservation);
}

// What the plugins' state files say.
struct Memory : testing::Test {
  TemporaryFolder folder;
  std::string device = folder.write("sg0", "");
  record::SdState state() {
    record::SdState s;
    s.sd_name = "cibou-sd";
    s.pid = ::getpid();
    s.pid_started = record::process_start(s.pid);
    s.pid_namespace = record::pid_namespace();
    record::DriveState drive;
    drive.name = "Drive-0";
    drive.control_device = device;
    drive.locked = true;
    drive.locked_drive = record::LockedDrive{"HU1", "", "", "iqn.x,i,0x00023d000002", "sign"};
    s.drives = {drive};
    return s;
  }
  PluginMemory memory(const record::SdState& s, const std::string& sign = "sign") {
    EXPECT_TRUE(record::write_state(path, s));
    return plugin_memory(device, state_files("", folder.path()), sign);
  }
  std::string path = folder.path("cibou-sd.shstore.json");
};

TEST_F(Memory, OfThisMachineCounts) {
  const auto m = memory(state());
  EXPECT_EQ(m.ports, std::vector<std::string>{"iqn.x,i,0x00023d000002"});
  EXPECT_EQ(m.user, fmt::format("cibou-sd (bacula-sd, pid {})", ::getpid()));
  EXPECT_EQ(m.states, std::vector<std::string>{path});
}

TEST_F(Memory, OfAClonedMachineDoesNot) {
  EXPECT_TRUE(memory(state(), "another").ports.empty());
  EXPECT_TRUE(memory(state(), "").ports.empty()) << "a machine without a sign knows nothing for sure";
}

TEST_F(Memory, OfAnotherDriveDoesNot) {
  auto s = state();
  s.drives[0].control_device = "/dev/sg7";
  EXPECT_TRUE(memory(s).states.empty());
}

TEST_F(Memory, OfADeadDaemonClaimsNothing) {
  auto s = state();
  s.pid = 0x7ffffffe;
  EXPECT_EQ(memory(s).user, "");
  s = state();
  s.running = false;
  EXPECT_EQ(memory(s).user, "");
  s = state();
  s.drives[0].locked = false;
  EXPECT_EQ(memory(s).user, "");
}

TEST_F(Memory, ThatCannotBeReadIsTold) {
  folder.write("broken.shstore.json", "{");
  EXPECT_NE(memory(state()).untold, "");
}

struct ConfirmDrive : SharedDrive {
  TemporaryFolder folder;
  std::string state_file = folder.path("cibou-sd.shstore.json");
  ConfirmDrive() {
    cibou.context.options.control = "/dev/sg0";
    cibou.context.options.archive = "/dev/nst0";
    cibou.context.memory = [this] { return PluginMemory{{}, "", "", {state_file}}; };
  }
};

TEST_F(ConfirmDrive, WritesDownWhichOneItIs) {
  EXPECT_EQ(cibou("confirm"), 4) << "it asks";
  cibou.says_yes = true;
  EXPECT_EQ(cibou("confirm"), 0);
  EXPECT_EQ(
      cibou.err.str(),
      "storage-ctl: /dev/nst0 and /dev/sg0 are the drive with serial number HU10450A01: jobs may use it by this name from now on\n");
  EXPECT_EQ(record::read_confirmed(folder.path("cibou-sd.shstore.confirmed")),
            (std::vector<record::Confirmed>{{"/dev/sg0", "HU10450A01", ""}}));
}

TEST_F(ConfirmDrive, NeedsToKnowForWhom) {
  cibou.says_yes = true;
  cibou.context.memory = [] { return PluginMemory{}; };
  EXPECT_EQ(cibou("confirm"), 2);
  cibou.context.options.archive.clear();
  EXPECT_EQ(cibou("confirm"), 1);
}

}  // namespace
}  // namespace shstore::scsi::ctl
