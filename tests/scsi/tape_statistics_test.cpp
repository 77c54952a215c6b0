// What the kernel counts, from a sysfs that is made up. /dev/null stands for the tape.
#include "scsi/tape_statistics.h"

#include <gtest/gtest.h>

#include <filesystem>

#include "support.h"

namespace shstore::scsi {
namespace {

class Statistics : public testing::Test {
 protected:
  void SetUp() override {
    for (const char* sub : {"stats", "device"}) std::filesystem::create_directories(folder.path(device + sub));
    file("stats/write_cnt", "300\n");
    file("stats/read_cnt", "2\n");
    file("stats/other_cnt", "17\n");
    file("stats/in_flight", "1\n");
    file("device/ioerr_cnt", "0x1f\n");
  }
  void file(const std::string& name, const char* text) const { folder.write(device + name, text); }
  std::optional<TapeStatistics> read(const std::string& node = "/dev/null") const {
    return read_tape_statistics(node, folder.path());
  }

  TemporaryFolder folder;
  const std::string device = "dev/char/1:3/";
};

TEST_F(Statistics, AreReadFromTheDeviceBehindTheNode) {
  EXPECT_EQ(read(), (TapeStatistics{300, 2, 17, true, 31, std::nullopt}));
  std::filesystem::create_symlink("/dev/null", folder.path("nst0"));
  EXPECT_EQ(read(folder.path("nst0"))->writes, 300u);
}

TEST_F(Statistics, NewerKernelsTellThatThePositionIsLost) {
  file("position_lost_in_reset", "0\n");
  EXPECT_EQ(read()->position_lost, false);
  file("position_lost_in_reset", "1\n");
  EXPECT_EQ(read()->position_lost, true);
}

TEST_F(Statistics, WhatIsNoTapeOrCountsNothingHasNone) {
  EXPECT_FALSE(read("/dev/zero"));
  EXPECT_FALSE(read(folder.write("volume", "")));
  EXPECT_FALSE(read(folder.path("none")));
  file("stats/other_cnt", "many\n");
  EXPECT_FALSE(read());
}

TEST_F(Statistics, OfOneNodeAreReadAgainAndAgain) {
  TapeCounters counters("/dev/null", folder.path());
  EXPECT_EQ(counters.read()->writes, 300u);
  EXPECT_EQ(counters.device(), "/dev/char/1:3/device");
  file("stats/write_cnt", "301\n");
  file("device/ioerr_cnt", "0x20\n");
  EXPECT_EQ(counters.read(), (TapeStatistics{301, 2, 17, true, 32, std::nullopt}));
}

TEST_F(Statistics, OfANodeThatLeadsElsewhereByNowAreThoseOfTheOtherDevice) {
  const std::string other = "dev/char/1:5/";
  for (const char* sub : {"stats", "device"}) std::filesystem::create_directories(folder.path(other + sub));
  for (const char* name :
       {"stats/write_cnt", "stats/read_cnt", "stats/other_cnt", "stats/in_flight", "device/ioerr_cnt"})
    folder.write(other + name, "7\n");
  const auto node = folder.path("nst0");
  std::filesystem::create_symlink("/dev/null", node);
  TapeCounters counters(node, folder.path());
  EXPECT_EQ(counters.read()->writes, 300u);
  std::filesystem::remove(node);
  EXPECT_FALSE(counters.read());
  EXPECT_EQ(counters.device(), "");
  std::filesystem::create_symlink("/dev/zero", node);
  EXPECT_EQ(counters.read()->writes, 7u);
  EXPECT_EQ(counters.device(), "/dev/char/1:5/device");
}

// What the kernel has taken away is read no further (of a file, an end of reading is what comes next to it): another one with the same
// number has files of its own.
TEST_F(Statistics, AfterAReadThatFailsAllIsOpenedAnew) {
  TapeCounters counters("/dev/null", folder.path());
  EXPECT_TRUE(counters.read());
  file("stats/other_cnt", "");
  EXPECT_FALSE(counters.read());
  std::filesystem::rename(folder.path(device), folder.path("dev/char/away"));
  EXPECT_FALSE(counters.read());
  std::filesystem::rename(folder.path("dev/char/away"), folder.path(device));
  file("stats/other_cnt", "18\n");
  EXPECT_EQ(counters.read()->others, 18u);
}

}  // namespace
}  // namespace shstore::scsi
