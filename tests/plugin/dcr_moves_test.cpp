#include "plugin/dcr_moves.h"

#include <gtest/gtest.h>

namespace shstore::plugin {
namespace {

struct DcrMovesTest : testing::Test {
  static config::SharedDevice device(const char* name, const char* control) {
    config::SharedDevice d;
    d.name = name;
    d.control_device = control;
    return d;
  }
  const config::SharedDevice first = device("Drive-0", "/dev/sg0"), same = device("Drive-0-old", "/dev/sg0"),
                             second = device("Drive-1", "/dev/sg1");
  int writes = 0, reads = 0;  // addresses of DCRs
  DcrMoves moves;
};

TEST_F(DcrMovesTest, AJobThatLooksAtAnotherDriveHasLeftTheFirst) {
  EXPECT_EQ(moves.to(&writes, &first), nullptr);
  EXPECT_EQ(moves.to(&writes, &second), &first);
  EXPECT_EQ(moves.to(&writes, &first), &second);
}

TEST_F(DcrMovesTest, LookingAgainLeavesNothing) {
  moves.to(&writes, &first);
  EXPECT_EQ(moves.to(&writes, &first), nullptr);
  EXPECT_EQ(moves.to(&writes, &same), nullptr) << "two Device resources of one drive";
}

TEST_F(DcrMovesTest, ADriveThatIsNotSharedIsAnotherDrive) {
  moves.to(&writes, &first);
  EXPECT_EQ(moves.to(&writes, nullptr), &first);
  EXPECT_EQ(moves.to(&writes, nullptr), nullptr);
}

TEST_F(DcrMovesTest, AVirtualFullHasTwoDrives) {
  moves.to(&reads, &first);
  EXPECT_EQ(moves.to(&writes, &second), nullptr);
  EXPECT_EQ(moves.to(&writes, &first), &second);
  EXPECT_EQ(moves.to(&writes, &second), nullptr) << "the other one still reads on the first";
}

}  // namespace
}  // namespace shstore::plugin
