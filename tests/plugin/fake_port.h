// A lock port that does what the test says.
#pragma once

#include <pthread.h>

#include <atomic>
#include <chrono>
#include <csignal>
#include <mutex>
#include <thread>
#include <vector>

#include "reserve/lock_port.h"

namespace shstore::plugin {

/// Shared by the test and the agent's thread.
struct FakeDrive {
  std::mutex mutex;
  reserve::Outcome take, verify, release;
  std::chrono::milliseconds delay{0};
  std::vector<reserve::Action> actions;
  std::atomic<bool> signals_blocked{true};
  std::atomic<bool> port_is_gone{false};

  std::vector<reserve::Action> performed() {
    const std::lock_guard lock(mutex);
    return actions;
  }
  bool wait_for(reserve::Action action, std::chrono::milliseconds patience = std::chrono::seconds(10)) {
    for (const auto until = std::chrono::steady_clock::now() + patience; std::chrono::steady_clock::now() < until;) {
      for (const auto a : performed()) {
        if (a == action) return true;
      }
      std::this_thread::sleep_for(std::chrono::milliseconds(2));
    }
    return false;
  }
};

class FakePort final : public reserve::LockPort {
 public:
  explicit FakePort(FakeDrive& drive) : drive_(drive) {}
  ~FakePort() override { drive_.port_is_gone = true; }

  reserve::Outcome perform(reserve::Action action, bool) override {
    std::unique_lock lock(drive_.mutex);
    drive_.actions.push_back(action);
    sigset_t blocked;
    pthread_sigmask(SIG_BLOCK, nullptr, &blocked);
    if (sigismember(&blocked, SIGTERM) == 0 || sigismember(&blocked, SIGUSR2) == 0) drive_.signals_blocked = false;
    const auto outcome = action == reserve::Action::take      ? drive_.take
                         : action == reserve::Action::verify  ? drive_.verify
                         : action == reserve::Action::release ? drive_.release
                                                              : reserve::Outcome{};
    const auto delay = drive_.delay;
    lock.unlock();
    std::this_thread::sleep_for(delay);
    return outcome;
  }

 private:
  FakeDrive& drive_;
};

inline reserve::Outcome blocked_by(const char* key) { return {reserve::Outcome::Kind::blocked, key, {}}; }

}  // namespace shstore::plugin
