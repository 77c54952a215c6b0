// Writes the plugin's state to disk soon after it changes, and never more than a few times a second.
#pragma once

#include <condition_variable>
#include <functional>
#include <mutex>
#include <string>
#include <thread>

#include "status/state.h"

namespace shstore::plugin {

/// Thread-safe. The writing thread blocks every signal, as bacula-sd's handlers must not run on it.
class StatePublisher {
 public:
  static constexpr std::chrono::milliseconds kPause{300};  ///< between two writes

  StatePublisher(std::string path, std::function<status::SdState()> collect)
      : path_(std::move(path)), collect_(std::move(collect)) {}

  void start();
  /// Something changed: it will be on disk within about kPause.
  void changed();
  /// Writes now, in the calling thread.
  tl::expected<void, std::string> write_now();
  /// Ends the thread; true if it has ended within `patience`.
  bool stop(std::chrono::milliseconds patience);

 private:
  void work();

  const std::string path_;
  const std::function<status::SdState()> collect_;
  std::mutex mutex_, writing_;
  std::condition_variable wake_, ended_;
  bool dirty_ = false, stop_ = false, running_ = false;
  std::thread thread_;
};

}  // namespace shstore::plugin
