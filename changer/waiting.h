// How the edges of this room wait: given from outside, so that tests need no time.
#pragma once

#include <atomic>
#include <chrono>
#include <functional>
#include <thread>

namespace shstore::changer {

struct Waiting {
  using TimePoint = std::chrono::steady_clock::time_point;
  std::function<TimePoint()> now;
  std::function<void(std::chrono::milliseconds)> sleep;  ///< returns early when `stop` becomes true
  const std::atomic<bool>& stop;  ///< SIGTERM, as Bacula sends it at its Maximum Changer Wait, or ^C
  /// A short one that `stop` does not cut: what must be given back needs it also then.
  std::function<void(std::chrono::milliseconds)> pause = [](auto t) { std::this_thread::sleep_for(t); };

  bool over(TimePoint until) const { return stop || now() >= until; }
};

}  // namespace shstore::changer
