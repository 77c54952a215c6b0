// The one way to run another program and read what it says: from inside bacula-sd, from shstore-changer, for an @|command of a
// configuration, for bconsole. No shell, a deadline, nothing inherited.
//
// Two are not run so, for they are no such thing: what `storage-ctl exec` runs in its own place, with its terminal and
// descriptors (scsi/ctl/child.cpp), and the look at a plugin that must not be loaded into this process (plugin/abi/load_check.cpp).
#pragma once

#include <sys/types.h>

#include <atomic>
#include <chrono>
#include <string>
#include <tl/expected.hpp>
#include <vector>

namespace shstore::base {

struct ProgramEnd {
  int status = 0;          ///< exit status; 128 + the signal if one ended it
  int signal = 0;          ///< the signal that ended it
  bool timed_out = false;  ///< it was killed, with all that it had started, because the deadline was over
  bool stopped = false;    ///< `stop` ended it
  std::string output;      ///< what it wrote, at most `most_output` bytes
  bool cut = false;        ///< it wrote more
  bool said_all = false;   ///< it was killed after its `last_line`, for it did not end: the status is 0
  pid_t group = 0;         ///< its process group, in which something that it left behind may still run
};

inline constexpr size_t kMostOutput = 65536;  ///< for a program that has to say something, not to tell

struct ProgramRun {
  std::chrono::milliseconds deadline;
  /// Once it is true, the program and what it started get SIGTERM, and SIGKILL 3 s later.
  const std::atomic<bool>* stop = nullptr;
  size_t most_output = kMostOutput;        ///< what it writes beyond is read and thrown away
  bool ends_when_cut = false;              ///< or it is killed then, with all that it had started
  bool with_errors = true;                 ///< `output` has standard error too; else that is ours
  std::vector<std::string> environment{};  ///< NAME=VALUE; empty: this process's
  std::atomic<pid_t>* running = nullptr;   ///< its process group while it runs, else 0: for who cannot wait for it
  std::string input{};  ///< its standard input, at most 4096 bytes (what every pipe takes); empty: /dev/null
  /// It begins the last line that is of interest: a program that does not end within 3 s of writing it is killed. Empty: none does.
  std::string last_line{};
};

/// `words`: the program's path (looked up in PATH if it has no slash) and its arguments. The program runs in a process group of
/// its own, with every signal at its default and unblocked, and no other descriptor of ours: bacula-sd's tape must not stay open
/// in it. The error says why it could not be started. Thread-safe; whoever else reaps unknown children may take its status.
tl::expected<ProgramEnd, std::string> run_program(const std::vector<std::string>& words, const ProgramRun& how);

}  // namespace shstore::base
