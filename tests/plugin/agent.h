// A drive's worker with a drive that is made up.
#pragma once

#include <gtest/gtest.h>

#include <algorithm>

#include "fake_port.h"
#include "plugin/drive_agent.h"

namespace shstore::plugin {

struct Agent : testing::Test {
  using Action = reserve::Action;
  static constexpr std::chrono::milliseconds kPatient{30000}, kShort{50};

  DriveAgent& start(std::chrono::milliseconds deadline = kPatient) {
    const auto notice = [this](const reserve::JobNotice& n) {
      const std::lock_guard lock(told_mutex);
      told.push_back(n);
    };
    agent = std::make_unique<DriveAgent>(
        std::make_unique<FakePort>(drive),
        DriveAgent::Listener{[this] { ++changes; }, notice, [](const reserve::DriveView&) {}, job_name}, timing,
        deadline, common);
    agent->start();
    return *agent;
  }
  ~Agent() override {
    if (agent) agent->stop(kPatient);
  }
  bool until(const std::function<bool()>& condition) {
    for (const auto end = std::chrono::steady_clock::now() + kPatient; std::chrono::steady_clock::now() < end;) {
      if (condition()) return true;
      std::this_thread::sleep_for(std::chrono::milliseconds(1));
    }
    return false;
  }
  // From now on, but not for the look at the drive with which an agent begins.
  void hang() {
    EXPECT_TRUE(drive.wait_for(Action::recover));
    EXPECT_TRUE(until([&] { return changes > 0; }));
    drive.hangs = true;
  }
  bool was_told(reserve::JobNotice::Kind kind, reserve::JobId job) {
    return until([&] {
      const std::lock_guard lock(told_mutex);
      return std::any_of(told.begin(), told.end(), [&](const auto& n) { return n.kind == kind && n.job == job; });
    });
  }
  template <class Change>
  void drive_is(Change change) {
    const std::lock_guard lock(drive.mutex);
    change(drive);
  }
  FakeDrive drive;
  std::atomic<int> changes{0}, names_asked{0};
  std::string name;  ///< of each job
  std::function<std::string(reserve::JobContext)> job_name = [this](reserve::JobContext) {
    ++names_asked;
    return name;
  };
  std::shared_ptr<DriveAgent::Common> common = std::make_shared<DriveAgent::Common>();
  std::mutex told_mutex;
  std::vector<reserve::JobNotice> told;
  reserve::Timing timing;
  std::unique_ptr<DriveAgent> agent;
};

}  // namespace shstore::plugin
