// A move that another program does (--via), under the guard and the robot's lock.
#include <fstream>

#include "moving.h"

namespace shstore::changer::program {
namespace {

using testing::HasSubstr;

TEST_F(Moving, ViaRunsTheProgramUnderTheGuardAndTheRobotsLock) {
  cibou.settings.via = "/bin/echo";
  EXPECT_EQ(cibou.load(3, 0), 0) << cibou.err;
  EXPECT_EQ(cibou.out, cibou.robot() + " load 3 /tapes/nst0 0\n");
  EXPECT_EQ(cibou.loaded(0), cibou.robot() + " loaded 0 /tapes/nst0 0\n");
  library.lock(dir.control(0), kDirKey);
  EXPECT_EQ(cibou.load(3, 0), 24);
  EXPECT_EQ(cibou.out, "");
}

TEST_F(Moving, ViaPassesTheExitStatusOnAndExpandsWithoutAShell) {
  cibou.load(3, 0);
  cibou.settings.via = "/bin/sh -c 'echo \"$0|$1\"; exit 7' %o '$(%a)'";
  EXPECT_EQ(cibou.unload(3, 0), 7);
  EXPECT_EQ(cibou.out, "unload|$(/tapes/nst0)\n");
  expect_nothing_left();
}

TEST_F(Moving, ViaPassesALargeLibrarysListOnWhole) {
  cibou.settings.via = "/bin/sh -c 'seq -f S:%%.0f:F:A-BARCODE-AS-LONG-AS-THEY-MAY-BE 1 4000' %o";
  EXPECT_EQ(cibou("listall"), 0) << cibou.err;
  EXPECT_EQ(std::count(cibou.out.begin(), cibou.out.end(), '\n'), 4000);
  EXPECT_GT(cibou.out.size(), 65536u);
}

TEST_F(Moving, ViaThatPrintsWithoutEndFailsInsteadOfLosingTheRest) {
  cibou.settings.via = "/bin/sh -c 'head -c 16777217 /dev/zero' %o";
  EXPECT_EQ(cibou("listall"), 3);
  EXPECT_THAT(cibou.err, HasSubstr("/bin/sh printed more than 16 MiB"));
}

TEST_F(Moving, ViaIsGivenTheSecondSlotOfATransferHoweverItWasSaid) {
  cibou.settings.via = "/bin/echo";
  EXPECT_EQ(cibou("transfer", "1", "9"), 0);
  EXPECT_EQ(cibou.out, cibou.robot() + " transfer 1 9 0\n");
  EXPECT_EQ(cibou("transfer", "1", "/tapes/nst0", "0", "7"), 0);
  EXPECT_EQ(cibou.out, cibou.robot() + " transfer 1 7 0\n");
}

TEST_F(Moving, ViaIsGivenTheControlDevice) {
  cibou.settings.via = "/bin/echo %l %j";
  EXPECT_EQ(cibou.load(3, 1), 0);
  EXPECT_EQ(cibou.out, cibou.control(1) + " *None*\n");
}

TEST_F(Moving, ViaHasADeadline) {
  cibou.settings.via = "/bin/sh -c 'sleep 600'";
  cibou.settings.via_wait = std::chrono::seconds(1);
  EXPECT_EQ(cibou.load(3, 0), 75);
  expect_nothing_left();
}

}  // namespace
}  // namespace shstore::changer::program
