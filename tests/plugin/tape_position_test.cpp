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

// Found in the lab: a job that ended within the five seconds after its tape was moved was reported OK, and nothing of it came back. Its
// last filemark was taken for what might be a rewind.
TEST_F(TapePosition, WhereAJobBeganToAppendAFilemarkIsNoRewind) {
  keeper.begins_to_append(50, st);
  st.writes += 500;
  st.others += 1;
  EXPECT_EQ(at(0), std::nullopt) << "the daemon, about to close";
  EXPECT_EQ(at(250), moved(550, 250));
}

TEST_F(TapePosition, TheDaemonGoesBackToReadItsLastBlockAtTheEndOfAMedium) {
  keeper.begins_to_append(50, st);
  st.writes += 500;
  st.others += 3;
  EXPECT_EQ(at(548), std::nullopt);
}

// bacula-sd has read the label already, and winds to where the backup is that it restores.
TEST_F(TapePosition, AJobThatReadsThereNextMayGoAnywhere) {
  keeper.begins_to_append(50, st);
  keeper.may_go_anywhere();
  st.writes += 500;
  st.others += 2;
  EXPECT_EQ(at(250), std::nullopt);
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

}  // namespace
}  // namespace shstore::plugin
