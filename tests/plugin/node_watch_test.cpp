// Where the names of a drive lead: told by inotify and by the kernel's events, and by nobody where those cannot be had.
#include "plugin/node_watch.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <condition_variable>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <map>

namespace shstore::plugin {
namespace {

namespace fs = std::filesystem;

class Folder {
 public:
  Folder() {
    EXPECT_NE(::mkdtemp(path_.data()), nullptr);
    path_ = fs::canonical(path_);
    for (const char* sub : {"/dev", "/by-id", "/tapes"}) fs::create_directory(path_ + sub);
    for (const char* file : {"/dev/nst0", "/dev/nst1", "/tapes/drive0"}) std::ofstream{path_ + file};
  }
  ~Folder() { fs::remove_all(path_); }
  Folder(const Folder&) = delete;
  Folder& operator=(const Folder&) = delete;
  std::string operator/(const std::string& name) const { return path_ + '/' + name; }

 private:
  std::string path_ = "/tmp/shstore-nodes-XXXXXX";
};

struct NodeWatchTest : testing::Test {
  static constexpr const char* kDrive = "/dev/sg0";

  NodeWatchTest() {
    fs::create_symlink("../dev/nst0", link);
    watch.add(kDrive, {link});
    watch.devices_are_told(true);
  }
  ~NodeWatchTest() override { watch.stop(); }
  void start() {
    const auto listener = [this](const std::string& drive) {
      const std::lock_guard lock(mutex);
      ++told[drive];
      heard.notify_all();
    };
    ASSERT_EQ(watch.start(listener), "");
  }
  // The drive was told of after that, and is counted.
  template <class Change>
  bool is_told(Change change, const std::string& drive = kDrive) {
    const auto before = watch.seen(drive).number;
    std::unique_lock lock(mutex);
    const int known = told[drive];
    lock.unlock();
    change();
    lock.lock();
    return heard.wait_for(lock, std::chrono::minutes(2),
                          [&] { return told[drive] > known && watch.seen(drive).number != before; });
  }
  void lead_to(const std::string& target) const {
    fs::create_symlink(target, folder / "by-id/new");
    fs::rename(folder / "by-id/new", link);
  }

  Folder folder;
  const std::string link = folder / "by-id/tape-nst";
  std::mutex mutex;
  std::condition_variable heard;
  std::map<std::string, int> told;
  NodeWatch watch;
};

TEST_F(NodeWatchTest, ANodeThatIsRemovedOrMadeAnewIsTold) {
  start();
  EXPECT_TRUE(watch.seen(kDrive).told);
  EXPECT_TRUE(is_told([&] { fs::remove(folder / "dev/nst0"); }));
  EXPECT_TRUE(is_told([&] { std::ofstream{folder / "dev/nst0"}; }));
  EXPECT_TRUE(watch.seen(kDrive).told) << "and what comes after it";
}

TEST_F(NodeWatchTest, ALinkThatLeadsElsewhereIsToldAndSoIsWhatItLeadsToFromThen) {
  start();
  EXPECT_TRUE(is_told([&] { lead_to("../dev/nst1"); }));
  EXPECT_TRUE(is_told([&] { fs::remove(folder / "dev/nst1"); }));
  fs::create_directory(folder / "dev2");
  EXPECT_TRUE(is_told([&] { lead_to("../dev2/nst7"); })) << "to nothing yet";
  EXPECT_TRUE(is_told([&] { std::ofstream{folder / "dev2/nst7"}; }));
}

// Twice the same: the first name is an archive device's, which a daemon writes to all the time.
TEST_F(NodeWatchTest, WhichSimulatedDriveItIsIsToldAndWhatIsWrittenToItIsNot) {
  watch.add("drive0", {folder / "tapes/drive0"});
  watch.add("drive1", {folder / "tapes/drive1"});
  start();
  const auto before = watch.seen("drive0").number;
  for (int i = 0; i < 3; ++i) std::ofstream(folder / "tapes/drive0") << "a block";
  // In the order in which they happened.
  EXPECT_TRUE(is_told([&] { std::ofstream{folder / "tapes/drive1"}; }, "drive1"));
  EXPECT_EQ(watch.seen("drive0").number, before);
  EXPECT_TRUE(is_told([&] { std::ofstream(folder / "tapes/drive0.drive") << "HU1"; }, "drive0"));
  EXPECT_TRUE(is_told([&] { std::ofstream(folder / "tapes/drive0.drive") << "HU2"; }, "drive0"));
}

TEST_F(NodeWatchTest, WhereEventsWereLostAllDrivesMayHaveChanged) {
  watch.add("other", {folder / "tapes/drive0"});
  std::ifstream limit("/proc/sys/fs/inotify/max_queued_events");
  unsigned long most = 16384;
  limit >> most;
  const auto number = watch.seen("other").number;
  for (unsigned long i = 0; i <= most; i += 2) {  // two events each, none equal to the one before
    std::ofstream{folder / "dev/nst0"};
    fs::remove(folder / "dev/nst0");
  }
  EXPECT_TRUE(is_told([&] { start(); }, "other"));
  EXPECT_NE(watch.seen("other").number, number);
}

TEST_F(NodeWatchTest, DevicesOfTheKernelsThatComeOrGoAreOfAllDrives) {
  watch.add("other", {folder / "tapes/drive0"});
  start();
  EXPECT_TRUE(is_told([&] { watch.all_changed(); }));
  EXPECT_TRUE(is_told([&] { watch.all_changed(); }, "other"));
}

TEST_F(NodeWatchTest, NothingIsToldWhereTheKernelTellsNothingOfDevices) {
  start();
  watch.devices_are_told(false);
  EXPECT_FALSE(watch.seen(kDrive).told);
}

TEST_F(NodeWatchTest, NothingIsToldBeforeTheBeginningAndAfterTheEnd) {
  EXPECT_FALSE(watch.seen(kDrive).told);
  EXPECT_TRUE(watch.has_no_thread());
  start();
  EXPECT_FALSE(watch.has_no_thread());
  watch.stop();
  EXPECT_FALSE(watch.seen(kDrive).told);
}

TEST_F(NodeWatchTest, AFolderThatIsNotThereIsSaidAndTriedAgain) {
  watch.add("late", {folder / "late/nst0"});
  start();
  EXPECT_FALSE(watch.seen("late").told);
  EXPECT_EQ(watch.unavailable(), folder / "late: No such file or directory");
  fs::create_directory(folder / "late");
  watch.try_again("late");
  EXPECT_TRUE(watch.seen("late").told);
  EXPECT_EQ(watch.unavailable(), "");
  EXPECT_TRUE(is_told([&] { fs::remove(folder / "late"); }, "late"));
  EXPECT_FALSE(watch.seen("late").told) << "its folder has gone";
}

TEST_F(NodeWatchTest, ADriveThatNobodyAddedIsNotTold) { EXPECT_FALSE(watch.seen("none").told); }

TEST(NamesOnTheWay, AreThoseOfEachLinkAndOfWhatTheLastLeadsTo) {
  std::string folder = "/tmp/shstore-nodes-XXXXXX";
  ASSERT_NE(::mkdtemp(folder.data()), nullptr);
  folder = fs::canonical(folder);
  fs::create_directory(folder + "/by-id");
  fs::create_symlink("second", folder + "/by-id/first");
  fs::create_symlink("../nst0", folder + "/by-id/second");
  EXPECT_EQ(names_on_the_way(folder + "/by-id/first"),
            (std::vector<WatchedName>{{folder + "/by-id", "first"}, {folder + "/by-id", "second"}, {folder, "nst0"}}));
  fs::create_symlink("loop", folder + "/loop");
  EXPECT_EQ(names_on_the_way(folder + "/loop").size(), 40u) << "and it ends";
  fs::remove_all(folder);
}

}  // namespace
}  // namespace shstore::plugin
