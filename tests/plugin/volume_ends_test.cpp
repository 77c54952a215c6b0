// Data that no filemark ends, and who appends behind it.
#include "plugin/volume_ends.h"

#include <gtest/gtest.h>

namespace shstore::plugin {
namespace {

using record::UnendedVolume;

class Ends : public testing::Test {
 protected:
  // A job opens the Volume at that place, writes so many blocks, and is looked at once more.
  void job(const std::string& volume, TapePlace at, uint64_t blocks) {
    ends.opens(volume);
    ends.see(at, st, false);
    st.writes += blocks;
    ends.see({at.file, at.object + blocks}, st, blocks != 0);
  }
  std::string said() const { return ends.cut_off(st.writes); }
  // bacula-sd or st writes the filemark, and rewinds.
  void closes() {
    st.others += 2;
    ends.closed(st);
  }
  // The drive is another host's by now: filemark and rewind are refused.
  void is_cut_off() {
    st.others += 2;
    st.errors += 2;
    ends.closed(st);
  }
  // Another daemon by the same name finds what the one before it has written down.
  void starts_again() {
    unended = std::make_shared<UnendedVolumes>(unended->all(), [this] { ++written_down; });
    ends = VolumeEnds(unended);
    st = {};
  }

  int written_down = 0;
  std::shared_ptr<UnendedVolumes> unended =
      std::make_shared<UnendedVolumes>(std::vector<UnendedVolume>{}, [this] { ++written_down; });
  VolumeEnds ends{unended};
  scsi::TapeStatistics st{100, 1, 10, false, 3, {}};
};

TEST_F(Ends, AJobBehindAFilemarkIsAsItShouldBe) {
  job("TAPE-1", {0, 1}, 11);
  is_cut_off();
  job("TAPE-1", {1, 13}, 5);
  EXPECT_EQ(said(), "");
  is_cut_off();
  job("TAPE-1", {2, 19}, 5);
  EXPECT_EQ(said(), "");
}

// As it was seen: blocks 12 to 138 on the tape, 0 to 126 in the catalog.
TEST_F(Ends, AJobBehindDataThatWasCutOffIsNot) {
  job("TAPE-1", {0, 1}, 8);
  is_cut_off();
  ends.opens("TAPE-1");
  ends.see({0, 12}, st, false);
  EXPECT_EQ(said(), "") << "it has written nothing yet: a restore, perhaps";
  st.writes += 1;
  EXPECT_EQ(said(), "the data on Volume \"TAPE-1\" before block 12 was cut off, and is not ended by a filemark")
      << "also where the job was over before the next look";
  ends.see({0, 13}, st, true);
  is_cut_off();
  EXPECT_EQ(said(), "");
  job("TAPE-1", {0, 40}, 3);
  EXPECT_NE(said(), "") << "nor is the job after that one";
}

TEST_F(Ends, ThatItBeginsWhereTheLastLookWasIsEnough) {
  job("TAPE-1", {3, 500}, 20);
  is_cut_off();
  job("TAPE-1", {3, 520}, 20);
  EXPECT_NE(said(), "");
}

TEST_F(Ends, AnotherVolumeOrARecycledOneIsNone) {
  job("TAPE-1", {0, 1}, 8);
  is_cut_off();
  job("TAPE-2", {0, 12}, 8);
  EXPECT_EQ(said(), "");
  is_cut_off();
  job("TAPE-1", {0, 1}, 8);
  EXPECT_EQ(said(), "") << "labeled anew: its data begins before what was there";
}

TEST_F(Ends, AJobThatJoinsIsNoNewBeginning) {
  job("TAPE-1", {0, 1}, 8);
  ends.opens("TAPE-1");
  st.writes += 4;
  ends.see({0, 13}, st, true);
  EXPECT_EQ(said(), "");
}

TEST_F(Ends, AFilemarkIsNoBlock) {
  job("TAPE-1", {0, 1}, 8);
  // The device stays open, and the filemark behind the job is what was done last.
  ends.see({1, 10}, st, false);
  is_cut_off();
  job("TAPE-1", {1, 10}, 8);
  EXPECT_EQ(said(), "");
}

TEST_F(Ends, WhatIsNotKnownToBeThatVolumeIsNone) {
  job("TAPE-1", {0, 1}, 8);
  ends.forget(st);  // and opened again in the middle of the job, with the next Volume
  ends.see({0, 1}, st, false);
  st.writes += 50;
  ends.see({0, 51}, st, true);
  is_cut_off();
  job("TAPE-1", {1, 10}, 8);
  EXPECT_EQ(said(), "");
}

// ---- what the daemon's next life must know

TEST_F(Ends, ADaemonThatWasStartedAgainKnowsWhatWasCutOffBefore) {
  job("TAPE-1", {0, 1}, 8);
  is_cut_off();
  starts_again();
  job("TAPE-1", {0, 12}, 1);
  EXPECT_EQ(said(), "the data on Volume \"TAPE-1\" before block 12 was cut off, and is not ended by a filemark");
}

// The machine lost its power before anybody had looked again.
TEST_F(Ends, TheFirstBlockIsEnoughAndItIsWrittenDownBeforeIt) {
  ends.opens("TAPE-1");
  ends.see({2, 300}, st, false);
  EXPECT_EQ(written_down, 1);
  starts_again();
  job("TAPE-1", {2, 301}, 1);
  EXPECT_NE(said(), "");
}

TEST_F(Ends, WhereNothingWasWrittenNothingIsCutOff) {
  ends.opens("TAPE-1");
  ends.see({2, 300}, st, false);
  starts_again();
  job("TAPE-1", {2, 300}, 1);
  EXPECT_EQ(said(), "");
}

TEST_F(Ends, AFileThatWasBegunInMidJobIsKnownToo) {
  job("TAPE-1", {0, 1}, 8);
  ends.see({1, 10}, st, false);
  EXPECT_EQ(unended->all(), (std::vector<UnendedVolume>{{"TAPE-1", 1, 11}}));
  EXPECT_EQ(written_down, 2);
  st.writes += 4;
  ends.see({1, 14}, st, true);
  EXPECT_EQ(written_down, 2) << "the same file";
  starts_again();
  job("TAPE-1", {1, 20}, 1);
  EXPECT_NE(said(), "");
}

TEST_F(Ends, ATapeThatWasMovedUnderTheDaemonSaysNothingNew) {
  job("TAPE-1", {3, 500}, 20);
  ends.see({0, 2}, st, false);
  EXPECT_EQ(unended->all(), (std::vector<UnendedVolume>{{"TAPE-1", 3, 520}}));
}

// Or another host that labels the Volume anew could come to the same place by chance.
TEST_F(Ends, AVolumeThatWasClosedInOrderIsForgotten) {
  job("TAPE-1", {0, 1}, 8);
  EXPECT_EQ(unended->all().size(), 1U);
  closes();
  EXPECT_TRUE(unended->all().empty());
  EXPECT_EQ(written_down, 2);
}

TEST_F(Ends, AJobBehindDataThatWasCutOffEndsItInOrder) {
  job("TAPE-1", {0, 1}, 8);
  is_cut_off();
  job("TAPE-1", {0, 12}, 8);
  EXPECT_NE(said(), "");
  closes();
  EXPECT_TRUE(unended->all().empty());
}

TEST_F(Ends, ARestoreLeavesItAsItWas) {
  job("TAPE-1", {0, 1}, 8);
  is_cut_off();
  job("TAPE-2", {4, 50}, 0);
  st.reads += 5;
  ends.forget(st);
  EXPECT_EQ(unended->all(), (std::vector<UnendedVolume>{{"TAPE-1", 0, 9}}));
  ends.opens("TAPE-1");
  ends.see({0, 1}, st, false);
  closes();
  EXPECT_EQ(unended->all(), (std::vector<UnendedVolume>{{"TAPE-1", 0, 9}}));
}

TEST_F(Ends, WhatCountsAnewIsAnotherDeviceAndProvesNothing) {
  job("TAPE-1", {0, 1}, 8);
  st = {};
  ends.closed(st);
  EXPECT_EQ(unended->all().size(), 1U);
  job("TAPE-2", {0, 1}, 0);
  ends.closed(std::nullopt);
  EXPECT_EQ(unended->all().size(), 2U);
}

TEST_F(Ends, ATapeThatIsInAnotherDriveOfThisDaemonIsTheSame) {
  job("TAPE-1", {0, 1}, 8);
  is_cut_off();
  ends = VolumeEnds(unended);
  job("TAPE-1", {0, 12}, 1);
  EXPECT_NE(said(), "");
}

TEST_F(Ends, TheOldestGoWhereThereAreTooMany) {
  for (size_t i = 0; i <= UnendedVolumes::kMost; ++i) unended->put("TAPE-" + std::to_string(i), {1, 2});
  EXPECT_EQ(unended->all().size(), UnendedVolumes::kMost);
  EXPECT_FALSE(unended->find("TAPE-0"));
  EXPECT_TRUE(unended->find("TAPE-1"));
  auto many = unended->all();
  many.push_back({"TAPE-LAST", 1, 2});
  const UnendedVolumes next(many);
  EXPECT_EQ(next.all().size(), UnendedVolumes::kMost);
  EXPECT_TRUE(next.find("TAPE-LAST"));
}

}  // namespace
}  // namespace shstore::plugin
