// What waiting costs: commands and wake-ups, counted over ten minutes of simulated time.
#include <gtest/gtest.h>

#include <cstdio>
#include <functional>
#include <queue>

#include "model.h"

namespace shstore::reserve {
namespace {

using namespace std::chrono_literals;

// Hosts with a worker for each drive; an action takes two milliseconds. Each job waits for every drive.
class Waiting {
 public:
  Waiting(int hosts, int drives) : hosts_(hosts), drives_(static_cast<size_t>(drives)) {
    for (int h = 0; h < hosts; ++h) {
      for (int d = 0; d < drives; ++d) {
        Timing timing;
        timing.seed = static_cast<uint32_t>(h * 1000 + d + 1);
        workers_.emplace_back(timing);
      }
    }
  }
  struct Worker {
    explicit Worker(const Timing& timing) : engine(timing) {}
    Drive engine;
    std::optional<std::pair<Instant, Outcome>> result{};
    std::optional<uint32_t> generation{};  ///< at which the keys were read
    std::string holder{};
    size_t commands = 0, wake_ups = 0;
    bool looks = false;
    Instant due{};
  };
  Worker& worker(int host, int drive) {
    return workers_[static_cast<size_t>(host) * drives_.size() + static_cast<size_t>(drive)];
  }
  ModelDrive& drive(int d) { return drives_[static_cast<size_t>(d)]; }

  void ask(int host, int drive) {
    worker(host, drive).engine.request(1, 1, now);
    step(host, drive);
  }
  void run(Duration time) {
    for (const auto until = now + time; now < until;) {
      Instant next = until;
      for (const auto& w : workers_) next = std::min(next, w.due);
      now = std::max(next, now);
      if (now >= until) return;
      for (size_t i = 0; i < workers_.size(); ++i) {
        if (workers_[i].due <= now) step(static_cast<int>(i / drives_.size()), static_cast<int>(i % drives_.size()));
      }
    }
  }
  void count_anew() {
    for (auto& w : workers_) w.commands = w.wake_ups = 0;
  }
  size_t commands(int host = -1, int drive = -1) {
    size_t sum = 0;
    for_each(host, drive, [&](const Worker& w) { sum += w.commands; });
    return sum;
  }
  size_t wake_ups(int host) {
    size_t sum = 0;
    for_each(host, -1, [&](const Worker& w) { sum += w.wake_ups; });
    return sum;
  }
  Instant now{1h};
  bool always_near = false;  ///< each holder says all the time that it is about to give the drive back

 private:
  void for_each(int host, int drive, const std::function<void(const Worker&)>& f) {
    for (int h = 0; h < hosts_; ++h) {
      for (int d = 0; d < static_cast<int>(drives_.size()); ++d) {
        if ((host < 0 || h == host) && (drive < 0 || d == drive)) f(worker(h, d));
      }
    }
  }
  // As ScsiLockPort sends them once it has had the drive (tests/plugin/command_count_test.cpp).
  size_t cost(Worker& w, Action action, const Outcome& outcome) const {
    if (action != Action::look) {
      w.generation.reset();                     // then READ FULL STATUS tells all
      if (action == Action::recover) return 2;  // there was nothing
      return action == Action::take ? 6 : action == Action::join ? 3 : action == Action::none ? 0 : 8;
    }
    const auto& reading = *outcome.reading;
    const bool same =
        !w.generation || (w.generation == reading.generation && w.holder == reading.holder && !reading.holder.empty());
    w.generation = reading.generation;
    w.holder = reading.holder;
    return 1 + (same ? 0 : 1) + (reading.ours ? 1 : 0);  // READ POSITION
  }
  void step(int host, int d) {
    auto& w = worker(host, d);
    auto& looked_at = looked_at_[static_cast<size_t>(host)];
    if (w.engine.watches() != w.looks) looked_at += (w.looks = !w.looks) ? 1u : -1u;
    w.engine.share_looks(std::max(1u, looked_at));
    w.due = now;  // once more, unless there is nothing to do
    if (w.result && w.result->first <= now) {
      w.engine.finish(w.result->second, now);
      w.result.reset();
      (void)w.engine.take_notices();
      (void)w.engine.answer(1);
    }
    if (w.result) {
      w.due = w.result->first;
      return;
    }
    const auto action = w.engine.next_action(now);
    if (action == Action::none) {
      w.due = w.engine.next_moment().value_or(Instant::max());
      return;
    }
    auto outcome = perform(drive(d), host, action, w.engine.keep_registration());
    if (outcome.reading) outcome.reading->release_near = always_near;
    w.commands += cost(w, action, outcome);
    ++w.wake_ups;
    w.due = now + 2ms;
    w.result = {w.due, outcome};
  }

  const int hosts_;
  std::vector<ModelDrive> drives_;
  std::vector<Worker> workers_;
  std::vector<unsigned> looked_at_ = std::vector<unsigned>(static_cast<size_t>(hosts_));  ///< drives, by host
};

double per_second(size_t count, Duration time) {
  return static_cast<double>(count) * 1000 / static_cast<double>(time.count());
}

// Host 0 has the drives, a job of host 1 waits for any of them.
TEST(Looks, OneJobThatWaitsForAnyOfManyDrives) {
  for (const int drives : {1, 2, 64, 256}) {
    Waiting site(2, drives);
    for (int d = 0; d < drives; ++d) {
      site.ask(0, d);
    }
    site.run(1s);
    for (int d = 0; d < drives; ++d) {
      ASSERT_EQ(site.drive(d).holder(), 0);
      site.ask(1, d);
    }
    site.run(10min);
    const auto commands = per_second(site.commands(1), 10min), wake_ups = per_second(site.wake_ups(1), 10min);
    std::printf("a job waits for any of %3d drives: %5.1f commands and %5.1f wake-ups a second\n", drives, commands,
                wake_ups);
    EXPECT_LE(commands, 40);
    EXPECT_LE(wake_ups, 40);
    EXPECT_GE(commands, drives == 1 ? 1.5 : 3) << "and it is looked at";
  }
}

TEST(Looks, HoweverOftenTheHoldersSayThatTheyAreAboutToGiveADriveBack) {
  for (const int drives : {1, 2, 16, 18, 64, 256}) {
    Waiting site(2, drives);
    site.always_near = true;
    for (int d = 0; d < drives; ++d) site.ask(0, d);
    site.run(1s);
    for (int d = 0; d < drives; ++d) site.ask(1, d);
    site.run(10min);
    const auto commands = per_second(site.commands(1), 10min), wake_ups = per_second(site.wake_ups(1), 10min);
    std::printf("%3d drives that are always about to come free: %5.1f commands and %5.1f wake-ups a second\n", drives,
                commands, wake_ups);
    EXPECT_LE(commands, 40);
    EXPECT_LE(wake_ups, 40);
    EXPECT_LE(per_second(site.commands(-1, 0), 10min), 3) << "on one drive";
  }
  for (const int hosts : {3, 5, 16}) {
    Waiting site(hosts, 1);
    site.always_near = true;
    site.ask(0, 0);
    site.run(1s);
    for (int h = 1; h < hosts; ++h) {
      site.run(300ms);
      site.ask(h, 0);
    }
    site.count_anew();
    site.run(10min);
    const auto commands = per_second(site.commands(), 10min);
    std::printf("%2d hosts at a drive that is always about to come free: %4.2f commands a second\n", hosts, commands);
    EXPECT_LE(commands, 3);
  }
}

TEST(Looks, HoweverManyHostsWaitForADrive) {
  for (const int hosts : {2, 3, 5, 6, 8, 16, 32, 64}) {
    Waiting site(hosts, 1);
    site.ask(0, 0);
    site.run(1s);
    for (int h = 1; h < hosts; ++h) {
      site.run(300ms);
      site.ask(h, 0);
    }
    site.count_anew();
    site.run(10min);
    ASSERT_EQ(site.drive(0).holder(), 0);
    const auto commands = per_second(site.commands(), 10min);
    std::printf("%2d hosts at a drive: %4.2f commands a second\n", hosts, commands);
    EXPECT_LE(commands, 3);
  }
}

// Each of them finds nobody but the holder on the drive, and then all are on it: none knows who was first.
TEST(Looks, HoweverManyHostsBeginToWaitAtOneMoment) {
  for (const int hosts : {3, 4, 5, 8, 16, 64}) {
    for (const bool near : {false, true}) {
      Waiting site(hosts, 1);
      site.ask(0, 0);
      site.run(1s);
      for (int h = 1; h < hosts; ++h) site.ask(h, 0);
      site.always_near = near;
      site.run(1s);
      ASSERT_EQ(site.drive(0).keys().size(), static_cast<size_t>(hosts));
      site.count_anew();
      site.run(10min);
      ASSERT_EQ(site.drive(0).holder(), 0);
      const auto commands = per_second(site.commands(), 10min);
      std::printf("%2d hosts that came at one moment, %s: %4.2f commands a second\n", hosts,
                  near ? "a release always near" : "no release near", commands);
      EXPECT_LE(commands, 3);
    }
  }
}

TEST(Looks, OfThoseWhoCameAtOneMomentOneFindsTheFreeDriveSoon) {
  for (const int hosts : {3, 5, 16}) {
    Duration sum{0}, longest{0};
    constexpr int kTimes = 50;
    for (int i = 0; i < kTimes; ++i) {
      Waiting site(hosts, 1);
      site.ask(0, 0);
      site.run(1s);
      for (int h = 1; h < hosts; ++h) site.ask(h, 0);
      site.run(1min + 137ms * i);
      site.worker(0, 0).engine.end(1, site.now);
      site.worker(0, 0).due = site.now;
      const auto released = site.now;
      while (site.drive(0).holder() <= 0) {
        ASSERT_LT(site.now - released, 1min);
        site.run(1ms);
      }
      const auto took = std::chrono::duration_cast<Duration>(site.now - released);
      sum += took;
      longest = std::max(longest, took);
    }
    std::printf("%2d hosts that came at one moment: the free drive is taken after %lld ms in the mean, %lld at most\n",
                hosts, static_cast<long long>((sum / kTimes).count()), static_cast<long long>(longest.count()));
    EXPECT_LE(sum / kTimes, 1s);
  }
}

TEST(Looks, WhereAReleaseIsNearItIsLookedForTwentyTimesASecondAndNotForLong) {
  Waiting site(2, 1);
  site.ask(0, 0);
  site.run(1s);
  site.ask(1, 0);
  site.run(1min);
  auto& waits = site.worker(1, 0);
  const auto near = [&] {
    while (waits.result) site.run(3ms);
    auto reading = site.drive(0).reading(1);
    reading.release_near = true;
    while (waits.engine.next_action(site.now) != Action::look) site.now += 10ms;
    waits.engine.finish({Outcome::Kind::done, {}, {}, reading}, site.now);
    waits.due = site.now;
    site.count_anew();
  };
  near();
  site.run(1s);
  EXPECT_GE(site.commands(1), 15u);
  EXPECT_LE(site.commands(1), 30u);
  site.run(9min);
  EXPECT_LE(per_second(site.commands(1), 9min), 3) << "a job that changes its Volume closes its device, too";
  site.run(1min);
  near();
  site.run(1s);
  EXPECT_GE(site.commands(1), 15u) << "minutes later it is believed again";
  near();
  site.run(9s);
  near();
  site.run(10s);
  EXPECT_LE(site.commands(1), 40u) << "and not sooner";
}

// Whoever is ahead must be waited for longer than it may sleep.
TEST(Looks, NobodyLosesItsTurnToAPause) {
  for (const size_t waiting : {1u, 2u, 4u, 5u, 7u, 16u, 64u, 200u}) {
    TurnOrder turn;
    LockReading reading;
    for (size_t i = 0; i + 1 < waiting; ++i) reading.others.push_back("0x" + std::to_string(i + 1));
    const Instant now{1h};
    turn.begin(reading, now);
    if (waiting == 1) continue;
    ASSERT_TRUE(turn.until);
    EXPECT_GT(*turn.until - now, longest_pause(waiting) * 5 / 4);
    EXPECT_GT(*turn.until - now, Timing{}.watch_shared * 105 / 100);
  }
}

}  // namespace
}  // namespace shstore::reserve
