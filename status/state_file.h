// Where an SD's state lies on disk, and how it gets there whole.
#pragma once

#include <string>
#include <tl/expected.hpp>

#include "status/state.h"

namespace shstore::status {

/// "/var/lib/bacula/cibou-sd.shstore.json"
std::string state_path(const std::string& working_directory, const std::string& sd_name);

/// Writes beside and renames, so that a reader sees the old state or the new one; mode 0640. The error names the
/// path and the reason. Not to be called by two threads for one path.
tl::expected<void, std::string> write_state(const std::string& path, const SdState& state);

tl::expected<SdState, std::string> read_state(const std::string& path);

/// SdState::pid_started for a process; 0 if there is no such process.
int64_t process_start(int64_t pid);

/// True if the daemon that wrote the state is still there: not ended in order, and its process exists.
bool is_alive(const SdState& state);

}  // namespace shstore::status
