#include "reserve/turn_order.h"

#include <gtest/gtest.h>

namespace shstore::reserve {
namespace {

using namespace std::chrono_literals;

struct TurnOrderTest : testing::Test {
  LockReading free(std::vector<std::string> others) { return {{}, false, true, std::move(others), 1}; }
  LockReading held(const std::string& holder, std::vector<std::string> others) {
    return {holder, false, true, std::move(others), 1};
  }
  // The drive stays free until those ahead have let their while pass; how long that took.
  Duration while_for(const std::string& key) {
    order.begin(free({key}), now);
    const auto begun = now;
    while (order.first(now)) {
      now += 1s;
      order.see(free({key}), now);
    }
    return std::chrono::duration_cast<Duration>(now - begun);
  }
  TurnOrder::Timing timing;
  TurnOrder order{timing};
  Instant now = Instant(1h);
};

TEST_F(TurnOrderTest, NobodyIsAheadOnAnEmptyDrive) {
  order.begin(free({}), now);
  EXPECT_FALSE(order.first(now));
}

// We look, they look, we register, they register.
TEST_F(TurnOrderTest, ThoseWhoCameAtOneMomentShareTheTurn) {
  const LockReading before{"A", false, false, {"A"}, 1};
  order.begin(before, now);
  EXPECT_EQ(order.share_the_turn(), 1u) << "our key is not there yet";
  order.see(held("A", {"A", "B", "C"}), now);
  EXPECT_TRUE(order.next_in_turn());
  EXPECT_EQ(order.share_the_turn(), 3u);
  order.see(held("A", {"A", "B", "C", "D"}), now + 1s);
  EXPECT_EQ(order.share_the_turn(), 3u) << "D has seen us";
  order.see(held("B", {"B", "C", "D"}), now + 1h);
  EXPECT_EQ(order.share_the_turn(), 2u) << "B has had its turn";
  EXPECT_FALSE(order.first(now + 2h));
  order.see(free({"D"}), now + 2h);
  EXPECT_EQ(order.share_the_turn(), 1u);
}

TEST_F(TurnOrderTest, WhoIsAheadOfUsDoesNotShareOurTurn) {
  order.begin({"A", false, false, {"A", "B"}, 1}, now);
  order.see(held("A", {"A", "B", "C"}), now);
  EXPECT_FALSE(order.next_in_turn());
  EXPECT_EQ(order.share_the_turn(), 2u) << "with C, when it is ours";
  order.begin(held("A", {"A", "B", "C"}), now);
  EXPECT_EQ(order.share_the_turn(), 1u) << "we had our turn, and go behind all";
}

TEST_F(TurnOrderTest, WhoWasThereBeforeUsGoesFirst) {
  order.begin(held("A", {"A", "B"}), now);
  now += 1h;
  order.see(free({"A", "B", "C"}), now);
  EXPECT_EQ(order.first(now), "B") << "A had its turn, C came after us";
  order.see(held("B", {"B", "C"}), now);
  order.see(free({"C"}), now);
  EXPECT_FALSE(order.first(now)) << "now it is ours";
}

TEST_F(TurnOrderTest, WhoGoesAwayIsNotWaitedFor) {
  order.begin(free({"B"}), now);
  EXPECT_EQ(order.first(now), "B");
  order.see(free({}), now);
  EXPECT_FALSE(order.first(now));
}

TEST_F(TurnOrderTest, TheFirstTimeAWatchersWhileThenOneForBaculasRetryThenNone) {
  EXPECT_EQ(while_for("B"), timing.while_for_watchers);
  EXPECT_EQ(while_for("B"), timing.while_for_others);
  EXPECT_EQ(while_for("B"), 0ms) << "it is dead";
  EXPECT_FALSE(order.is_awake("B", now));
  now += timing.memory;
  EXPECT_EQ(while_for("B"), timing.while_for_others) << "or was it busy?";
  EXPECT_EQ(while_for("B"), 0ms);
}

TEST_F(TurnOrderTest, WhoTakesTheDriveIsAwakeAgain) {
  while_for("B");
  order.begin(free({"B"}), now);
  order.see(held("B", {"B"}), now);
  EXPECT_EQ(while_for("B"), timing.while_for_watchers);
}

TEST_F(TurnOrderTest, ANewRegistrationIsANewWait) {
  while_for("B");
  order.see(free({}), now);
  EXPECT_EQ(while_for("B"), timing.while_for_watchers);
}

}  // namespace
}  // namespace shstore::reserve
