// Writes down what happens to the locks of this daemon, a line for each event (reserve/record/history.h).
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>

#include "reserve/record/history.h"

namespace shstore::plugin {

/// Not thread-safe. Never throws for what the disk does: error() tells, and what could not be written is lost.
class HistoryWriter {
 public:
  static constexpr std::chrono::hours kKept{48};          ///< what is older is dropped, about once an hour
  static constexpr uint64_t kMaxBytes = 4 * 1024 * 1024;  ///< then the older half is dropped

  explicit HistoryWriter(std::string path, uint64_t max_bytes = kMaxBytes)
      : path_(std::move(path)), max_bytes_(max_bytes) {}

  /// Writes what happened since the state before; the first one begins a life of the daemon.
  void observe(const record::SdState& state);

  /// Why the latest lines could not be written, with the path; empty: they were.
  const std::string& error() const { return error_; }

 private:
  void append(const record::History& events);
  void trim(record::WallTime now);

  const std::string path_;
  const uint64_t max_bytes_;
  std::optional<record::SdState> before_;
  record::WallTime last_line_{}, last_trim_{};
  bool torn_ = true;  ///< the file may end in the middle of a line
  std::string error_;
};

}  // namespace shstore::plugin
