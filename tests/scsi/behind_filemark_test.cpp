// Blocks that no filemark ends.
#include "scsi/behind_filemark.h"

#include <gtest/gtest.h>

#include "tape_transport.h"

namespace shstore::scsi {
namespace {

struct Behind : testing::Test {
  BehindFilemark of(TapeTransport& drive) {
    LogicalUnit unit(drive, [](auto) {});
    return behind_filemark(unit, *read_position(unit));
  }
  // How many on that tape, which stands where it stood afterwards.
  std::optional<uint64_t> on(const std::string& tape) {
    TapeTransport drive(tape);
    const auto found = of(drive);
    EXPECT_TRUE(found.back) << tape;
    EXPECT_EQ(drive.at, tape.size()) << tape;
    return found.blocks;
  }
};

TEST_F(Behind, ATapeThatEndsWithAFilemarkHasNone) {
  EXPECT_EQ(on("bbb|"), 0U);
  EXPECT_EQ(on("b|bbbb|b|"), 0U);
  EXPECT_EQ(on("bbb||"), 0U);
}

TEST_F(Behind, WhatWasCutOffIsCounted) {
  EXPECT_EQ(on("bbb|b"), 1U);
  EXPECT_EQ(on("bbb|bb|bbbbb"), 5U);
}

TEST_F(Behind, TheFirstJobOfAVolumeThatWasCutOffIsCountedWithoutTheLabel) {
  EXPECT_EQ(on("bbbbb"), 4U);
  EXPECT_EQ(on("bb"), 1U);
}

TEST_F(Behind, AnEmptyTapeAndOneWithALabelOnlyAreNotMoved) {
  for (const auto* tape : {"", "b", "|"}) {
    TapeTransport drive(tape);
    EXPECT_EQ(of(drive).blocks, 0U) << tape;
    EXPECT_EQ(drive.spaces, 0) << tape;
  }
}

TEST_F(Behind, ADriveThatDoesNotGoBackTellsNothing) {
  TapeTransport drive("bbb|bb");
  drive.knows_space = false;
  const auto found = of(drive);
  EXPECT_TRUE(found.back);
  EXPECT_FALSE(found.blocks);
}

TEST_F(Behind, ATapeThatCannotBePutBackIsSaid) {
  TapeTransport drive("bbb|");
  drive.before_space = [&] { drive.knows_space = drive.spaces < 2; };
  const auto found = of(drive);
  EXPECT_FALSE(found.back);
  EXPECT_EQ(found.object, 3U);
}

// A reset rewinds it meanwhile.
TEST_F(Behind, ATapeThatIsMovedMeanwhileIsSaid) {
  TapeTransport drive("bbb|bb|bb|");
  drive.before_space = [&] { drive.at = drive.spaces == 2 ? 0 : drive.at; };
  EXPECT_FALSE(of(drive).back);
}

}  // namespace
}  // namespace shstore::scsi
