// A job that begins to append is told of data before it that no filemark ends, whoever wrote that.
#include <gtest/gtest.h>

#include "../scsi/tape_transport.h"
#include "plugin/position_proof.h"

namespace shstore::plugin {
namespace {

struct LookBehind : testing::Test {
  reserve::LockReading look() {
    reserve::LockReading reading;
    proof.see(
        unit, [] { return true; }, reading);
    return reading;
  }

  scsi::TapeTransport drive{"bbb|bb"};
  scsi::LogicalUnit unit{drive, [](auto) {}};
  scsi::TapeStatistics st{};
  PositionProof proof{[this] { return std::optional(st); }, std::make_shared<UnendedVolumes>()};
};

// Found in the lab: another host's job had been cut off there; the job ended as OK, and its restore was short.
TEST_F(LookBehind, WhoWritesBehindDataThatWasCutOffIsToldWithTheNextLook) {
  proof.opens_volume("TAPE-1", true);
  EXPECT_EQ(look().cut_off, "") << "a device that is refused now stays open";
  EXPECT_EQ(drive.at, drive.tape.size());
  ++st.writes;
  drive.tape += 'b';
  ++drive.at;
  EXPECT_EQ(look().cut_off, "the data on Volume \"TAPE-1\" before block 6 was cut off, and is not ended by a filemark");
}

TEST_F(LookBehind, ATapeThatEndsAsItShouldIsPutBackWhereItStood) {
  drive.at = 4;
  proof.opens_volume("TAPE-1", true);
  const auto reading = look();
  EXPECT_EQ(reading.cut_off + reading.moved, "");
  EXPECT_EQ(drive.spaces, 2);
  EXPECT_EQ(drive.at, 4U);
  (void)look();
  EXPECT_EQ(drive.spaces, 2) << "once";
}

// bacula-sd tells no plugin when it changes the Volume in mid-job, and appends there at once.
struct ChangeInMidJob : LookBehind {
  // The job's first Volume.
  void SetUp() override {
    drive.tape = "bbb|";
    drive.at = 4;
    proof.opens_volume("TAPE-1", true);
    (void)look();
    write(40);
    (void)look();
    is_open = false;
    EXPECT_EQ(look_open().cut_off, "");
    is_open = true;
  }
  reserve::LockReading look_open() {
    reserve::LockReading reading;
    proof.see(
        unit, [this] { return is_open; }, reading);
    return reading;
  }
  void is_changed_to(const std::string& all) {
    drive.tape = all;
    drive.at = all.size();
    st.reads += 1;
    st.others += 2;
  }
  void write(size_t blocks) {
    drive.tape += std::string(blocks, 'b');
    drive.at = drive.tape.size();
    st.writes += (blocks + at_once - 1) / at_once;
  }
  bool is_open = true;
  size_t at_once = 1;
};

TEST_F(ChangeInMidJob, ToATapeWhoseFirstJobWasCutOff) {
  const auto* text =
      "the data on the Volume that was changed to before block 6 was cut off, and is not ended by a filemark";
  for (const bool looked_before_it_wrote : {false, true}) {
    is_changed_to("bbbbbb");
    if (looked_before_it_wrote) {
      EXPECT_EQ(look_open().cut_off, "");
    }
    write(4);
    EXPECT_EQ(look_open().cut_off, "");
    EXPECT_EQ(look_open().cut_off, text);
    is_open = false;
    (void)look_open();
    is_open = true;
  }
}

TEST_F(ChangeInMidJob, ToATapeThatIsAsItShouldBe) {
  for (const auto* all : {"b", "", "bbb|bb|", "bb|"}) {
    is_changed_to(all);
    write(5);
    (void)look_open();
    EXPECT_EQ(look_open().cut_off, "") << all;
    write(50);
    (void)look_open();
    EXPECT_EQ(look_open().cut_off, "") << all;
    is_open = false;
    (void)look_open();
    is_open = true;
  }
}

struct ChangeInFixedBlockMode : ChangeInMidJob {
  ChangeInFixedBlockMode() { at_once = 4; }
};

TEST_F(ChangeInFixedBlockMode, AWriteMayBeSeveralBlocks) {
  is_changed_to("b");
  for (int i = 0; i < 4; ++i) {
    write(40);
    (void)look_open();
    EXPECT_EQ(look_open().cut_off, "");
  }
}

TEST_F(ChangeInMidJob, AUsedTapeThatIsLabelledAnew) {
  is_changed_to("bbbbbbbbbb");
  (void)look_open();
  drive.tape.clear();
  write(1);
  (void)look_open();
  write(7);
  (void)look_open();
  EXPECT_EQ(look_open().cut_off, "");
}

// In the lab: without a look between the move and the job's last filemark.
TEST_F(LookBehind, ATapeThatIsMovedUnderAShortJobIsSeenAtItsEnd) {
  drive.at = drive.tape.size() - 2;  // behind the filemark
  proof.opens_volume("TAPE-1", true);
  EXPECT_EQ(look().moved, "");
  drive.tape = "b" + std::string(30, 'b') + "|";
  drive.at = drive.tape.size();
  st.writes += 30 + 20;
  st.others += 1;
  EXPECT_EQ(look().moved, "at least block 54 expected, 32 found");
}

TEST_F(LookBehind, AJobThatReadsThereNextMayGoAnywhere) {
  drive.at = 4;
  proof.opens_volume("TAPE-1", true);
  (void)look();
  drive.tape = std::string(40, 'b') + "|";
  drive.at = drive.tape.size();
  st.writes += 36;
  st.others += 1;
  EXPECT_EQ(look().moved, "");
  proof.opens_volume("TAPE-1", false);
  drive.at = 7;
  st.others += 2;
  EXPECT_EQ(look().moved, "");
}

TEST_F(LookBehind, ATapeThatCannotBePutBackIsNotWritten) {
  drive.at = 4;
  drive.before_space = [&] { drive.knows_space = drive.spaces < 2; };
  proof.opens_volume("TAPE-1", true);
  EXPECT_EQ(look().moved, "block 4 expected, 3 found");
}

TEST_F(LookBehind, WhoDoesNotAppendOrWaitsNoLongerHasNoTapeMoved) {
  proof.opens_volume("TAPE-1", false);
  EXPECT_EQ(look().cut_off, "");
  proof.opens_volume("TAPE-1", true);
  EXPECT_TRUE(proof.may_stop_waiting());
  EXPECT_EQ(look().cut_off, "");
  EXPECT_EQ(drive.spaces, 0);
}

TEST_F(LookBehind, WhileItIsMovedTheJobMustWait) {
  drive.before_space = [&] { EXPECT_FALSE(proof.may_stop_waiting()); };
  proof.opens_volume("TAPE-1", true);
  (void)look();
  EXPECT_GT(drive.spaces, 0);
  EXPECT_TRUE(proof.may_stop_waiting());
}

}  // namespace
}  // namespace shstore::plugin
