#include "plugin/drive_agent.h"

#include <gtest/gtest.h>

#include "fake_port.h"

namespace shstore::plugin {
namespace {

using namespace std::chrono_literals;
using reserve::Action;

constexpr std::chrono::milliseconds kPatient{30000}, kShort{50};

struct Agent : testing::Test {
  DriveAgent& start(std::chrono::milliseconds deadline = kPatient) {
    agent = std::make_unique<DriveAgent>(std::make_unique<FakePort>(drive), [this] { ++changes; }, reserve::Timing{}, deadline);
    agent->start();
    return *agent;
  }
  ~Agent() override {
    if (agent) agent->stop(kPatient);
  }
  bool until(const std::function<bool()>& condition) {
    for (const auto end = std::chrono::steady_clock::now() + kPatient; std::chrono::steady_clock::now() < end;) {
      if (condition()) return true;
      std::this_thread::sleep_for(1ms);
    }
    return false;
  }
  // From now on, but not for the look at the drive with which an agent begins.
  void slow_down(std::chrono::milliseconds delay) {
    EXPECT_TRUE(drive.wait_for(Action::recover));
    EXPECT_TRUE(until([&] { return changes > 0; }));
    const std::lock_guard lock(drive.mutex);
    drive.delay = delay;
  }
  FakeDrive drive;
  std::atomic<int> changes{0};
  std::unique_ptr<DriveAgent> agent;
};

TEST_F(Agent, AJobGetsTheLockAndItsEndGivesItBack) {
  auto& a = start();
  EXPECT_TRUE(a.request(1, 7).granted);
  EXPECT_TRUE(a.view().locked);
  a.end(1);
  EXPECT_TRUE(until([&] { return !a.view().locked; }));
  EXPECT_EQ(drive.performed(), (std::vector{Action::recover, Action::take, Action::release}));
  EXPECT_GT(changes, 0);
  EXPECT_TRUE(drive.signals_blocked) << "bacula-sd's signal handlers must not run on our thread";
}

TEST_F(Agent, ARefusalComesBackWithTheHolder) {
  drive.take = blocked_by("0xbac999");
  auto& a = start();
  const auto answer = a.request(1, 7);
  EXPECT_FALSE(answer.granted);
  EXPECT_EQ(answer.refusal.holder, "0xbac999");
  a.end(1);
  EXPECT_TRUE(drive.wait_for(Action::unregister));
}

TEST_F(Agent, AHangingDriveCostsTheDeadlineAndLeavesNoLock) {
  auto& a = start(kShort);
  slow_down(300ms);
  const auto answer = a.request(1, 7);
  EXPECT_FALSE(answer.granted);
  EXPECT_EQ(answer.refusal.reason, "its control device has not answered within 1 s");
  EXPECT_TRUE(drive.wait_for(Action::release)) << "the lock that came late is given back";
}

TEST_F(Agent, AHangingDriveDoesNotKeepTheDaemonFromEnding) {
  auto& a = start(kShort);
  slow_down(500ms);
  a.request(1, 7);
  EXPECT_FALSE(a.stop(1ms));
  agent.reset();
  EXPECT_FALSE(drive.port_is_gone);
  EXPECT_TRUE(until([&] { return drive.port_is_gone.load(); })) << "the worker ends by itself, on memory of its own";
}

TEST_F(Agent, ManyJobsAtOnceAreServed) {
  auto& a = start();
  std::vector<std::thread> jobs;
  std::atomic<int> granted{0};
  for (reserve::Owner owner = 1; owner <= 16; ++owner) {
    jobs.emplace_back([&, owner] {
      for (int i = 0; i < 50; ++i) {
        if (a.request(owner, static_cast<reserve::JobId>(owner)).granted) ++granted;
        if (i % 3 == 0) a.verified(owner, static_cast<reserve::JobId>(owner));
        a.end(owner);
      }
    });
  }
  for (auto& job : jobs) job.join();
  EXPECT_EQ(granted, 16 * 50);
  EXPECT_TRUE(until([&] { return !a.view().locked && !a.view().registered; }));
}

TEST_F(Agent, ReleaseNowGivesBackWhatIsHeldAfterTheWorkerStopped) {
  auto& a = start();
  EXPECT_TRUE(a.request(1, 7).granted);
  EXPECT_TRUE(a.stop(kPatient));
  EXPECT_TRUE(a.release_now());
  EXPECT_EQ(drive.performed().back(), Action::release);
}

TEST_F(Agent, ReleaseNowTellsThatTheDeviceIsStillOpen) {
  auto& a = start();
  EXPECT_TRUE(a.request(1, 7).granted);
  EXPECT_TRUE(a.stop(kPatient));
  drive.release = {reserve::Outcome::Kind::still_open, {}, {}};
  EXPECT_FALSE(a.release_now());
}

}  // namespace
}  // namespace shstore::plugin
