// A Drive driven by hand: the test plays the worker and the clock.
#pragma once

#include <gtest/gtest.h>

#include "reserve/drive.h"

namespace shstore::reserve {

class DriveTest : public testing::Test {
 protected:
  using Kind = Outcome::Kind;

  DriveTest() { EXPECT_EQ(act(Kind::done), Action::recover); }

  // Performs the next action with the given outcome; says which action it was.
  Action act(Kind kind, const std::string& holder = {}, const std::string& text = {}) {
    const Action action = drive.next_action(now);
    if (action != Action::none) drive.finish({kind, holder, text}, now);
    return action;
  }
  bool idle() { return drive.next_action(now) == Action::none; }
  void later(std::chrono::milliseconds t) { now += t; }

  // A job that gets the drive, whatever has to be done for it.
  void admit(Owner owner, JobId job) {
    drive.request(owner, job, now);
    auto answer = drive.answer(owner);
    if (!answer) {
      EXPECT_EQ(act(Kind::done), Action::take);
      answer = drive.answer(owner);
    }
    ASSERT_TRUE(answer && answer->granted);
  }
  void expect_lock_returned() {
    EXPECT_EQ(act(Kind::done), Action::release);
    EXPECT_FALSE(drive.view().locked);
    EXPECT_FALSE(drive.view().registered);
    EXPECT_TRUE(idle());
  }

  Instant now = Instant(std::chrono::hours(1));
  Drive drive;
};

inline const Refusal kHeldByDir{Refusal::Kind::held_by_other, "0xbac999", {}};

}  // namespace shstore::reserve
