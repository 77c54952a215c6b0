// Writes the plugin's state to disk soon after it changes, and never more than a few times a second; and beside it, what
// has changed since the state before, as the history of the locks.
#pragma once

#include <functional>
#include <mutex>
#include <optional>
#include <string>
#include <thread>

#include "plugin/history_writer.h"
#include "plugin/worker.h"
#include "reserve/record/contract.h"
#include "reserve/record/state.h"

namespace shstore::plugin {

/// Thread-safe. The writing thread blocks every signal, as bacula-sd's handlers must not run on it.
class StatePublisher {
 public:
  /// Without a path for it, no history is written.
  StatePublisher(std::string path, std::function<record::SdState()> collect, const std::string& history_path = {})
      : path_(std::move(path)), collect_(std::move(collect)) {
    if (!history_path.empty()) history_.emplace(history_path);
  }

  /// Why there is no thread for it; empty: it runs. May be tried again.
  std::string start();
  /// Something changed: it will be on disk within about record::kPublishedWithin.
  void changed();
  /// Writes now, in the calling thread. Does not throw.
  tl::expected<void, std::string> write_now();
  /// Ends the thread; true if it has ended within `patience`.
  bool stop(std::chrono::milliseconds patience);
  /// Why the history is not being written; empty: it is. Also within `collect`.
  std::string history_error() const;
  /// Why the state was not written when that was last tried; empty: it was.
  std::string state_error() const;

 private:
  void work();
  tl::expected<void, std::string> collect_and_write();
  void observe(const record::SdState& state);

  const std::string path_;
  const std::function<record::SdState()> collect_;
  Worker worker_;
  bool dirty_ = false;  ///< under its mutex
  std::thread thread_;
  std::mutex writing_;
  std::optional<HistoryWriter> history_;  ///< used by whoever has writing_
  mutable std::mutex told_;
  std::string history_error_, state_error_;
};

}  // namespace shstore::plugin
