// Everything about daemons of this machine, from files and drives.
#include "status/look/gather.h"

#include <gtest/gtest.h>

#include <sys/socket.h>
#include <unistd.h>

#include <fstream>
#include <vector>

#include "running_target.h"
#include "scsi/unix_socket.h"
#include "reserve/record/attentions.h"
#include "status/look/condition.h"
#include "reserve/record/state_file.h"

namespace shstore::status {
namespace {

class Gather : public testing::Test {
 protected:
  std::string write(const std::string& name, const std::string& text) {
    const auto path = target.folder() + '/' + name;
    std::ofstream(path) << text;
    return path;
  }
  // The bacula-sd.conf of a host, its storage-ctl.conf beside the program.
  std::string host(const std::string& name, const std::string& control_device, const std::string& settings,
                   const std::string& more = {}) {
    const auto folder = target.folder() + '/' + name + "-etc";
    std::filesystem::create_directory(folder);
    write(name + "-etc/storage-ctl.conf", settings);
    return write(name + "-sd.conf",
                 "Storage { Name = " + name + "-sd; Working Directory = " + folder + "; Pid Directory = " + folder +
                     " }\nDirector { Name = d; Password = x }\nMessages { Name = m; director = d = all }\n"
                     "Device { Name = Drive-0; Media Type = tape; Archive Device = /dev/nst0\n"
                     "  Control Device = " +
                     control_device + "; Lock Command = \"" + folder + "/storage-ctl %l %o\" }\n" + more);
  }
  // One more drive, which takes every connection and never says a word.
  std::string hanging_drive() {
    const auto path = target.folder() + "/silent";
    const auto address = scsi::SocketAddress::of(path);
    silent = ::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    EXPECT_EQ(::bind(silent, address->get(), address->size()), 0);
    EXPECT_EQ(::listen(silent, 5), 0);
    return "Device { Name = Drive-1; Media Type = tape; Archive Device = /dev/nst1; Control Device = " + path +
           "; Lock Command = \"" + target.folder() + "/cibou-etc/storage-ctl %l %o\" }\n";
  }
  // They stay open: whoever still waits for an answer would see a close, and connect once more with its next command.
  size_t connections() {
    for (int fd = ::accept(silent, nullptr, nullptr); fd >= 0; fd = ::accept(silent, nullptr, nullptr))
      accepted.push_back(fd);
    return accepted.size();
  }
  // The plugin of cibou runs (in this process) and says this of the drive.
  void plugin_says(const record::DriveState& drive) {
    record::SdState s;
    s.sd_name = "cibou-sd";
    s.pid = ::getpid();
    s.pid_started = record::process_start(s.pid);
    s.drives = {drive};
    ASSERT_TRUE(record::write_state(record::state_path(target.folder() + "/cibou-etc", "cibou-sd"), s));
  }
  record::DriveState unlocked() const {
    record::DriveState d;
    d.name = "Drive-0";
    d.archive_device = "/dev/nst0";
    d.control_device = target.cibou();
    d.key = "0xbac001";
    return d;
  }
  Question about(std::vector<std::string> files) const {
    Question q;
    q.sd_files = std::move(files);
    return q;
  }
  ~Gather() override {
    if (silent >= 0) ::close(silent);
    for (const int fd : accepted) ::close(fd);
  }

  tests::RunningTarget target;
  int silent = -1;
  std::vector<int> accepted;
};

TEST_F(Gather, TwoDaemonsOfOneDrive) {
  const auto cibou = host("cibou", target.cibou(), "key=bac001\n"), dir = host("dir", target.dir(), "key=bac999\n");
  plugin_says(unlocked());
  ASSERT_TRUE(target.lock(target.dir(), 0xbac999));
  const auto all = gather(about({cibou, dir}));
  ASSERT_TRUE(all.at(0) && all.at(1));
  const auto& s = all[0]->snapshot;
  EXPECT_TRUE(s.plugin_runs());
  EXPECT_EQ(s.devices.at(0).live.blocked_by, "0xbac999");
  EXPECT_EQ(s.devices.at(0).key, "0xbac001");
  EXPECT_EQ(named("0xbac999", s.names), "0xbac999 (dir-sd)");
  EXPECT_EQ(condition_of(s, s.devices[0]), Condition::blocked);
  EXPECT_EQ(condition_of(all[1]->snapshot, all[1]->snapshot.devices.at(0)), Condition::holder_unknown)
      << "dir's plugin has said nothing";
}

TEST_F(Gather, TheAdministratorsNameGoesFirst) {
  const auto cibou = host("cibou", target.cibou(), "key=bac001\npeer_bac999=dir\n");
  const auto dir = host("dir", target.dir(), "key=bac999\n");
  const auto all = gather(about({dir, cibou}));
  EXPECT_EQ(all.at(0)->snapshot.names, (PeerNames{{"0xbac001", "cibou-sd"}, {"0xbac999", "dir"}}));
}

TEST_F(Gather, OneThatCannotBeReadIsInItsPlace) {
  const auto broken = write("broken.conf", "Director {\n");
  const auto all = gather(about({broken, host("cibou", target.cibou(), "key=bac001\n")}));
  ASSERT_EQ(all.size(), 2u);
  ASSERT_FALSE(all[0]);
  EXPECT_NE(all[0].error().message.find(broken + " is not the configuration of a storage daemon"), std::string::npos);
  EXPECT_TRUE(all[1]);
}

TEST_F(Gather, ALockThatThePluginHasNotTakenIsToldAfterASecondLook) {
  const auto cibou = host("cibou", target.cibou(), "key=bac001\n");
  plugin_says(unlocked());
  ASSERT_TRUE(target.lock(target.cibou(), 0xbac001));
  const auto all = gather(about({cibou}));
  EXPECT_EQ(condition_of(all.at(0)->snapshot, all[0]->snapshot.devices.at(0)), Condition::not_ours);
}

// Mode 0640: whoever may ask the drive need not be allowed to read the state.
TEST_F(Gather, AStateThatCannotBeReadIsNotADaemonThatDoesNotRun) {
  const auto cibou = host("cibou", target.cibou(), "key=bac001\n");
  ASSERT_TRUE(target.lock(target.cibou(), 0xbac001));
  std::filesystem::create_directory(record::state_path(target.folder() + "/cibou-etc", "cibou-sd"));
  const auto s = gather(about({cibou})).at(0)->snapshot;
  EXPECT_EQ(s.life, Life::unknown);
  EXPECT_FALSE(s.state_missing);
  EXPECT_EQ(condition_of(s, s.devices.at(0)), Condition::holder_unknown);
}

TEST_F(Gather, ADriveThatThePluginDoesNotKnowIsUnprotected) {
  const auto cibou = host("cibou", target.cibou(), "key=bac001\n");
  auto other = unlocked();
  other.name = "Drive-7";
  plugin_says(other);
  const auto s = gather(about({cibou})).at(0)->snapshot;
  EXPECT_EQ(condition_of(s, s.devices.at(0)), Condition::unprotected);
}

TEST_F(Gather, ALockThatOnlyThePluginSeesIsAContradiction) {
  const auto cibou = host("cibou", target.cibou(), "key=bac001\n");
  auto locked = unlocked();
  locked.registered = locked.locked = true;
  locked.claims = {{7, {}}};
  plugin_says(locked);
  const auto s = gather(about({cibou})).at(0)->snapshot;
  EXPECT_EQ(condition_of(s, s.devices.at(0)), Condition::contradicts);
  EXPECT_EQ(severity_of(s, s.devices[0]), Severity::critical);
}

TEST_F(Gather, ADriveThatHangsIsNotAskedAgainWithOneThatIsLookedAtTwice) {
  const auto cibou = host("cibou", target.cibou(), "key=bac001\n", hanging_drive());
  plugin_says(unlocked());
  ASSERT_TRUE(target.lock(target.cibou(), 0xbac001));
  auto q = about({cibou});
  q.deadline = std::chrono::seconds(2);
  const auto all = gather(q);
  const auto& s = all.at(0)->snapshot;
  EXPECT_EQ(condition_of(s, s.devices.at(0)), Condition::not_ours);
  EXPECT_EQ(s.devices.at(1).live.why, LiveLock::Why::no_answer);
  EXPECT_EQ(connections(), 1u);
}

TEST_F(Gather, WhatTheFirstLookWasToldIsNotLostInTheSecond) {
  const auto cibou = host("cibou", target.cibou(), "key=bac001\n");
  auto locked = unlocked();
  locked.locked = true;
  plugin_says(locked);
  std::filesystem::create_directory(
      record::attentions_path(target.folder() + "/cibou-etc", "cibou-sd"));  // so it cannot be written
  const auto s = gather(about({cibou})).at(0)->snapshot;
  EXPECT_EQ(condition_of(s, s.devices.at(0)), Condition::contradicts) << "so there was a second look";
  EXPECT_EQ(s.devices[0].live.unit_attentions, std::vector<std::string>{"29/00"});
  EXPECT_NE(s.devices[0].live.not_recorded, "");
}

TEST_F(Gather, BaculasStatusFromAFile) {
  auto q = about({host("cibou", target.cibou(), "key=bac001\n")});
  q.bacula_status = write("status",
                          "cibou-sd Version: 9.6.7 (10 December 2020)\nDevice status:\n\n"
                          "Device Tape is \"Drive-0\" (/dev/nst0) mounted with:\n    Volume:      F1\n==\n====\n");
  const auto all = gather(q);
  ASSERT_TRUE(all.at(0)) << all[0].error().message;
  ASSERT_TRUE(all[0]->snapshot.devices.at(0).bacula);
  EXPECT_EQ(all[0]->snapshot.devices[0].bacula->volume, "F1");
  q.bacula_status = write("nothing", "hello\n");
  const auto none = gather(q);
  ASSERT_TRUE(none.at(0)) << "the drives are shown all the same";
  EXPECT_FALSE(none[0]->bacula);
  EXPECT_EQ(none[0]->snapshot.devices.at(0).live.why, LiveLock::Why::known);
  EXPECT_NE(none[0]->snapshot.bacula_error.find("holds no status of a Storage Daemon"), std::string::npos);
  EXPECT_EQ(none[0]->snapshot.notes.back(), "Bacula's own status is missing: " + none[0]->bacula_error);
}

TEST_F(Gather, AStatusOfAnotherDaemonIsNotTakenForThisOnes) {
  auto q = about({host("cibou", target.cibou(), "key=bac001\n")});
  q.bacula_status = write("status",
                          "dir-sd Version: 9.6.7 (10 December 2020)\nDevice status:\n\n"
                          "Device Tape is \"Drive-0\" (/dev/nst0) mounted with:\n    Volume:      F1\n==\n====\n");
  const auto all = gather(q);
  ASSERT_TRUE(all.at(0));
  EXPECT_FALSE(all[0]->bacula);
  EXPECT_FALSE(all[0]->snapshot.devices.at(0).bacula);
  EXPECT_NE(all[0]->bacula_error.find("is the status of dir-sd"), std::string::npos) << all[0]->bacula_error;
}

// Each bconsole waits until the other one runs too.
TEST_F(Gather, TheDirectorsOfAllDaemonsAreAskedAtTheSameTime) {
  auto q = about({host("cibou", target.cibou(), "key=bac001\n"), host("dir", target.dir(), "key=bac999\n")});
  q.bconsole.configuration = "x";
  q.bconsole.program =
      write("bconsole", "#!/bin/sh\ncat >/dev/null\n: >" + target.folder() +
                            "/asked.$$\n"
                            "while [ $(ls " +
                            target.folder() + "/asked.* | wc -l) -lt 2 ]; do sleep 0.05; done\nexit 1\n");
  std::filesystem::permissions(q.bconsole.program, std::filesystem::perms::owner_all);
  q.storages = {"a", "b"};
  const auto all = gather(q);
  for (const auto& facts : all) {
    ASSERT_TRUE(facts);
    EXPECT_EQ(facts->bacula_error.find("did not end"), std::string::npos) << facts->bacula_error;
    EXPECT_EQ(facts->snapshot.devices.at(0).live.why, LiveLock::Why::known);
  }
}

}  // namespace
}  // namespace shstore::status
