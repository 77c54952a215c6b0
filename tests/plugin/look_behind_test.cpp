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
