#include "reserve/refusal.h"

#include <gtest/gtest.h>

namespace shstore::reserve {
namespace {

const std::string kDevice = "\"Drive-0\" (/dev/nst0)";

TEST(RefusalText, NamesTheHolderAsTheWhitePaperShows) {
  EXPECT_EQ(refusal_text(2, kDevice, {Refusal::Kind::held_by_other, "0xbac999", {}}),
            "3612 JobId=2 waiting because device \"Drive-0\" (/dev/nst0) is reserved by: 0xbac999.");
}

TEST(RefusalText, SaysWhyTheLockCannotBeTaken) {
  EXPECT_EQ(refusal_text(2, kDevice, {Refusal::Kind::error, {}, "/dev/sg0 does not answer"}),
            "3613 JobId=2 cannot lock device \"Drive-0\" (/dev/nst0): /dev/sg0 does not answer.");
}

TEST(RefusalText, SaysWhatIsWrongInTheConfiguration) {
  EXPECT_EQ(misconfigured_text(2, kDevice, "it has a Lock Command but no Control Device"),
            "3614 JobId=2 may not use device \"Drive-0\" (/dev/nst0), which is configured for locking: it has a Lock Command "
            "but no Control Device.");
}

}  // namespace
}  // namespace shstore::reserve
