#include "reserve/gap.h"

#include <gtest/gtest.h>

namespace shstore::reserve {
namespace {

// before: the lock was ours. found: it was gone. after: ours again. The drive counts unregistering, but for the last test.
TEST(Gap, ClearedByARegisteredHostAndNobodyCame) {
  EXPECT_TRUE(nobody_between({7, true, true, true}, {8, false, false, true}, {9, true, false, true}));
}

TEST(Gap, ClearedByAHostThatHadToRegister) {
  EXPECT_TRUE(nobody_between({7, true, false, true}, {9, false, false, true}, {10, true, false, true}));
  EXPECT_FALSE(nobody_between({7, true, true, true}, {9, false, false, true}, {10, true, false, true}))
      << "the other one may have preempted us, used the drive and unregistered";
}

TEST(Gap, PreemptedAndGivenBack) {
  EXPECT_FALSE(nobody_between({7, true, false, true}, {10, false, false, true}, {11, true, false, true}));
}

TEST(Gap, SomebodyIsThereNow) {
  EXPECT_FALSE(nobody_between({7, true, false, true}, {9, false, true, true}, {10, true, true, true}));
  EXPECT_FALSE(nobody_between({7, true, false, true}, {8, false, false, true}, {10, true, true, true}));
}

TEST(Gap, SomebodyCameAndWentWhileItWasTakenBack) {
  EXPECT_FALSE(nobody_between({7, true, false, true}, {8, false, false, true}, {11, true, false, true}));
}

TEST(Gap, ReleasedByThisHostItself) {
  EXPECT_TRUE(nobody_between({7, true, false, true}, {7, true, false, true}, {7, true, false, true}));
  EXPECT_FALSE(nobody_between({7, true, true, true}, {7, true, false, true}, {7, true, false, true}))
      << "the other may have had its turn";
}

TEST(Gap, TheDriveWasSwitchedOff) {
  EXPECT_FALSE(nobody_between({7, true, false, true}, {0, false, false, true}, {1, true, false, true}));
}

TEST(Gap, WhereUnregisteringIsNotCounted) {
  const auto linux_drive = [](uint32_t generation, bool registered, bool others) {
    return Trace{generation, registered, others, false};
  };
  EXPECT_FALSE(nobody_between(linux_drive(7, true, false), linux_drive(9, false, false), linux_drive(10, true, false)))
      << "registered, preempted, wrote, went: no more than a CLEAR by somebody who had to register";
  EXPECT_FALSE(nobody_between(linux_drive(7, true, true), linux_drive(8, false, false), linux_drive(9, true, false)))
      << "one that waited preempted us, wrote and went";
  EXPECT_TRUE(nobody_between(linux_drive(7, true, false), linux_drive(8, false, false), linux_drive(9, true, false)))
      << "CLEAR with our own key";
}

}  // namespace
}  // namespace shstore::reserve
