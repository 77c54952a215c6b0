// Who opens an archive device: told by inotify, proven by descriptors.
#include "plugin/open_watch.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <condition_variable>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <map>

#include "plugin/device_users.h"

namespace shstore::plugin {
namespace {

namespace fs = std::filesystem;
using Kind = WatchedNode::Kind;

class TemporaryFolder {
 public:
  TemporaryFolder() {
    std::string pattern = fs::temp_directory_path() / "shstore.XXXXXX";
    EXPECT_NE(::mkdtemp(pattern.data()), nullptr);
    folder_ = fs::canonical(pattern);
  }
  ~TemporaryFolder() { fs::remove_all(folder_); }
  TemporaryFolder(const TemporaryFolder&) = delete;
  TemporaryFolder& operator=(const TemporaryFolder&) = delete;
  std::string path(const std::string& name) const { return folder_ / name; }

 private:
  fs::path folder_;
};

struct OpenWatchTest : testing::Test {
  TemporaryFolder folder;
  std::string tapes = folder.path("tapes"), tape = tapes + "/drive0", other = tapes + "/drive1";

  OpenWatchTest() {
    fs::create_directory(tapes);
    std::ofstream{tape};
    std::ofstream{other};
  }
  static void open_and_close(const std::string& path) { std::ifstream{path}; }
};

// Somebody else, who has a file open until let go or killed.
class OtherProgram {
 public:
  explicit OtherProgram(const std::string& path) {
    int ready[2] = {};
    EXPECT_EQ(::pipe(ready), 0);
    pid_ = ::fork();
    if (pid_ == 0) {
      // Not below this process: as any program of the host.
      if (::fork() != 0) ::_exit(0);
      ::setsid();
      const int fd = ::open(path.c_str(), O_RDONLY);
      const pid_t self = ::getpid();
      static_cast<void>(::write(ready[1], &self, sizeof self) == 0);
      ::close(ready[1]);
      static_cast<void>(fd);
      for (;;) ::pause();
    }
    ::waitpid(pid_, nullptr, 0);
    EXPECT_EQ(::read(ready[0], &program_, sizeof program_), static_cast<ssize_t>(sizeof program_));
    ::close(ready[0]), ::close(ready[1]);
  }
  ~OtherProgram() { end(); }
  void end() {
    if (program_ == 0) return;
    ::kill(program_, SIGKILL);
    while (::kill(program_, 0) == 0 && !is_zombie()) ::usleep(1000);
    program_ = 0;
  }
  pid_t pid() const { return program_; }

 private:
  bool is_zombie() const {
    std::ifstream in("/proc/" + std::to_string(program_) + "/stat");
    std::string text((std::istreambuf_iterator<char>(in)), {});
    const auto end = text.rfind(')');
    return end == text.npos || text[end + 2] == 'Z';
  }
  pid_t pid_ = 0, program_ = 0;
};

TEST(ArchiveNodes, OfATapeAreAllItsNodes) {
  TemporaryFolder folder;
  fs::create_directories(folder.path("sys/dev/char/1:3/device/scsi_tape"));
  // /dev/null is no tape; which nodes a tape has is tried on real ones in the lab.
  const auto nodes = archive_nodes("/dev/null", folder.path("sys"), folder.path("dev"));
  EXPECT_EQ(nodes, (std::vector<WatchedNode>{{Kind::node, "/dev/null", {}}, {Kind::appearance, "/dev", "null"}}));
}

TEST_F(OpenWatchTest, AFileIsWatchedByItsNameAFolderWhole) {
  EXPECT_EQ(archive_nodes(tape), (std::vector<WatchedNode>{{Kind::file, tapes, "drive0"}}));
  EXPECT_EQ(archive_nodes(tapes).front(), (WatchedNode{Kind::folder, tapes, {}}));
  const auto link = folder.path("link");
  fs::create_symlink(tape, link);
  EXPECT_EQ(archive_nodes(link), (std::vector<WatchedNode>{{Kind::file, tapes, "drive0"},
                                                           {Kind::appearance, fs::path(link).parent_path(), "link"}}));
  fs::remove(link);
  fs::create_symlink("/dev/null/no-medium", link);
  EXPECT_EQ(archive_nodes(link).front().path, fs::path(link).parent_path()) << "an empty drive of a library";
  EXPECT_TRUE(archive_nodes("").empty());
}

TEST_F(OpenWatchTest, TellsWhatCameLastAndOfNothingElse) {
  OpenWatch watch;
  ASSERT_EQ(watch.unavailable(), "");
  watch.add("d0", {tape});
  EXPECT_FALSE(watch.take("d0").opened);
  open_and_close(other);
  EXPECT_FALSE(watch.take("d0").opened) << "of another file in the folder";
  {
    const std::ifstream open(tape);
    const auto seen = watch.take("d0");
    EXPECT_TRUE(seen.opened);
    EXPECT_FALSE(seen.closed_last);
    EXPECT_FALSE(watch.take("d0").opened) << "once";
  }
  auto seen = watch.take("d0");
  EXPECT_FALSE(seen.opened);
  EXPECT_TRUE(seen.closed_last);
  open_and_close(tape);
  seen = watch.take("d0");
  EXPECT_TRUE(seen.opened && seen.closed_last && !seen.doubtful);
}

TEST_F(OpenWatchTest, AThousandOpensAndClosesEndClosed) {
  OpenWatch watch;
  watch.add("d0", {tape});
  for (int i = 0; i < 1000; ++i) open_and_close(tape);
  const auto seen = watch.take("d0");
  EXPECT_TRUE(seen.opened && seen.closed_last);
}

TEST_F(OpenWatchTest, MoreThanTheKernelKeepsIsDoubtfulAndNotLost) {
  OpenWatch watch;
  watch.add("d0", {tape});
  std::ifstream most("/proc/sys/fs/inotify/max_queued_events");
  int limit = 0;
  most >> limit;
  ASSERT_GT(limit, 0);
  // Equal events that follow each other are one: two files, so that they do not.
  watch.add("d1", {other});
  for (int i = 0; i < limit / 2 + 100; ++i) open_and_close(tape), open_and_close(other);
  EXPECT_TRUE(watch.take("d0").doubtful);
  EXPECT_TRUE(watch.take("d1").doubtful) << "whatever it was about";
  DeviceUsers users(
      "d0", {tape}, [] { return false; }, &watch);
  EXPECT_EQ(users.look(), reserve::DeviceUse{}) << "nobody has it open, and that is known";
}

TEST_F(OpenWatchTest, ANodeThatGoesAndComesAgainIsWatchedAgain) {
  OpenWatch watch;
  watch.add("d0", {tape});
  fs::remove(tape);
  EXPECT_TRUE(watch.take("d0").doubtful);
  std::ofstream{tape};
  EXPECT_TRUE(watch.take("d0").doubtful);
  open_and_close(tape);
  EXPECT_TRUE(watch.take("d0").opened);
}

TEST_F(OpenWatchTest, AFolderThatGoesAndComesAgainToo) {
  const auto volumes = folder.path("volumes");
  fs::create_directory(volumes);
  OpenWatch watch;
  watch.add("f", {volumes});
  std::ofstream{volumes + "/V1"};
  EXPECT_TRUE(watch.take("f").opened);
  fs::remove_all(volumes);
  EXPECT_TRUE(watch.take("f").doubtful) << "IN_IGNORED";
  fs::create_directory(volumes);
  watch.take("f");
  open_and_close(volumes + "/V1");
  std::ofstream{volumes + "/V1"};
  EXPECT_TRUE(watch.take("f").opened);
}

TEST_F(OpenWatchTest, ALinkThatLeadsElsewhereIsAnotherDevice) {
  const auto link = folder.path("link");
  fs::create_symlink(tape, link);
  OpenWatch watch;
  watch.add("d0", {link});
  fs::remove(link);
  fs::create_symlink(other, link);
  EXPECT_TRUE(watch.take("d0").doubtful);
  open_and_close(tape);
  EXPECT_FALSE(watch.take("d0").opened);
  open_and_close(other);
  EXPECT_TRUE(watch.take("d0").opened);
}

TEST_F(OpenWatchTest, TheListenerHearsOfEachDriveThoughAnotherIsTaken) {
  OpenWatch watch;
  watch.add("d0", {tape});
  watch.add("d1", {other});
  std::mutex mutex;
  std::condition_variable told;
  std::map<std::string, int> heard;
  watch.start([&](const std::string& drive) {
    const std::lock_guard lock(mutex);
    ++heard[drive];
    told.notify_all();
  });
  for (int i = 0; i < 200; ++i) {
    open_and_close(tape);
    watch.take("d0");
    open_and_close(other);
    watch.take("d0");
  }
  std::unique_lock lock(mutex);
  EXPECT_TRUE(told.wait_for(lock, std::chrono::minutes(1), [&] { return heard["d1"] > 0; }));
  lock.unlock();
  watch.stop();
}

TEST_F(OpenWatchTest, AnotherProgramIsNamedUntilItIsGone) {
  OpenWatch watch;
  watch.add("d0", {tape});
  DeviceUsers users(
      "d0", {tape}, [] { return false; }, &watch);
  EXPECT_EQ(users.look(), reserve::DeviceUse{});
  OtherProgram program(tape);
  auto use = users.look();
  EXPECT_TRUE(use.touched);
  EXPECT_NE(use.other.find("(process " + std::to_string(program.pid()) + ")"), std::string::npos) << use.other;
  EXPECT_EQ(users.look().other, use.other) << "though nothing new was told";
  program.end();
  EXPECT_EQ(users.look().other, "");
}

TEST_F(OpenWatchTest, OneThatHadItOpenBeforeWeLookedIsFound) {
  const OtherProgram program(tape);
  OpenWatch watch;
  watch.add("d0", {tape});
  DeviceUsers users(
      "d0", {tape}, [] { return false; }, &watch);
  EXPECT_NE(users.look().other, "");
}

TEST_F(OpenWatchTest, WhatThisDaemonAndItsChildrenHaveOpenIsNoOtherPrograms) {
  OpenWatch watch;
  watch.add("d0", {tape});
  DeviceUsers users(
      "d0", {tape}, [] { return true; }, &watch);
  const std::ifstream open(tape);
  const pid_t child = ::fork();
  if (child == 0) {
    ::pause();
    ::_exit(0);
  }
  const auto use = users.look();
  EXPECT_TRUE(use.daemon && use.touched);
  EXPECT_EQ(use.other, "");
  ::kill(child, SIGKILL);
  ::waitpid(child, nullptr, 0);
}

// Seen with a real daemon: its Changer Command wrote to the tape, then bacula-sd opened it, and what had been opened last was taken for
// another program's for as long as bacula-sd kept it open.
TEST_F(OpenWatchTest, AChangerCommandsOpenIsForgottenOnceTheDaemonHasIt) {
  OpenWatch watch;
  watch.add("d0", {tape});
  bool daemon = false;
  DeviceUsers users(
      "d0", {tape}, [&] { return daemon; }, &watch);
  const pid_t child = ::fork();
  if (child == 0) {
    const int fd = ::open(tape.c_str(), O_RDONLY);
    static_cast<void>(fd);
    ::pause();
    ::_exit(0);
  }
  while (!other_users({tape}).below) ::usleep(1000);
  EXPECT_EQ(users.look().other, "") << "it is below us";
  ::kill(child, SIGKILL);
  ::waitpid(child, nullptr, 0);
  const std::ifstream open(tape);
  daemon = true;
  const auto use = users.look();
  EXPECT_TRUE(use.daemon && use.known);
  EXPECT_EQ(use.other, "");
}

TEST_F(OpenWatchTest, WhetherItTellsIsKnown) {
  OpenWatch watch;
  watch.add("d0", {tape});
  const DeviceUsers users(
      "d0", {tape}, [] { return false; }, &watch);
  EXPECT_FALSE(users.told()) << "there is no thread";
  EXPECT_EQ(watch.start([](const std::string&) {}), "");
  EXPECT_TRUE(users.told());
  watch.stop();
  EXPECT_FALSE(users.told());
}

TEST_F(OpenWatchTest, WithoutAWatchOnlyThisDaemonIsSeen) {
  DeviceUsers users(
      "d0", {tape}, [] { return true; }, nullptr);
  EXPECT_EQ(users.look(), (reserve::DeviceUse{true, {}, true, false}));
}

}  // namespace
}  // namespace shstore::plugin
