// A site's own lock script, as an administrator would write it.
#include "plugin/command_lock_port.h"

#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <csignal>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <thread>

#include "scsi/drive_lock.h"
#include "served_target.h"

namespace shstore::plugin {
namespace {

using reserve::Action;
using Kind = reserve::Outcome::Kind;

class CommandLock : public testing::Test {
 protected:
  CommandLock() {
    EXPECT_NE(::mkdtemp(folder.data()), nullptr);
    // The lock is a file with the holder's key in it.
    script(R"sh(#!/bin/sh
lock=$1 me=0xbac001
echo "$*" >>"$lock.calls"
case $2 in
trylock) [ -e "$lock" ] && [ "$(cat "$lock")" != $me ] && exit 24; echo $me >"$lock" ;;
unlock) [ "$(cat "$lock" 2>/dev/null)" != $me ] || rm "$lock" ;;
wholocked) cat "$lock" ;;
*) echo "unknown operation $2" >&2; exit 1 ;;
esac
)sh");
    device.command = {program(), "%l", "%o"};
    device.control_device = folder + "/lock of drive 0";
  }
  ~CommandLock() override { std::filesystem::remove_all(folder); }

  std::string program() const { return folder + "/site-lock"; }
  void script(const std::string& text) {
    std::ofstream(program()) << text;
    ::chmod(program().c_str(), 0755);
  }
  std::string read(const std::string& path) const {
    std::ifstream file(path);
    return {std::istreambuf_iterator<char>(file), {}};
  }
  std::string calls() const { return read(device.control_device + ".calls"); }
  CommandLockPort port(bool reclaim = false, std::chrono::milliseconds deadline = std::chrono::seconds(30)) {
    return CommandLockPort(
        device, reclaim, [this] { return device_open; }, deadline);
  }
  std::string folder = "/tmp/shstore-command-XXXXXX";
  config::SharedDevice device;
  bool device_open = false;
};

TEST_F(CommandLock, TakesProvesAndGivesBack) {
  auto p = port();
  EXPECT_FALSE(p.can_look());
  EXPECT_EQ(p.perform(Action::take, false).kind, Kind::done);
  EXPECT_EQ(p.perform(Action::take, false).kind, Kind::done);
  EXPECT_EQ(read(device.control_device), "0xbac001\n");
  EXPECT_EQ(p.perform(Action::release, false).kind, Kind::done);
  EXPECT_FALSE(std::filesystem::exists(device.control_device));
  const auto& lock = device.control_device;
  EXPECT_EQ(calls(), lock + " trylock\n" + lock + " trylock\n" + lock + " unlock\n" + lock + " unregister\n");
}

// It did what it should, and then died, hung or said something else.
TEST_F(CommandLock, ALockThatMayHaveBeenTakenIsGivenBackWhenNobodyWantsItAnyMore) {
  script(R"sh(#!/bin/sh
echo "$2" >>"$1.calls"
case $2 in
trylock) touch "$1"; exit 9 ;;
unlock) rm -f "$1" ;;
esac
)sh");
  auto p = port();
  EXPECT_EQ(p.perform(Action::take, false).kind, Kind::failed);
  EXPECT_TRUE(std::filesystem::exists(device.control_device));
  EXPECT_EQ(p.perform(Action::unregister, false).kind, Kind::done);
  EXPECT_FALSE(std::filesystem::exists(device.control_device));
  EXPECT_EQ(p.perform(Action::unregister, false).kind, Kind::done);
  EXPECT_EQ(calls(), "trylock\nunlock\nunregister\nunregister\n") << "once, and not where it is known";
}

TEST_F(CommandLock, ACommandThatCannotBeStartedHasTakenNothing) {
  device.command = {folder + "/not there", "%l", "%o"};
  auto p = port();
  EXPECT_EQ(p.perform(Action::take, false).kind, Kind::failed);
  EXPECT_EQ(p.perform(Action::unregister, false).kind, Kind::done) << "there is nothing to give back";
}

TEST_F(CommandLock, AllThatACommandWritesIsThereForWhoeverLooksForAFault) {
  script("#!/bin/sh\necho first line; echo second line >&2\n");
  std::string written;
  CommandLockPort p(
      device, false, [] { return false; }, std::chrono::seconds(30), [&](const std::string& text) { written += text; });
  EXPECT_EQ(p.perform(Action::take, false).kind, Kind::done);
  EXPECT_NE(written.find("trylock: status 0, output: first line\nsecond line"), written.npos) << written;
}

TEST_F(CommandLock, AnotherHostsLockIsABlockadeWithItsName) {
  std::ofstream(device.control_device) << "0xbac999\n";
  auto p = port();
  auto outcome = p.perform(Action::take, false);
  EXPECT_EQ(outcome.kind, Kind::blocked);
  EXPECT_EQ(outcome.holder, "0xbac999");
  EXPECT_EQ(p.perform(Action::release, true).kind, Kind::done);
  EXPECT_EQ(read(device.control_device), "0xbac999\n");
  script("#!/bin/sh\n[ $2 = trylock ] && exit 24\nexit 1\n");
  outcome = p.perform(Action::take, false);
  EXPECT_EQ(outcome.kind, Kind::blocked);
  EXPECT_EQ(outcome.holder, "") << "a script without wholocked";
}

TEST_F(CommandLock, AnErrorHasTheStatusAndTheLastLine) {
  script("#!/bin/sh\necho first\necho 'no such device' >&2\nexit 15\n");
  const auto outcome = port().perform(Action::take, false);
  EXPECT_EQ(outcome.kind, Kind::failed);
  EXPECT_EQ(outcome.text, "the Lock Command's \"trylock\" ended with status 15: no such device");
  script("#!/bin/sh\nexit 3\n");
  EXPECT_EQ(port().perform(Action::release, false).text,
            "the Lock Command's \"unlock\" ended with status 3, saying nothing");
}

TEST_F(CommandLock, AProgramThatIsNotThereIsAReason) {
  std::filesystem::remove(program());
  EXPECT_EQ(port().perform(Action::take, false).text, "cannot run " + program() + ": No such file or directory");
}

TEST_F(CommandLock, OneThatHangsIsKilledWithWhatItStarted) {
  script("#!/bin/sh\nsleep 600 &\necho $! >\"$1.child\"\nsleep 600\n");
  const auto outcome = port(false, std::chrono::seconds(3)).perform(Action::take, false);
  EXPECT_EQ(outcome.text, "the Lock Command's \"trylock\" has not ended within 3 s");
  const auto child = read(device.control_device + ".child");
  ASSERT_NE(child, "");
  const auto gone = [&] {
    const auto stat = read("/proc/" + child.substr(0, child.size() - 1) + "/stat");
    return stat.empty() || stat.find(") Z") != stat.npos;
  };
  while (!gone()) ::usleep(5000);
}

TEST_F(CommandLock, NothingIsReleasedWhileTheDeviceIsOpen) {
  auto p = port();
  p.perform(Action::take, false);
  device_open = true;
  EXPECT_EQ(p.perform(Action::release, false).kind, Kind::still_open);
  EXPECT_TRUE(std::filesystem::exists(device.control_device));
}

TEST_F(CommandLock, AnEarlierLifesLockIsGivenBackOnlyIfItIsKnown) {
  port().perform(Action::take, false);
  port(false).perform(Action::recover, false);
  EXPECT_TRUE(std::filesystem::exists(device.control_device));
  port(true).perform(Action::recover, false);
  EXPECT_FALSE(std::filesystem::exists(device.control_device));
}

// sg3_utils end with 75 (50 + ENOTTY) where the node is no SCSI device, and a job would wait for nobody.
TEST_F(CommandLock, Status75IsAnotherHostsLockOnlyIfItIsToldWhose) {
  script(R"sh(#!/bin/sh
case $2 in trylock) echo "no SCSI device" >&2; exit 75 ;; wholocked) cat "$1.holder" 2>/dev/null ;; esac
)sh");
  auto p = port();
  const auto nobody = p.perform(Action::take, false);
  EXPECT_EQ(nobody.kind, Kind::failed);
  EXPECT_EQ(
      nobody.text,
      "the Lock Command's \"trylock\" ended with status 75, but its \"wholocked\" tells of nobody who has the lock (sg3_utils "
      "end with 75 where a device is no SCSI device): no SCSI device");
  std::ofstream(device.control_device + ".holder") << "0xbac999\n";
  const auto somebody = p.perform(Action::take, false);
  EXPECT_EQ(somebody.kind, Kind::blocked);
  EXPECT_EQ(somebody.holder, "0xbac999");
}

// On a drive that answers, what the script says must be so.
struct CommandLockOnADrive : CommandLock {
  CommandLockOnADrive() {
    device.control_device = folder + "/cibou/sg0";
    script("#!/bin/sh\ncase $2 in wholocked) echo 0xbac001 ;; esac\n");
  }
  void locked_by(const std::string& socket, scsi::ReservationKey key) {
    const auto transport = scsi::open_transport(folder + socket);
    scsi::LogicalUnit unit(**transport);
    scsi::DriveLock lock(unit, key);
    ASSERT_TRUE(lock.clear());
    ASSERT_TRUE(lock.try_lock()->held);
  }
  scsi::target::Target target{*scsi::target::parse_san(R"({
    "drives": [{"name": "drive0", "vendor": "HP", "product": "Ultrium", "revision": "1", "serial": "A"}],
    "initiators": [{"name": "cibou", "wwpn": "2101001b322173ee", "devices": {"sg0": "drive0"}},
                   {"name": "dir", "wwpn": "2100001b321f4365", "devices": {"sg4": "drive0"}}]})",
                                                       "san.json")};
  Serving serving{target, folder};
};

TEST_F(CommandLockOnADrive, IsNotBelievedWhileNobodyHoldsIt) {
  auto p = port();
  EXPECT_EQ(p.perform(Action::take, false).text,
            "the Lock Command's \"trylock\" ended well, but nobody holds the drive");
}

TEST_F(CommandLockOnADrive, IsBelievedIfItsOwnKeyHoldsIt) {
  locked_by("/cibou/sg0", {0xbac001});
  auto p = port();
  EXPECT_EQ(p.perform(Action::take, false).kind, Kind::done);
  script("#!/bin/sh\nexit 0\n");
  EXPECT_EQ(p.perform(Action::take, false).text,
            "the Lock Command's \"trylock\" ended well, but the drive is held by 0xbac001, and neither it nor "
            "\"wholocked\" tells whether that is this host");
}

TEST_F(CommandLockOnADrive, IsNotBelievedIfAnotherHostHoldsIt) {
  locked_by("/dir/sg4", {0xbac999});
  auto p = port();
  const auto outcome = p.perform(Action::take, false);
  EXPECT_EQ(outcome.kind, Kind::blocked);
  EXPECT_EQ(outcome.holder, "0xbac999");
}

}  // namespace
}  // namespace shstore::plugin
