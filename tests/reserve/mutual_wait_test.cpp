// Rings of hosts that wait for each other, found in what drives show and what this daemon knows of its own jobs.
#include "reserve/mutual_wait.h"

#include <gmock/gmock.h>

namespace shstore::reserve {
namespace {

using namespace std::chrono_literals;
using testing::ElementsAre;
using testing::IsEmpty;
using testing::SizeIs;

const Instant kBegin = Instant(1h);

// The half of a Copy that reads has its drive, and the one that writes waits.
JobOnDrives reader(JobId job, const std::string& drive, Instant since = kBegin) {
  return {job, job, {drive}, {}, false, JobHalf::reads, since - 1s, {{drive, since}}};
}
JobOnDrives writer(JobId job, std::set<std::string> drives, Instant known = kBegin + 1s) {
  return {job, job, {}, std::move(drives), false, JobHalf::writes, known, {}};
}

TEST(MutualWait, TwoHostsCrosswise) {
  // We are a: we have x and wait for y, which b has, and b waits for x.
  const auto found =
      find_mutual_waits("a", {{"x", "a", {"b"}, 5}, {"y", "b", {"a"}, 7}}, {reader(1, "x"), writer(2, {"y"})});
  ASSERT_THAT(found, SizeIs(1));
  EXPECT_THAT(found[0].ring, ElementsAre(MutualWait::Link{"a", "x", "y"}, MutualWait::Link{"b", "y", "x"}));
  EXPECT_EQ(found[0].job, 2u);
  EXPECT_THAT(found[0].having, ElementsAre(1u));
  EXPECT_TRUE(found[0].proven);
}

TEST(MutualWait, ThreeHostsOnFourDrives) {
  // The fourth drive is d's, which writes and waits for nothing; nobody in the ring waits for it.
  const std::vector<DriveKeys> drives = {
      {"w", "d", {}, 1}, {"x", "a", {"c"}, 1}, {"y", "b", {"a"}, 1}, {"z", "c", {"b"}, 1}};
  const auto found = find_mutual_waits("a", drives, {reader(1, "x"), writer(2, {"y"})});
  ASSERT_THAT(found, SizeIs(1));
  EXPECT_THAT(found[0].ring, ElementsAre(MutualWait::Link{"a", "x", "y"}, MutualWait::Link{"b", "y", "z"},
                                         MutualWait::Link{"c", "z", "x"}));
}

TEST(MutualWait, WhoeverMayAlsoHaveADriveThatComesFreeIsInNoRing) {
  // d's drive comes free some time, and c waits for that one too; or our own job does.
  const std::vector<DriveKeys> drives = {
      {"w", "d", {"c"}, 1}, {"x", "a", {"c"}, 1}, {"y", "b", {"a"}, 1}, {"z", "c", {"b"}, 1}};
  EXPECT_THAT(find_mutual_waits("a", drives, {reader(1, "x"), writer(2, {"y"})}), IsEmpty());
  const std::vector<DriveKeys> ours = {{"w", "d", {"a"}, 1}, {"x", "a", {"b"}, 1}, {"y", "b", {"a"}, 1}};
  EXPECT_THAT(find_mutual_waits("a", ours, {reader(1, "x"), writer(2, {"w", "y"})}), IsEmpty());
  // Another job of ours that waits for w changes nothing.
  EXPECT_THAT(find_mutual_waits("a", ours, {reader(1, "x"), writer(2, {"y"}), writer(3, {"w"}, kBegin + 1h)}),
              SizeIs(1));
}

TEST(MutualWait, AllDrivesOfAllHostsAreARing) {
  // Four drives, three hosts; the Copy of each may have any drive.
  const std::vector<DriveKeys> drives = {
      {"w", "b", {"a", "c"}, 1}, {"x", "a", {"b", "c"}, 1}, {"y", "b", {"a", "c"}, 1}, {"z", "c", {"a", "b"}, 1}};
  const auto found = find_mutual_waits("a", drives, {reader(1, "x"), writer(2, {"w", "y", "z"})});
  ASSERT_THAT(found, SizeIs(1));
  EXPECT_THAT(found[0].ring, SizeIs(2));
}

TEST(MutualWait, AFreeDriveIsNoRing) {
  EXPECT_THAT(
      find_mutual_waits("a", {{"x", "a", {"b"}, 5}, {"y", "", {"a", "b"}, 7}}, {reader(1, "x"), writer(2, {"y"})}),
      IsEmpty());
}

TEST(MutualWait, ADriveThatWasNotSeenIsNoRing) {
  // b waits for z, which this daemon does not share: whose that is it cannot know.
  EXPECT_THAT(find_mutual_waits("a", {{"x", "a", {}, 5}, {"y", "b", {"a"}, 7}}, {reader(1, "x"), writer(2, {"y"})}),
              IsEmpty());
  // Nor where our own job waits for one that could not be asked.
  EXPECT_THAT(
      find_mutual_waits("a", {{"x", "a", {"b"}, 5}, {"y", "b", {"a"}, 7}}, {reader(1, "x"), writer(2, {"y", "z"})}),
      IsEmpty());
}

TEST(MutualWait, ARingOfOthersIsNotOurs) {
  const std::vector<DriveKeys> drives = {{"x", "a", {}, 1}, {"y", "b", {"a", "c"}, 1}, {"z", "c", {"b"}, 1}};
  EXPECT_THAT(find_mutual_waits("a", drives, {reader(1, "x"), writer(2, {"y"})}), IsEmpty());
}

TEST(MutualWait, AHostWithoutMannersThatIsRegisteredForEver) {
  // b never takes its key off x, which a backup of ours uses: that comes free.
  const std::vector<DriveKeys> drives = {{"x", "a", {"b"}, 1}, {"y", "b", {"a"}, 1}};
  auto backup = reader(1, "x");
  backup.half = JobHalf::whole;
  EXPECT_THAT(find_mutual_waits("a", drives, {backup, writer(2, {"y"})}), IsEmpty());
  backup.half = JobHalf::unknown;
  backup.begun = true;
  EXPECT_THAT(find_mutual_waits("a", drives, {backup, writer(2, {"y"})}), IsEmpty());
}

struct OwnHalf : testing::Test {
  bool proven(const std::vector<JobOnDrives>& jobs) {
    const auto found = find_mutual_waits("a", drives, jobs);
    EXPECT_THAT(found, testing::Not(IsEmpty()));
    return !found.empty() && found[0].proven;
  }
  std::vector<DriveKeys> drives = {{"v", "a", {}, 1}, {"x", "a", {"b"}, 1}, {"y", "b", {"a"}, 1}};
};

TEST_F(OwnHalf, IsProvenOfAVirtualFullThatHasTheDriveItself) {
  EXPECT_TRUE(proven({{1, 1, {"x"}, {"y"}, false, JobHalf::whole, kBegin, {{"x", kBegin}}}}));
}

TEST_F(OwnHalf, IsNotProvenWhereBaculaDoesNotTell) {
  auto waits = writer(2, {"y"});
  waits.half = JobHalf::unknown;
  EXPECT_FALSE(proven({reader(1, "x"), waits}));
  auto has = reader(1, "x");
  has.half = JobHalf::unknown;
  EXPECT_FALSE(proven({has, writer(2, {"y"})}));
}

TEST_F(OwnHalf, IsNotProvenOfAJobThatMerelyWaits) {
  auto backup = writer(2, {"y"});
  backup.half = JobHalf::whole;
  EXPECT_FALSE(proven({reader(1, "x"), backup}));
}

TEST_F(OwnHalf, IsNotProvenOfAWriterThatDidNotFollowAtOnce) {
  EXPECT_FALSE(proven({reader(1, "x"), writer(2, {"y"}, kBegin - 1s)}));  // the reader had no drive yet
  EXPECT_FALSE(proven({reader(1, "x"), writer(2, {"y"}, kBegin + 31s)}));
  EXPECT_FALSE(proven({reader(3, "x"), writer(2, {"y"})}));  // the Director numbers the writer after the reader
}

TEST_F(OwnHalf, IsNotProvenWhereTwoComeIntoQuestion) {
  EXPECT_FALSE(proven({reader(1, "x"), writer(2, {"y"}), writer(3, {"y"}, kBegin + 2s)}));
  EXPECT_FALSE(proven({reader(1, "x"), reader(2, "v"), writer(3, {"y"}, kBegin + 2s)}));
  EXPECT_TRUE(proven({reader(1, "x"), reader(2, "v", kBegin + 1min), writer(3, {"y"}, kBegin + 2s)}));
}

TEST_F(OwnHalf, IsNotProvenWhileASecondJobHasTheDrive) {
  EXPECT_FALSE(proven({reader(1, "x"), reader(4, "x", kBegin + 1min), writer(2, {"y"})}));
}

struct MutualWaitsTest : testing::Test {
  void see() { waits.see(own, drives, jobs, now); }
  std::vector<MutualWaits::Standing> after(Duration time) {
    now += time;
    see();
    return waits.to_end(now);
  }
  HostKey own = "0xb";
  std::vector<DriveKeys> drives = {{"x", "0xb", {"0xa"}, 1}, {"y", "0xa", {"0xb"}, 1}};
  std::vector<JobOnDrives> jobs = {reader(1, "x"), writer(2, {"y"})};
  MutualWaits waits{{10min, 10min, 1min}};
  Instant now = kBegin + 2s;
};

TEST_F(MutualWaitsTest, TheHostWithTheLargestKeyEndsItAfterItHasStoodStill) {
  see();
  EXPECT_THAT(waits.standing(now), IsEmpty());
  EXPECT_THAT(after(1min), IsEmpty());
  ASSERT_THAT(waits.standing(now), SizeIs(1));
  EXPECT_THAT(after(8min), IsEmpty());
  const auto end = after(1min);
  ASSERT_THAT(end, SizeIs(1));
  EXPECT_EQ(end[0].wait.job, 2u);
}

TEST_F(MutualWaitsTest, TheNextOneEndsItMuchLaterWhereTheFirstDoesNot) {
  // The other host has no manners, or is dead.
  drives = {{"x", "0xb", {"0x1a"}, 1}, {"y", "0x1a", {"0xb"}, 1}};
  see();
  EXPECT_THAT(after(19min), IsEmpty());
  EXPECT_THAT(after(1min), SizeIs(1));
}

TEST_F(MutualWaitsTest, WhateverChangesOnADriveOfTheRingBeginsTheTimeAnew) {
  see();
  after(9min);
  ++drives[1].generation;
  EXPECT_THAT(after(1min), IsEmpty());
  EXPECT_THAT(waits.standing(now), SizeIs(1)) << "it is the same ring";
  after(9min);
  drives[0].waiting.push_back("0xc");
  EXPECT_THAT(after(1min), IsEmpty());
  EXPECT_THAT(after(10min), SizeIs(1));
}

TEST_F(MutualWaitsTest, KeysInAnotherOrderAreTheSame) {
  drives[0].waiting = {"0xa", "0xc"};
  see();
  drives[0].waiting = {"0xc", "0xa"};
  EXPECT_THAT(after(10min), SizeIs(1));
}

TEST_F(MutualWaitsTest, ADriveThatCannotBeAskedBeginsTheTimeAnew) {
  see();
  after(9min);
  const auto all = drives;
  drives.pop_back();
  EXPECT_THAT(after(1min), IsEmpty());
  EXPECT_THAT(waits.standing(now), IsEmpty());
  drives = all;
  EXPECT_THAT(after(1min), IsEmpty());
  EXPECT_THAT(after(10min), SizeIs(1));
}

TEST_F(MutualWaitsTest, WhereItIsNotProvenNobodyIsRefused) {
  jobs[1].half = JobHalf::unknown;
  see();
  EXPECT_THAT(after(24h), IsEmpty());
  EXPECT_THAT(waits.standing(now), SizeIs(1));
}

TEST_F(MutualWaitsTest, CanBeTurnedOff) {
  waits = MutualWaits{{0min, 10min, 1min}};
  see();
  EXPECT_THAT(after(24h), IsEmpty());
  EXPECT_THAT(waits.standing(now), SizeIs(1));
}

TEST_F(MutualWaitsTest, AHostThatDiesInTheRingLeavesItAsItIs) {
  // Its lock and its key stay: this host cannot know it. It ends its own job, and the drive that comes free goes to whoever lives.
  see();
  EXPECT_THAT(after(10min), SizeIs(1));
  drives[0] = {"x", "", {"0xa"}, 1};
  jobs.clear();
  EXPECT_THAT(after(1s), IsEmpty());
}

}  // namespace
}  // namespace shstore::reserve
