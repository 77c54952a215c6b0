// Runs a program of the administrator's, from inside bacula-sd or from shstore-changer: no shell, a deadline, nothing
// inherited.
#pragma once

#include <sys/types.h>

#include <atomic>
#include <chrono>
#include <string>
#include <tl/expected.hpp>
#include <vector>

namespace shstore::config {

struct ProgramEnd {
  int status = 0;          ///< exit status; 128 + the signal if one ended it
  bool timed_out = false;  ///< it was killed, with all that it had started, because the deadline was over
  bool stopped = false;    ///< `stop` ended it
  std::string output;      ///< what it wrote to either stream, at most `most_output` bytes
  bool cut = false;        ///< it wrote more
  pid_t group = 0;         ///< its process group, in which something that it left behind may still run
};

inline constexpr size_t kMostOutput = 65536;  ///< for a program that has to say something, not to tell

/// `words`: the program's path (looked up in PATH if it has no slash) and its arguments. The program runs in
/// a process group of its own, with every signal at its default and unblocked, standard input from /dev/null
/// and no other descriptor of ours: bacula-sd's tape must not stay open in it. The error says why it could
/// not be started. `stop`: once it is true, the program and what it started get SIGTERM, and SIGKILL 3 s later.
/// What it writes beyond `most_output` bytes is read and thrown away. `environment`: NAME=VALUE; empty: this process's.
tl::expected<ProgramEnd, std::string> run_program(const std::vector<std::string>& words,
                                                  std::chrono::milliseconds deadline,
                                                  const std::atomic<bool>* stop = nullptr,
                                                  size_t most_output = kMostOutput,
                                                  const std::vector<std::string>& environment = {});

}  // namespace shstore::config
