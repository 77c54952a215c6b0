// A thread of ours that works until it is stopped, and is left behind where it does not end in time: in a command to a drive, in a
// program. What it uses is shared with it, so that it lives as long as the thread.
#pragma once

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <mutex>
#include <thread>

namespace shstore::plugin {

/// What the thread and its owner share; what either adds may be under the same mutex.
struct Worker {
  mutable std::mutex mutex;
  std::condition_variable wake;   ///< of the thread: there is something to do, or `stop`
  std::condition_variable ended;  ///< of who waits for it
  std::atomic<bool> stop{false};  ///< set under the mutex, and for ever
  bool running = false;           ///< under the mutex

  /// The thread's last step, under the mutex.
  void has_ended() {
    running = false;
    ended.notify_all();
  }
  /// Tells `thread` to end and joins it; false: it has not ended within `patience`, and may be stopped once more or detached.
  bool end(std::thread& thread, std::chrono::milliseconds patience);
};

}  // namespace shstore::plugin
