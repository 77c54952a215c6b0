#include "reserve/gap.h"

#include <gtest/gtest.h>

namespace shstore::reserve {
namespace {

// before: the lock was ours. found: it was gone. after: ours again.
TEST(Gap, ClearedByARegisteredHostAndNobodyCame) {
  EXPECT_TRUE(nobody_between({7, true, true}, {8, false, false}, {9, true, false}));
}

TEST(Gap, ClearedByAHostThatHadToRegister) {
  EXPECT_TRUE(nobody_between({7, true, false}, {9, false, false}, {10, true, false}));
  EXPECT_FALSE(nobody_between({7, true, true}, {9, false, false}, {10, true, false}))
      << "the other one may have preempted us, used the drive and unregistered";
}

TEST(Gap, PreemptedAndGivenBack) {
  EXPECT_FALSE(nobody_between({7, true, false}, {10, false, false}, {11, true, false}));
}

TEST(Gap, SomebodyIsThereNow) {
  EXPECT_FALSE(nobody_between({7, true, false}, {9, false, true}, {10, true, true}));
  EXPECT_FALSE(nobody_between({7, true, false}, {8, false, false}, {10, true, true}));
}

TEST(Gap, SomebodyCameAndWentWhileItWasTakenBack) {
  EXPECT_FALSE(nobody_between({7, true, false}, {8, false, false}, {11, true, false}));
}

TEST(Gap, ReleasedByThisHostItself) {
  EXPECT_TRUE(nobody_between({7, true, false}, {7, true, false}, {7, true, false}));
  EXPECT_FALSE(nobody_between({7, true, true}, {7, true, false}, {7, true, false}))
      << "the other may have had its turn";
}

TEST(Gap, TheDriveWasSwitchedOff) {
  EXPECT_FALSE(nobody_between({7, true, false}, {0, false, false}, {1, true, false}));
}

}  // namespace
}  // namespace shstore::reserve
