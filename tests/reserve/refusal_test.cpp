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
            "3614 JobId=2 may not use device \"Drive-0\" (/dev/nst0), which is configured for locking: it "
            "has a Lock Command "
            "but no Control Device.");
}

TEST(RefusalText, SaysWhoseTurnItIs) {
  EXPECT_EQ(refusal_text(2, kDevice, {Refusal::Kind::yielding, "0xbac999", {}}),
            "3615 JobId=2 waiting because it is the turn of 0xbac999 to use device \"Drive-0\" (/dev/nst0).");
  EXPECT_EQ(refusal_text(2, kDevice, {Refusal::Kind::promised, {}, {}, 1}),
            "3616 JobId=2 waiting because device \"Drive-0\" (/dev/nst0) is kept for JobId=1, which has "
            "waited longer.");
}

TEST(GrantedText, SaysHowLongTheJobHasWaitedAndForWhom) {
  Answer answer;
  EXPECT_EQ(granted_text(kDevice, "0xbac001", answer),
            "shstore: device \"Drive-0\" (/dev/nst0) is locked with key 0xbac001.");
  answer.waited = Duration(64600);
  EXPECT_EQ(granted_text(kDevice, {}, answer),
            "shstore: device \"Drive-0\" (/dev/nst0) is locked, after waiting 65 s.");
  answer.waited_for = "0xbac999";
  EXPECT_EQ(granted_text(kDevice, "0xbac001", answer),
            "shstore: device \"Drive-0\" (/dev/nst0) is locked with key 0xbac001, after waiting 65 s for "
            "0xbac999.");
}

TEST(JobNoticeText, NamesTheIntervalAndWhoHasTheDrive) {
  EXPECT_EQ(
      notice_text({JobNotice::Kind::lost, 1, 7, "0xbac999"}, kDevice, "12:00:01", "12:00:06"),
      "shstore: device \"Drive-0\" (/dev/nst0): the lock was lost between 12:00:01 and 12:00:06: "
      "0xbac999 has taken the "
      "drive. What was written since is not to be relied on. The job is failed. If Bacula has marked the Volume Full or "
      "Error, that is not a fault of the medium; if it has not, set it to Used: what is appended behind data that no filemark "
      "ends is not restored whole.");
  EXPECT_EQ(notice_text({JobNotice::Kind::regained, 1, 7}, kDevice, "12:00:01", "12:00:06"),
            "shstore: device \"Drive-0\" (/dev/nst0) was without its lock for some time between 12:00:01 and "
            "12:00:06: its "
            "reservation had been cleared. No other host has locked it meanwhile; it is locked again.");
  EXPECT_TRUE(notice_text({JobNotice::Kind::gone, 1, 7}, kDevice, "", "").ends_with("(Maximum Open Wait)."));
  EXPECT_EQ(notice_text({JobNotice::Kind::come, 1, 7}, kDevice, "", ""), "") << "it is woken, not told";
  using Kind = JobNotice::Kind;
  for (const auto kind : {Kind::doubtful, Kind::lost, Kind::reset, Kind::gone, Kind::unproven, Kind::moved}) {
    EXPECT_TRUE(JobNotice({kind, 1, 7}).fatal());
    EXPECT_NE(notice_text({kind, 1, 7}, kDevice, "", "").find("The job is failed. If Bacula has marked the Volume "),
              std::string::npos);
  }
}

}  // namespace
}  // namespace shstore::reserve
