#include "reserve/record/confirmed.h"

#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>

namespace shstore::record {
namespace {

TEST(Confirmed, LiesBesideTheStateFile) {
  EXPECT_EQ(confirmed_path("/var/lib/bacula/cibou-sd.shstore.json"), "/var/lib/bacula/cibou-sd.shstore.confirmed");
}

TEST(Confirmed, ReadsWhatItWrote) {
  const std::vector<Confirmed> all = {{"/dev/sg0", "HU19477B2C", "naa.50014380023560d4"},
                                      {"/dev/tape/by-id/x y", "", ""}};
  EXPECT_EQ(parse_confirmed(to_text(all)), all);
}

TEST(Confirmed, WhatIsNoLineOfItIsPassedOver) {
  EXPECT_TRUE(parse_confirmed("").empty());
  EXPECT_TRUE(parse_confirmed("nonsense\n\t\t\n\nabout\tone\n").empty());
  EXPECT_EQ(parse_confirmed("nonsense\n/dev/sg0\tA\tB").size(), 1u);
}

TEST(Confirmed, TheLastWordOfADeviceCounts) {
  std::string folder = "/tmp/shstore-confirmed-XXXXXX";
  ASSERT_NE(::mkdtemp(folder.data()), nullptr);
  const auto path = folder + "/cibou-sd.shstore.confirmed";
  EXPECT_TRUE(read_confirmed(path).empty());
  ASSERT_TRUE(write_confirmed(path, {"/dev/sg0", "A", ""}));
  ASSERT_TRUE(write_confirmed(path, {"/dev/sg1", "B", ""}));
  ASSERT_TRUE(write_confirmed(path, {"/dev/sg0", "C", ""}));
  EXPECT_EQ(read_confirmed(path), (std::vector<Confirmed>{{"/dev/sg1", "B", ""}, {"/dev/sg0", "C", ""}}));
  EXPECT_FALSE(write_confirmed(path, {"/dev/sg\t0", "C", ""}));
  std::filesystem::remove_all(folder);
}

// The folder is the daemon's user's, and root reads there too.
TEST(Confirmed, AFifoIsNotWaitedFor) {
  std::string folder = "/tmp/shstore-confirmed-XXXXXX";
  ASSERT_NE(::mkdtemp(folder.data()), nullptr);
  const auto path = folder + "/cibou-sd.shstore.confirmed";
  ASSERT_EQ(::mkfifo(path.c_str(), 0600), 0);
  EXPECT_TRUE(read_confirmed(path).empty());
  std::filesystem::remove_all(folder);
}

}  // namespace
}  // namespace shstore::record
