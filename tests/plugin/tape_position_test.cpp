// Where the tape must be at least, from what the kernel counted.
#include "plugin/tape_position.h"

#include <gtest/gtest.h>

namespace shstore::plugin {
namespace {

class TapePosition : public testing::Test {
 protected:
  // A daemon that has read the label of a Volume, gone to its end and written there.
  void SetUp() override {
    st.reads = 1;
    EXPECT_EQ(at(1), std::nullopt);
    st.others = 2;
    EXPECT_EQ(at(40), std::nullopt) << "the end of the data";
    st.writes = 10;
    EXPECT_EQ(at(50), std::nullopt);
  }
  std::optional<Moved> at(uint64_t object) { return keeper.see({object, st, st}); }
  std::optional<Moved> moved(uint64_t at_least, uint64_t found) { return Moved{at_least, found}; }

  scsi::TapeStatistics st{};
  PositionKeeper keeper;
};

TEST_F(TapePosition, GoesOnWithEachBlock) {
  st.writes = 300;
  EXPECT_EQ(at(340), std::nullopt);
  EXPECT_EQ(at(340), std::nullopt) << "nothing written";
}

TEST_F(TapePosition, ATapeThatWasRewoundBetweenTwoWrites) {
  st.writes += 4;
  EXPECT_EQ(at(3), moved(54, 3));
}

TEST_F(TapePosition, ATapeThatWasRewoundWhileNothingWasWritten) { EXPECT_EQ(at(0), moved(50, 0)); }

TEST_F(TapePosition, ADaemonAppendsUntilItReads) {
  EXPECT_TRUE(keeper.appends(st));
  auto read = st;
  read.reads += 1;
  EXPECT_FALSE(keeper.appends(read));
  EXPECT_EQ(keeper.see({1, read, read}), std::nullopt);
  EXPECT_FALSE(keeper.appends(read)) << "it has written nothing since";
  read.writes += 1;
  EXPECT_TRUE(keeper.appends(read));
  keeper.forget();
  EXPECT_FALSE(keeper.appends(read));
}

TEST_F(TapePosition, ARefusedWriteIsNotOnTheTape) {
  st.writes += 4;
  st.errors += 1;
  EXPECT_EQ(at(53), std::nullopt);
  st.writes += 1;
  st.errors += 1;
  EXPECT_EQ(at(1), moved(53, 1)) << "the first was refused, and the tape rewound";
}

TEST_F(TapePosition, FilemarksCountAsOthersAndTheTapeMayOnlyBeFurther) {
  st.writes += 4;
  st.others += 1;
  EXPECT_EQ(at(55), std::nullopt);
  st.writes += 1;
  EXPECT_EQ(at(5), moved(56, 5));
}

TEST_F(TapePosition, TheDaemonRewindsBeforeItCloses) {
  st.others += 1;
  EXPECT_EQ(at(0), std::nullopt);
  EXPECT_EQ(at(0), std::nullopt);
  keeper.forget();
  st.others += 1;
  EXPECT_EQ(at(0), std::nullopt);
}

TEST_F(TapePosition, ARewindAfterWhichWritingGoesOnIsNotTheDaemons) {
  st.writes += 2;
  st.others += 1;  // a filemark, and the drive rewinds after it
  EXPECT_EQ(at(0), std::nullopt) << "that may be the daemon, about to close";
  st.writes += 1;
  EXPECT_EQ(at(1), moved(53, 1));
}

TEST_F(TapePosition, WhoReadsMayGoAnywhere) {
  st.reads += 1;
  EXPECT_EQ(at(1), std::nullopt);
}

// A used Volume: its label is read, it is rewound and a new label is written, with nothing read in between.
TEST_F(TapePosition, AVolumeThatIsLabelledAnew) {
  st.reads += 1;
  EXPECT_EQ(at(1), std::nullopt);
  st.others += 1;
  st.writes += 2;
  EXPECT_EQ(at(2), std::nullopt);
  st.writes += 3;
  EXPECT_EQ(at(5), std::nullopt);
  st.writes += 1;
  EXPECT_EQ(at(0), moved(6, 0));
}

TEST_F(TapePosition, OneWriteMayBeOnItsWayAtEachEnd) {
  auto before = st, after = st;
  before.in_flight = after.in_flight = true;
  EXPECT_EQ(keeper.see({51, before, after}), std::nullopt) << "on the tape, not counted";
  st.writes += 1;
  EXPECT_EQ(at(51), std::nullopt);
  st.writes += 2;
  EXPECT_EQ(at(53), std::nullopt);
}

TEST_F(TapePosition, CountersThatBeginAnewAreAnotherDevice) {
  st = {};
  EXPECT_EQ(at(0), std::nullopt);
}

// ---- data that no filemark ends

struct Ends : testing::Test {
  // A job opens the Volume at that place, writes so many blocks, and is looked at once more.
  void job(const std::string& volume, TapePlace at, uint64_t blocks) {
    ends.opens(volume);
    ends.see(at, writes, false);
    writes += blocks;
    ends.see({at.file, at.object + blocks}, writes, blocks != 0);
  }
  void closed() { ends.forget(); }
  VolumeEnds ends;
  uint64_t writes = 100;
};

TEST_F(Ends, AJobBehindAFilemarkIsAsItShouldBe) {
  job("TAPE-1", {0, 1}, 11);
  closed();
  job("TAPE-1", {1, 13}, 5);
  EXPECT_EQ(ends.cut_off(writes), "");
  closed();
  job("TAPE-1", {2, 19}, 5);
  EXPECT_EQ(ends.cut_off(writes), "");
}

// As it was seen: blocks 12 to 138 on the tape, 0 to 126 in the catalog.
TEST_F(Ends, AJobBehindDataThatWasCutOffIsNot) {
  job("TAPE-1", {0, 1}, 8);
  closed();
  ends.opens("TAPE-1");
  ends.see({0, 12}, writes, false);
  EXPECT_EQ(ends.cut_off(writes), "") << "it has written nothing yet: a restore, perhaps";
  writes += 1;
  EXPECT_EQ(ends.cut_off(writes),
            "the data on Volume \"TAPE-1\" before block 12 was cut off, and is not ended by a filemark")
      << "also where the job was over before the next look";
  ends.see({0, 13}, writes, true);
  closed();
  EXPECT_EQ(ends.cut_off(writes), "");
  job("TAPE-1", {0, 40}, 3);
  EXPECT_NE(ends.cut_off(writes), "") << "nor is the job after that one";
}

TEST_F(Ends, ThatItBeginsWhereTheLastLookWasIsEnough) {
  job("TAPE-1", {3, 500}, 20);
  closed();
  job("TAPE-1", {3, 520}, 20);
  EXPECT_NE(ends.cut_off(writes), "");
}

TEST_F(Ends, AnotherVolumeOrARecycledOneIsNone) {
  job("TAPE-1", {0, 1}, 8);
  closed();
  job("TAPE-2", {0, 12}, 8);
  EXPECT_EQ(ends.cut_off(writes), "");
  closed();
  job("TAPE-1", {0, 1}, 8);
  EXPECT_EQ(ends.cut_off(writes), "") << "labeled anew: its data begins before what was there";
}

TEST_F(Ends, AJobThatJoinsIsNoNewBeginning) {
  job("TAPE-1", {0, 1}, 8);
  ends.opens("TAPE-1");
  writes += 4;
  ends.see({0, 13}, writes, true);
  EXPECT_EQ(ends.cut_off(writes), "");
}

TEST_F(Ends, AFilemarkIsNoBlock) {
  job("TAPE-1", {0, 1}, 8);
  // The device stays open, and the filemark behind the job is what was done last.
  ends.see({1, 10}, writes, false);
  closed();
  job("TAPE-1", {1, 10}, 8);
  EXPECT_EQ(ends.cut_off(writes), "");
}

TEST_F(Ends, WhatIsNotKnownToBeThatVolumeIsNone) {
  job("TAPE-1", {0, 1}, 8);
  closed();  // and opened again in the middle of the job, with the next Volume
  ends.see({0, 1}, writes, false);
  writes += 50;
  ends.see({0, 51}, writes, true);
  closed();
  job("TAPE-1", {1, 10}, 8);
  EXPECT_EQ(ends.cut_off(writes), "");
}

}  // namespace
}  // namespace shstore::plugin
