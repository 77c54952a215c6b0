#include "scsi/ctl/child.h"

#include <fmt/format.h>
#include <spawn.h>
#include <sys/wait.h>

#include <cerrno>
#include <chrono>
#include <csignal>
#include <thread>

extern char** environ;

namespace shstore::scsi::ctl {

Result<int> run_child(const std::vector<std::string>& command, const std::atomic<int>& signalled) {
  std::vector<char*> argv;
  for (const auto& word : command) argv.push_back(const_cast<char*>(word.c_str()));
  argv.push_back(nullptr);

  sigset_t none, defaults;
  sigemptyset(&none);
  sigemptyset(&defaults);
  for (const int signal : {SIGINT, SIGQUIT, SIGTERM, SIGHUP, SIGPIPE}) sigaddset(&defaults, signal);
  posix_spawnattr_t attributes;
  posix_spawnattr_init(&attributes);
  posix_spawnattr_setsigdefault(&attributes, &defaults);
  posix_spawnattr_setsigmask(&attributes, &none);
  posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETSIGMASK);
  pid_t child = 0;
  const int error = posix_spawnp(&child, argv[0], nullptr, &attributes, argv.data(), environ);
  posix_spawnattr_destroy(&attributes);
  if (error != 0) return fail(Error::Kind::usage, fmt::format("cannot run {}: {}", command[0], errno_text(error)));

  // Polled, because a signal that comes just before a blocking wait would not be passed on.
  constexpr std::chrono::milliseconds kPoll{20};
  int status = 0, passed_on = 0;
  for (;;) {
    const pid_t ended = ::waitpid(child, &status, WNOHANG);
    if (ended == child) break;
    if (ended < 0 && errno != EINTR) {
      return fail(Error::Kind::device, fmt::format("cannot wait for {}: {}", command[0], errno_text(errno)));
    }
    const int signal = signalled;
    if (signal != passed_on && (signal == SIGTERM || signal == SIGHUP)) ::kill(child, signal);
    passed_on = signal;
    std::this_thread::sleep_for(kPoll);
  }
  return WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
}

}  // namespace shstore::scsi::ctl
