// Which bacula-sd runs, from a folder that looks like /proc.
#include "status/look/daemon_process.h"

#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <vector>

namespace shstore::status {
namespace {

namespace fs = std::filesystem;
using Words = std::vector<std::string>;

class Processes : public testing::Test {
 protected:
  Processes() {
    EXPECT_NE(::mkdtemp(folder.data()), nullptr);
    fs::create_directory(folder + "/etc");
    std::ofstream(conf()) << "Storage {}\n";
    std::ofstream(folder + "/etc/other.conf") << "Storage {}\n";
    process(1, "systemd", {"/sbin/init"});
  }
  ~Processes() override { fs::remove_all(folder); }

  std::string conf() const { return folder + "/etc/bacula-sd.conf"; }
  fs::path proc() const { return folder + "/proc"; }

  // Its current folder is etc.
  void process(int pid, const std::string& comm, const Words& words) const {
    const auto place = proc() / std::to_string(pid);
    fs::remove_all(place);
    fs::create_directories(place);
    std::ofstream(place / "comm") << comm << '\n';
    std::ofstream cmdline(place / "cmdline");
    for (const auto& word : words) cmdline << word << '\0';
    fs::create_symlink(folder + "/etc", place / "cwd");
    fs::create_symlink("/", place / "root");
  }
  DaemonProcess with(const Words& options) const {
    Words words = {"/usr/sbin/bacula-sd"};
    words.insert(words.end(), options.begin(), options.end());
    process(4711, "bacula-sd", words);
    return find_daemon(conf(), proc());
  }

  std::string folder = "/tmp/shstore-proc-XXXXXX";
};

TEST_F(Processes, ADaemonIsKnownByItsConfiguration) {
  fs::create_symlink("bacula-sd.conf", folder + "/etc/link.conf");
  for (const auto& options :
       {Words{"-c", conf()}, Words{"-c" + conf()}, Words{"-fP", "-c", conf()}, Words{"-d", "200", "-vc", conf()},
        Words{"-c", "bacula-sd.conf"}, Words{"-c", "../etc/./link.conf"}, Words{"-u", "bacula", conf()}})
    EXPECT_EQ(with(options).pid, 4711) << options.back();
}

TEST_F(Processes, AnotherConfigurationIsAnotherDaemon) {
  for (const auto& options : {Words{"-c", folder + "/etc/other.conf"}, Words{"-c", "other.conf"},
                              Words{"-c", "none.conf"}, Words{"-u", conf()}, Words{"-c"}}) {
    const auto found = with(options);
    EXPECT_FALSE(found.pid) << options.back();
    EXPECT_FALSE(found.hidden) << options.back();
  }
}

TEST_F(Processes, OneThatTestsItsConfigurationIsNoDaemon) {
  EXPECT_FALSE(with({"-t", "-c", conf()}).pid);
  EXPECT_FALSE(with({"-vt", conf()}).pid);
}

TEST_F(Processes, AnotherProgramIsNone) {
  process(4711, "vi", {"vi", "-c", conf()});
  EXPECT_FALSE(find_daemon(conf(), proc()).pid);
}

TEST_F(Processes, WhatCannotBeSeenIsSaid) {
  EXPECT_FALSE(find_daemon(conf(), proc()).hidden);
  ASSERT_FALSE(with({"-c", "bacula-sd.conf"}).hidden);
  fs::remove(proc() / "4711/cwd");  // as of another user's process
  EXPECT_FALSE(find_daemon(conf(), proc()).pid);
  EXPECT_TRUE(find_daemon(conf(), proc()).hidden);
  fs::remove_all(proc() / "4711");
  fs::remove_all(proc() / "1");  // as with hidepid=2
  EXPECT_TRUE(find_daemon(conf(), proc()).hidden);
}

TEST_F(Processes, ADaemonInAContainerHasFilesOfItsOwn) {
  ASSERT_TRUE(with({"-c", conf()}).pid);
  fs::remove(proc() / "4711/root");
  fs::create_directory_symlink(folder + "/etc", proc() / "4711/root");
  EXPECT_FALSE(find_daemon(conf(), proc()).pid);
}

}  // namespace
}  // namespace shstore::status
