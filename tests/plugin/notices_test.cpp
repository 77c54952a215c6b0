// What `notify` tells, and how its program is run.
#include "plugin/notices.h"

#include <gmock/gmock.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <csignal>
#include <filesystem>
#include <fstream>
#include <condition_variable>
#include <mutex>
#include <thread>

#include "plugin/notifier.h"
#include "scsi/notify_program.h"

namespace shstore::plugin {
namespace {

using namespace std::chrono_literals;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

const record::WallTime kNow = std::chrono::sys_days(std::chrono::year(2026) / 11 / 30) + 9h;

record::DriveState drive(const std::string& control = "/dev/sg0") {
  record::DriveState d;
  d.name = "Drive-0";
  d.control_device = control;
  d.key = "0xbac001";
  return d;
}
record::SdState with(std::vector<record::DriveState> drives) {
  record::SdState s;
  s.drives = std::move(drives);
  return s;
}
record::DriveState locked(record::WallTime since = kNow) {
  auto d = drive();
  d.locked = true, d.locked_since = since;
  d.claims = {{12, kNow}, {13, kNow}};
  return d;
}

TEST(Notices, LockedUnlockedAndTakenAnew) {
  Notices notices({{"/dev/sg0", 600s}});
  EXPECT_THAT(notices.observe(with({drive()})), IsEmpty());
  EXPECT_THAT(notices.observe(with({locked()})),
              ElementsAre(Notice{"locked", "/dev/sg0", "0xbac001", "0xbac001", "12"}));
  EXPECT_THAT(notices.observe(with({locked(kNow + 1s)})), IsEmpty()) << "the same moment, worked out anew";
  EXPECT_THAT(notices.observe(with({locked(kNow + 60s)})),
              ElementsAre(testing::Field(&Notice::event, "unlocked"), testing::Field(&Notice::event, "locked")));
  auto freed = drive();
  freed.blocked_by = "0xbac999";
  EXPECT_THAT(notices.observe(with({freed})),
              ElementsAre(Notice{"unlocked", "/dev/sg0", "0xbac001", "0xbac999", "12"}));
}

TEST(Notices, ALostLockIsToldForEveryJobThatReliedOnIt) {
  Notices notices({{"/dev/sg0", 600s}});
  notices.observe(with({locked()}));
  auto lost = locked();
  lost.locked = false, lost.lost = true, lost.blocked_by = "0xbac999";
  EXPECT_THAT(notices.observe(with({lost})), ElementsAre(Notice{"lost", "/dev/sg0", "0xbac001", "0xbac999", "12"},
                                                         Notice{"lost", "/dev/sg0", "0xbac001", "0xbac999", "13"}));
  EXPECT_THAT(notices.observe(with({lost})), IsEmpty()) << "once";
}

TEST(Notices, AnotherProductIsToldOnce) {
  Notices notices({{"/dev/sg0", 600s}});
  auto blocked = drive();
  blocked.blocked_by = "all registered keys", blocked.other_product = true;
  blocked.waiting = {{12, kNow, {}}};
  EXPECT_THAT(notices.observe(with({blocked})),
              ElementsAre(Notice{"blocked", "/dev/sg0", "0xbac001", "all registered keys", "12"}));
  EXPECT_THAT(notices.observe(with({blocked})), IsEmpty());
  auto by_a_host = drive();
  by_a_host.blocked_by = "0xbac999";
  EXPECT_THAT(notices.observe(with({by_a_host})), IsEmpty()) << "that is what sharing is";
}

TEST(Notices, AWaitIsToldWhenItIsTooLongAndOnce) {
  Notices notices({{"/dev/sg0", 600s}});
  auto waits = drive();
  waits.blocked_by = "0xbac999";
  waits.waiting = {{12, kNow, {reserve::Refusal::Kind::held_by_other, "0xbac999", ""}}};
  notices.observe(with({waits}));
  EXPECT_EQ(notices.next(), kNow + 600s);
  EXPECT_THAT(notices.overdue(kNow + 599s), IsEmpty());
  EXPECT_THAT(notices.overdue(kNow + 600s), ElementsAre(Notice{"waiting", "/dev/sg0", "0xbac001", "0xbac999", "12"}));
  EXPECT_THAT(notices.overdue(kNow + 999s), IsEmpty());
  EXPECT_EQ(notices.next(), std::nullopt);
  notices.observe(with({drive()}));
  waits.waiting[0].since = kNow + 2000s;
  notices.observe(with({waits}));
  EXPECT_THAT(notices.overdue(kNow + 2600s), testing::SizeIs(1)) << "it waits again";
}

TEST(Notices, OneDriveOfSeveralDeviceResourcesAndOnlyThoseWithAProgram) {
  Notices notices({{"/dev/sg0", 600s}});
  auto other = locked();
  other.control_device = "/dev/sg1";
  EXPECT_THAT(notices.observe(with({locked(), locked(), other})), testing::SizeIs(1));
}

// ---- the program

struct NotifyProgram : testing::Test {
  void SetUp() override {
    ASSERT_NE(::mkdtemp(folder.data()), nullptr);
    std::filesystem::permissions(folder, std::filesystem::perms::owner_all);
  }
  void TearDown() override { std::filesystem::remove_all(folder); }
  std::string script(const std::string& text, mode_t mode = 0755) {
    const auto path = folder + "/tell";
    std::ofstream(path) << "#!/bin/bash\n" << text;
    ::chmod(path.c_str(), mode);
    return path;
  }
  std::string read(const std::string& name) {
    std::ifstream in(folder + '/' + name);
    return {std::istreambuf_iterator<char>(in), {}};
  }
  std::string folder = "/tmp/shstore-notify-XXXXXX";
  std::atomic<bool> stop{false};
};

TEST_F(NotifyProgram, GetsTheEventAndNothingElse) {
  const int open_here = ::open("/dev/null", O_RDONLY);  // without O_CLOEXEC, as of a plugin of somebody else
  const auto path = script("printf '%s|' \"$@\" >" + folder + "/args; env | grep -vE '^(_|PWD|SHLVL)=' >" + folder +
                           "/env; ls /proc/self/fd | tr '\\n' ' ' >" + folder + "/fds");
  EXPECT_EQ(
      run_notify_program(path, {"locked", "/dev/sg0", "0xbac001", "all registered keys; rm -rf /", "-"}, 30s, stop),
      "");
  ::close(open_here);
  EXPECT_EQ(read("args"), "locked|/dev/sg0|0xbac001|all registered keys; rm -rf /|-|");
  EXPECT_EQ(read("env"), "PATH=/usr/sbin:/usr/bin:/sbin:/bin\n");
  EXPECT_EQ(read("fds"), "0 1 2 3 ") << "3 is what ls reads";
}

TEST_F(NotifyProgram, OneThatOthersMayWriteIsRefused) {
  const auto path = script("echo ran >" + folder + "/ran");
  EXPECT_EQ(scsi::why_not_run(path, ::geteuid()), "");
  for (const mode_t mode : {0777, 0757, 0775, 0722}) {
    ::chmod(path.c_str(), mode);
    EXPECT_THAT(run_notify_program(path, {}, 30s, stop), HasSubstr("others than its owner may write it"))
        << std::oct << mode;
  }
  ::chmod(path.c_str(), 0755);
  ::chmod(folder.c_str(), 0777);
  EXPECT_THAT(run_notify_program(path, {}, 30s, stop), HasSubstr("every user may write its folder"));
  ::chmod(folder.c_str(), 0755);
  ::chmod(path.c_str(), 0644);
  EXPECT_THAT(run_notify_program(path, {}, 30s, stop), HasSubstr("cannot be executed"));
  EXPECT_THAT(scsi::why_not_run(folder, ::geteuid()), HasSubstr("not a regular file"));
  EXPECT_THAT(scsi::why_not_run(folder + "/none", ::geteuid()), HasSubstr("No such file"));
  EXPECT_THAT(scsi::why_not_run("tell", ::geteuid()), HasSubstr("absolute path"));
  ::chmod(path.c_str(), 0755);
  EXPECT_THAT(scsi::why_not_run(path, ::geteuid() + 1), ::geteuid() == 0 ? HasSubstr("") : HasSubstr("another user"));
  EXPECT_EQ(read("ran"), "");
}

// A dead one that nobody has collected yet does not.
bool runs(pid_t pid) {
  std::ifstream in("/proc/" + std::to_string(pid) + "/stat");
  std::string stat;
  return std::getline(in, stat) && stat.find(") Z ") == std::string::npos;
}

TEST_F(NotifyProgram, OneThatHangsIsKilledWithAllThatItStarted) {
  const auto path = script("sleep 1000 & echo $! >" + folder + "/child; disown; sleep 1000");
  EXPECT_THAT(run_notify_program(path, {}, 500ms, stop), HasSubstr("has not ended within 1 s and was killed"));
  const auto in_background = script("sleep 1000 >/dev/null 2>&1 & echo $! >" + folder + "/left");
  EXPECT_EQ(run_notify_program(in_background, {}, 500ms, stop), "");
  for (const char* file : {"child", "left"}) {
    const auto pid = static_cast<pid_t>(std::stol(read(file)));
    while (runs(pid)) std::this_thread::sleep_for(10ms);  // killed, and dies in a moment
  }
  EXPECT_THAT(run_notify_program(script("exit 3"), {}, 30s, stop), "it ended with status 3");
}

/// A program that does what the test wants, and tells when it was begun.
struct Told {
  std::mutex mutex;
  std::condition_variable changed;
  std::vector<std::string> begun;
  bool may_end = true;
  std::string operator()(const Notice& n, const std::atomic<bool>& stop) {
    std::unique_lock lock(mutex);
    begun.push_back(n.event + ' ' + n.device + ' ' + n.job);
    changed.notify_all();
    while (!may_end && !stop) changed.wait_for(lock, 10ms);
    return {};
  }
  void wait_for(size_t count) {
    std::unique_lock lock(mutex);
    changed.wait(lock, [&] { return begun.size() >= count; });
  }
  void let_go() {
    const std::lock_guard lock(mutex);
    may_end = true;
    changed.notify_all();
  }
};

TEST(Notifier, AHangingProgramDelaysNothingAndSixteenWait) {
  Told told;
  told.may_end = false;
  Notifier notifier({{"/dev/sg0", {"/tell"}}},
                    [&](const std::string&, const Notice& n, const auto& stop) { return told(n, stop); });
  notifier.start();
  notifier.observe(with({drive()}));
  notifier.observe(with({locked()}));
  told.wait_for(1);  // it hangs
  for (int i = 1; i <= 10; ++i) {
    notifier.observe(with({drive()}));
    notifier.observe(with({locked(kNow + std::chrono::minutes(i))}));
  }
  EXPECT_THAT(notifier.trouble(), HasSubstr("4 events were not told, because 16 waited already"));
  told.let_go();
  told.wait_for(17);
  notifier.finish(10s);
  EXPECT_EQ(told.begun.size(), 17u);
  EXPECT_EQ(told.begun[0], "locked /dev/sg0 12");
  EXPECT_EQ(told.begun[1], "unlocked /dev/sg0 12");
}

TEST(Notifier, TheEndOfTheDaemonDoesNotWaitForIt) {
  Told told;
  told.may_end = false;
  Notifier notifier({{"/dev/sg0", {"/tell"}}},
                    [&](const std::string&, const Notice& n, const auto& stop) { return told(n, stop); });
  notifier.start();
  notifier.observe(with({locked()}));
  told.wait_for(1);
  EXPECT_TRUE(notifier.stop(10s)) << "it is told to end";
}

// bacula-sd 15.0.3 may be gone a moment later: there is no time for SIGTERM and what comes after it.
TEST_F(NotifyProgram, AtTheEndOfTheDaemonOneThatHangsIsNotWaitedForAndKilledAtOnce) {
  const auto path = script("trap 'touch " + folder + "/asked' TERM; echo $$ >" + folder + "/new; mv " + folder +
                           "/new " + folder + "/pid; sleep 1000 & while :; do wait; done");
  Notifier notifier({{"/dev/sg0", {path}}});
  notifier.start();
  notifier.observe(with({locked()}));
  while (read("pid").empty()) std::this_thread::sleep_for(10ms);
  const auto pid = static_cast<pid_t>(std::stol(read("pid")));
  std::this_thread::sleep_for(Notifier::kHangs + 10ms);
  notifier.finish(10min);
  EXPECT_TRUE(runs(pid)) << "it was not waited for to its deadline";
  EXPECT_TRUE(notifier.stop(10s));
  while (runs(pid)) std::this_thread::sleep_for(10ms);
  EXPECT_FALSE(std::filesystem::exists(folder + "/asked")) << "no SIGTERM";
}

TEST(Notifier, AWaitIsToldByTheClockAlone) {
  Told told;
  Notifier notifier({{"/dev/sg0", {"/tell", 1s}}},
                    [&](const std::string&, const Notice& n, const auto& stop) { return told(n, stop); });
  notifier.start();
  auto waits = drive();
  waits.waiting = {{12, std::chrono::floor<std::chrono::seconds>(std::chrono::system_clock::now()), {}}};
  notifier.observe(with({waits}));
  told.wait_for(1);
  EXPECT_EQ(told.begun[0], "waiting /dev/sg0 12");
}

TEST(Notifier, WhatGoesWrongIsSaid) {
  std::mutex mutex;
  std::condition_variable changed;
  int runs = 0, changes = 0;
  Notifier notifier(
      {{"/dev/sg0", {"/tell"}}},
      [&](const std::string&, const Notice&, const auto&) -> std::string {
        const std::lock_guard lock(mutex);
        changed.notify_all();
        if (++runs == 1) throw std::runtime_error("no more memory");
        return {};
      },
      [&] { ++changes; });
  notifier.start();
  notifier.observe(with({locked()}));
  notifier.finish(30s);
  EXPECT_EQ(notifier.trouble(), "/tell could not be told of \"locked /dev/sg0\": no more memory");
  EXPECT_EQ(changes, 1) << "nothing else may happen for long, and the state has to show it";
  notifier.observe(with({drive()}));
  notifier.finish(30s);
  EXPECT_EQ(notifier.trouble(), "");
  EXPECT_EQ(changes, 2);
  notifier.observe(with({locked()}));
  notifier.finish(30s);
  EXPECT_EQ(changes, 2) << "as before";
}

TEST(NotifyRules, AreOfDevicesThatCanBeLockedAndHaveAProgram) {
  config::SharedDevices shared;
  shared.devices.resize(3);
  const char* const controls[] = {"/dev/sg0", "/dev/sg1", "/dev/sg2"};
  for (size_t i = 0; i < shared.devices.size(); ++i) shared.devices[i].control_device = controls[i];
  shared.devices[0].notify = shared.devices[2].notify = "/usr/local/bin/tell";
  shared.devices[0].notify_wait = 60s;
  shared.devices[2].problem = "it has no key";
  const auto rules = notify_rules(shared);
  ASSERT_EQ(rules.size(), 1U);
  EXPECT_EQ(rules.at("/dev/sg0").program, "/usr/local/bin/tell");
  EXPECT_EQ(rules.at("/dev/sg0").wait, 60s);
}

}  // namespace
}  // namespace shstore::plugin
