// A Drive driven by hand: the test plays the worker, the drive and the clock.
#pragma once

#include <gtest/gtest.h>

#include "reserve/drive.h"

namespace shstore::reserve {

inline const std::string kCibou = "0xbac001", kDir = "0xbac999", kThird = "0xbac003";  // we are cibou
inline const Refusal kHeldByDir{Refusal::Kind::held_by_other, kDir, {}};

inline Timing steady_timing() {
  Timing timing;
  timing.jitter = 0;
  return timing;
}

class DriveTest : public testing::Test {
 protected:
  using Kind = Outcome::Kind;

  DriveTest() { EXPECT_EQ(act(Kind::done), Action::recover); }

  // What a look may show.
  LockReading free_drive(std::vector<std::string> others = {}) {
    return {{}, false, drive.view().registered, others, generation};
  }
  LockReading held_by(const std::string& holder, std::vector<std::string> others = {}) {
    if (others.empty()) others = {holder};
    return {holder, false, drive.view().registered, others, generation};
  }
  LockReading ours(std::vector<std::string> others = {}) { return {kCibou, true, true, others, generation}; }

  // The next action must be a look, and this is what it shows.
  void look(const LockReading& reading) {
    ASSERT_EQ(drive.next_action(now), Action::look);
    drive.finish({Kind::done, {}, {}, reading}, now);
  }
  // Performs what is to be done next with the given outcome; says what it was. A look shows what fits the
  // outcome: for `done` our lock if we have it, else a free drive, which is then taken; for `blocked` the
  // holder's lock, and we join.
  Action act(Kind kind, const std::string& holder = {}, const std::string& text = {}) {
    const Action action = drive.next_action(now);
    if (action == Action::none) return action;
    if (action == Action::look && kind != Kind::failed) return act_on_sight(kind, holder);
    drive.finish({kind, holder, text,
                  action == Action::release ? ours()
                  : action == Action::take  ? ours()
                                            : LockReading{}},
                 now);
    return action;
  }
  Action act_on_sight(Kind kind, const std::string& holder) {
    const bool was_ours = drive.view().locked;
    const auto reading = kind == Kind::blocked ? held_by(holder) : was_ours ? ours() : free_drive();
    drive.finish({Kind::done, {}, {}, reading}, now);
    const Action next = was_ours ? Action::none : drive.next_action(now);
    if (next == Action::none) return Action::look;
    drive.finish({Kind::done, {}, {}, next == Action::take ? ours() : LockReading{}}, now);
    return next == Action::join ? Action::look : next;
  }
  bool idle() { return drive.next_action(now) == Action::none; }
  void later(std::chrono::milliseconds t) { now += t; }

  // A job that gets the drive, whatever has to be done for it.
  void admit(JobContext owner, JobId job) {
    drive.request(owner, job, now);
    auto answer = drive.answer(owner);
    if (!answer) {
      EXPECT_EQ(act(Kind::done), Action::take);
      answer = drive.answer(owner);
    }
    ASSERT_TRUE(answer && answer->granted);
  }
  // A job that is refused because dir has the drive, and waits.
  void wait_for_dir(JobContext owner, JobId job) {
    drive.request(owner, job, now);
    auto answer = drive.answer(owner);
    if (!answer) {
      act(Kind::blocked, kDir);
      answer = drive.answer(owner);
    }
    ASSERT_TRUE(answer && !answer->granted);
  }
  void expect_lock_returned() {
    EXPECT_EQ(act(Kind::done), Action::release);
    EXPECT_FALSE(drive.view().locked);
    EXPECT_FALSE(drive.view().registered);
    EXPECT_TRUE(idle());
  }
  // What jobs are told, as "kind JobId".
  std::vector<std::string> told() {
    static constexpr const char* kWords[] = {"come", "regained", "doubtful", "lost",    "reset",
                                             "gone", "unproven", "moved",    "cut_off", "not_retaken"};
    std::vector<std::string> all;
    for (const auto& n : drive.take_notices())
      all.push_back(kWords[static_cast<int>(n.kind)] + (' ' + std::to_string(n.job)));
    return all;
  }

  Instant now = Instant(std::chrono::hours(1));
  uint32_t generation = 5;
  Drive drive{steady_timing()};
};

}  // namespace shstore::reserve
