// Runs a program of the administrator's from inside bacula-sd: no shell, a deadline, nothing of the daemon
// inherited.
#pragma once

#include <chrono>
#include <string>
#include <tl/expected.hpp>
#include <vector>

namespace shstore::plugin {

struct ProgramEnd {
  int status = 0;          ///< exit status; 128 + the signal if one ended it
  bool timed_out = false;  ///< it was killed, with all that it had started, because the deadline was over
  std::string output;      ///< what it wrote to either stream, at most 64 KiB
};

/// `words`: the program's path (looked up in PATH if it has no slash) and its arguments. The program runs in
/// a process group of its own, with every signal at its default and unblocked, standard input from /dev/null
/// and no other descriptor of ours: bacula-sd's tape must not stay open in it. The error says why it could
/// not be started.
tl::expected<ProgramEnd, std::string> run_program(const std::vector<std::string>& words,
                                                  std::chrono::milliseconds deadline);

}  // namespace shstore::plugin
