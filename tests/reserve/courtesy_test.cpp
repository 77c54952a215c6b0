#include "reserve/courtesy.h"

#include <gtest/gtest.h>

namespace shstore::reserve {
namespace {

using namespace std::chrono_literals;

struct CourtesyTest : testing::Test {
  Sight free(std::vector<std::string> others) { return {{}, false, true, std::move(others), 1}; }
  Sight held(const std::string& holder, std::vector<std::string> others) {
    return {holder, false, true, std::move(others), 1};
  }
  // The drive stays free until those ahead have let their while pass; how long that took.
  Duration while_for(const std::string& key) {
    courtesy.begin(free({key}), now);
    const auto begun = now;
    while (courtesy.first(now)) {
      now += 1s;
      courtesy.see(free({key}), now);
    }
    return std::chrono::duration_cast<Duration>(now - begun);
  }
  Courtesy::Timing timing;
  Courtesy courtesy{timing};
  Instant now = Instant(1h);
};

TEST_F(CourtesyTest, NobodyIsAheadOnAnEmptyDrive) {
  courtesy.begin(free({}), now);
  EXPECT_FALSE(courtesy.first(now));
}

TEST_F(CourtesyTest, WhoWasThereBeforeUsGoesFirst) {
  courtesy.begin(held("A", {"A", "B"}), now);
  now += 1h;
  courtesy.see(free({"A", "B", "C"}), now);
  EXPECT_EQ(courtesy.first(now), "B") << "A had its turn, C came after us";
  courtesy.see(held("B", {"B", "C"}), now);
  courtesy.see(free({"C"}), now);
  EXPECT_FALSE(courtesy.first(now)) << "now it is ours";
}

TEST_F(CourtesyTest, WhoGoesAwayIsNotWaitedFor) {
  courtesy.begin(free({"B"}), now);
  EXPECT_EQ(courtesy.first(now), "B");
  courtesy.see(free({}), now);
  EXPECT_FALSE(courtesy.first(now));
}

TEST_F(CourtesyTest, TheFirstTimeAWatchersWhileThenOneForBaculasRetryThenNone) {
  EXPECT_EQ(while_for("B"), timing.while_for_watchers);
  EXPECT_EQ(while_for("B"), timing.while_for_others);
  EXPECT_EQ(while_for("B"), 0ms) << "it is dead";
  EXPECT_FALSE(courtesy.is_awake("B", now));
  now += timing.memory;
  EXPECT_EQ(while_for("B"), timing.while_for_others) << "or was it busy?";
  EXPECT_EQ(while_for("B"), 0ms);
}

TEST_F(CourtesyTest, WhoTakesTheDriveIsAwakeAgain) {
  while_for("B");
  courtesy.begin(free({"B"}), now);
  courtesy.see(held("B", {"B"}), now);
  EXPECT_EQ(while_for("B"), timing.while_for_watchers);
}

TEST_F(CourtesyTest, ANewRegistrationIsANewWait) {
  while_for("B");
  courtesy.see(free({}), now);
  EXPECT_EQ(while_for("B"), timing.while_for_watchers);
}

}  // namespace
}  // namespace shstore::reserve
