// Where an SD's state lies on disk, and how it gets there whole.
#pragma once

#include <string>
#include <tl/expected.hpp>

#include "reserve/record/state.h"

namespace shstore::record {

/// "/var/lib/bacula/cibou-sd.shstore.json"
std::string state_path(const std::string& working_directory, const std::string& sd_name);

/// Writes beside and renames, so that a reader sees the old state or the new one; mode 0640. The error names the
/// path and the reason.
tl::expected<void, std::string> write_state(const std::string& path, const SdState& state);

/// Why there is no state.
struct NoState {
  std::string message;
  bool missing = false;  ///< there is no such file; else it cannot be read or understood
};

tl::expected<SdState, NoState> read_state(const std::string& path);

/// SdState::pid_started for a process; 0 if there is no such process, or if this user may not see it.
int64_t process_start(int64_t pid);

/// SdState::pid_namespace of this process; empty: not known.
std::string pid_namespace();

/// Tells the file that lies at a path from one that replaces it: "device:inode", in hexadecimal digits. Empty: there is none.
/// (The number of a file that a process has loaded is not given to another one.)
std::string file_id(const std::string& path);

/// The process that wrote the state; one that was killed is gone although its parent has not asked for its exit status. `hidden`: it cannot be told whether it is there, because this user may not see it or
/// it counts its processes in another namespace.
enum class Writer { alive, gone, hidden };
Writer writer_of(const SdState& state);

/// True if the daemon that wrote the state is known to be there still: not ended in order, and its process exists.
bool is_alive(const SdState& state);

/// It is, and was ended: not all of its threads have come to their end yet. One that writes to a disk or hangs in a command to a drive
/// may take its time.
bool is_ending(const SdState& state);

}  // namespace shstore::record
