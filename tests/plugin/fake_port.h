// A lock port that does what the test says.
#pragma once

#include <pthread.h>

#include <atomic>
#include <chrono>
#include <csignal>
#include <mutex>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "reserve/lock_port.h"

namespace shstore::plugin {

/// Shared by the test and the agent's thread.
struct FakeDrive {
  std::mutex mutex;
  reserve::Outcome take, release;
  std::string holder;                       ///< another host's key: a look shows it, and take is blocked
  std::vector<std::string> waiting;         ///< hosts' keys: a look shows them
  bool unseen = false;                      ///< looks fail
  bool held = false;                        ///< by us
  bool gone = false;                        ///< once: our lock has vanished
  uint32_t counted = 1;                     ///< and so many registrations and preemptions with it
  std::atomic<bool> open{true};             ///< the daemon opens the device when a job gets its lock, and has it open
  std::atomic<bool> opened{false};          ///< it has done so
  std::atomic<bool> path_came_back{false};  ///< once
  std::atomic<int> paths_asked{0};
  std::atomic<int> devices_asked{0};
  std::atomic<int> told_near{0};  ///< so often those who wait were to be told that the drive comes free soon
  std::atomic<bool> opens_are_told{true};
  std::atomic<bool> path_is_told{false};
  std::atomic<bool> two_drives{false};  ///< the nodes have come to lead there
  std::atomic<bool> hangs{false};       ///< nothing that is begun ends until this is false again
  std::atomic<bool> moves{false};       ///< the tape, for a job that must wait meanwhile
  std::vector<reserve::Action> actions;
  std::atomic<bool> signals_blocked{true};
  std::atomic<bool> port_is_gone{false};

  std::vector<reserve::Action> performed() {
    const std::lock_guard lock(mutex);
    return actions;
  }
  bool wait_for(reserve::Action action, std::chrono::milliseconds patience = std::chrono::minutes(2)) {
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

  bool device_open() override {
    ++drive_.devices_asked;
    return drive_.open && drive_.opened;
  }
  bool opens_are_told() const override { return drive_.opens_are_told; }
  bool path_is_told() const override { return drive_.path_is_told; }
  bool path_is_back() override {
    ++drive_.paths_asked;
    return drive_.path_came_back.exchange(false);
  }
  bool may_stop_waiting() override { return !drive_.moves; }
  void release_is_near() override { ++drive_.told_near; }
  std::string unfit() override { return drive_.two_drives ? "two drives" : ""; }
  reserve::Outcome perform(reserve::Action action, bool) override {
    std::unique_lock lock(drive_.mutex);
    drive_.actions.push_back(action);
    sigset_t blocked;
    pthread_sigmask(SIG_BLOCK, nullptr, &blocked);
    if (sigismember(&blocked, SIGTERM) == 0 || sigismember(&blocked, SIGUSR2) == 0) drive_.signals_blocked = false;
    const auto outcome = result(action);
    lock.unlock();
    while (drive_.hangs) std::this_thread::sleep_for(std::chrono::milliseconds(1));
    return outcome;
  }

 private:
  reserve::Outcome result(reserve::Action action) {
    using Kind = reserve::Outcome::Kind;
    if (std::exchange(drive_.gone, false)) {
      drive_.held = false;
      generation_ += drive_.counted;
    }
    if (!drive_.holder.empty()) drive_.held = false;
    reserve::Outcome done;
    switch (action) {
      case reserve::Action::look:
        if (drive_.unseen) return {Kind::failed, {}, "the drive does not answer", {}};
        done.reading = reading();
        return done;
      case reserve::Action::take:
        if (!drive_.holder.empty()) return {Kind::blocked, drive_.holder, {}, {}};
        if (drive_.take.kind != Kind::done) return drive_.take;
        if (!drive_.held) ++generation_;
        drive_.held = true;
        drive_.opened = true;
        done.reading = reading();
        return done;
      case reserve::Action::release:
        if (drive_.release.kind != Kind::done) return drive_.release;
        done.reading = reading();
        drive_.held = false;
        drive_.opened = false;
        return done;
      case reserve::Action::join: registered_ = true; return done;
      case reserve::Action::unregister: registered_ = false; return done;
      default: return done;
    }
  }
  reserve::LockReading reading() const {
    const auto holder = drive_.held ? std::string("0xbac001") : drive_.holder;
    std::vector<std::string> others;
    if (!drive_.holder.empty()) others.push_back(drive_.holder);
    others.insert(others.end(), drive_.waiting.begin(), drive_.waiting.end());
    return {holder, drive_.held, drive_.held || registered_, others, generation_, false, true};
  }

  FakeDrive& drive_;
  uint32_t generation_ = 1;
  bool registered_ = false;
};

}  // namespace shstore::plugin
