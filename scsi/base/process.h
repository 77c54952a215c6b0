// Who a process is, as /proc tells.
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <optional>
#include <string>

namespace shstore::base {

/// A process for certain: a number alone may be another's by now.
struct ProcessId {
  pid_t pid = 0;
  uint64_t start = 0;  ///< field 22 of /proc/PID/stat: clock ticks since boot
  friend bool operator==(const ProcessId&, const ProcessId&) = default;
};

struct ProcessStat {
  ProcessId id{};
  std::string name{};  ///< at most 15 bytes of it, as the process itself has set it: may hold anything
  pid_t parent = 0;
};

/// Nothing: there is none, or it may not be seen (hidepid). `proc` is "/proc" but in tests.
std::optional<ProcessStat> process_stat(pid_t pid, const std::string& proc = "/proc");

/// "btape (process 4711)"; one that cannot be seen: "process 4711".
std::string process_text(pid_t pid, const std::string& proc = "/proc");

/// This process, or one above it. A child whose parent has ended is below whoever has adopted it.
bool is_self_or_ancestor(const ProcessId& process, const std::string& proc = "/proc");

}  // namespace shstore::base
