#include "config/shared/run_program.h"

#include <fcntl.h>
#include <poll.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <csignal>
#include <cstring>
#include <optional>
#include <thread>

extern char** environ;

namespace shstore::config {
namespace {

using Clock = std::chrono::steady_clock;
using std::chrono::milliseconds;

constexpr int kFirstOwnDescriptor = 3;
constexpr milliseconds kLook{100};           // how often `stop` is looked at
constexpr std::chrono::seconds kGrace{3};  // from SIGTERM to SIGKILL; Bacula gives 5 s (lib/btimers.c)

class SpawnSettings {
 public:
  explicit SpawnSettings(int output) {
    ::posix_spawn_file_actions_init(&files);
    ::posix_spawn_file_actions_addopen(&files, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
    ::posix_spawn_file_actions_adddup2(&files, output, STDOUT_FILENO);
    ::posix_spawn_file_actions_adddup2(&files, output, STDERR_FILENO);
    ::posix_spawn_file_actions_addclosefrom_np(&files, kFirstOwnDescriptor);
    ::posix_spawnattr_init(&attributes);
    sigset_t none, all;
    sigemptyset(&none);
    sigfillset(&all);
    ::posix_spawnattr_setsigmask(&attributes, &none);
    ::posix_spawnattr_setsigdefault(&attributes, &all);
    ::posix_spawnattr_setpgroup(&attributes, 0);
    ::posix_spawnattr_setflags(&attributes,
                               POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETPGROUP);
  }
  ~SpawnSettings() {
    ::posix_spawn_file_actions_destroy(&files);
    ::posix_spawnattr_destroy(&attributes);
  }
  SpawnSettings(const SpawnSettings&) = delete;
  SpawnSettings& operator=(const SpawnSettings&) = delete;

  posix_spawn_file_actions_t files;
  posix_spawnattr_t attributes;
};

// What to do when the pipe is quiet.
enum class Pipe { closed, late, stopped };

// Until the pipe is closed at the other end, the time is over, or somebody says stop.
Pipe read_all(int pipe, ProgramEnd& end, size_t most, Clock::time_point until, const std::atomic<bool>* stop) {
  std::array<char, 4096> buffer;
  for (;;) {
    if (stop != nullptr && *stop) return Pipe::stopped;
    const auto left = std::chrono::ceil<milliseconds>(until - Clock::now());
    if (left <= milliseconds::zero()) return Pipe::late;
    pollfd wait{pipe, POLLIN, 0};
    const int ready = ::poll(&wait, 1, static_cast<int>((stop != nullptr ? std::min(left, kLook) : left).count()));
    if (ready == 0) continue;
    const ssize_t n = ready < 0 ? -1 : ::read(pipe, buffer.data(), buffer.size());
    if (n == 0) return Pipe::closed;
    if (n < 0) {
      if (errno == EINTR) continue;
      return Pipe::closed;
    }
    const auto length = static_cast<size_t>(n), room = most - end.output.size();
    end.output.append(buffer.data(), std::min(length, room));
    if (length > room) end.cut = true;
  }
}

// The child's end, waited for until then; nothing: it still runs.
std::optional<int> wait_for(pid_t child, Clock::time_point until) {
  for (auto pause = milliseconds(1);; pause = std::min(pause * 2, milliseconds(50))) {
    int status = 0;
    const pid_t done = ::waitpid(child, &status, WNOHANG);
    if (done == child) return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
    // bacula-sd waits for its own children by number; if somebody else took ours, its end is not known.
    if (done < 0 && errno != EINTR) return 128;
    if (Clock::now() >= until) return std::nullopt;
    std::this_thread::sleep_for(pause);
  }
}

}  // namespace

tl::expected<ProgramEnd, std::string> run_program(const std::vector<std::string>& words,
                                                  milliseconds deadline, const std::atomic<bool>* stop,
                                                  size_t most_output, const std::vector<std::string>& environment) {
  const auto until = Clock::now() + deadline;
  int pipe[2];
  if (::pipe2(pipe, O_CLOEXEC) != 0)
    return tl::make_unexpected(std::string("cannot make a pipe: ") + std::strerror(errno));
  std::vector<char*> arguments;
  for (const auto& word : words) arguments.push_back(const_cast<char*>(word.c_str()));
  arguments.push_back(nullptr);
  std::vector<char*> variables;
  for (const auto& variable : environment) variables.push_back(const_cast<char*>(variable.c_str()));
  variables.push_back(nullptr);
  pid_t child = 0;
  const SpawnSettings settings(pipe[1]);
  const int failure =
      ::posix_spawnp(&child, arguments[0], &settings.files, &settings.attributes, arguments.data(),
                    environment.empty() ? environ : variables.data());
  ::close(pipe[1]);
  if (failure != 0) {
    ::close(pipe[0]);
    return tl::make_unexpected("cannot run " + words[0] + ": " + std::strerror(failure));
  }
  ProgramEnd end;
  end.group = child;
  auto pipe_end = read_all(pipe[0], end, most_output, until, stop);
  if (pipe_end == Pipe::stopped) {
    end.stopped = true;
    ::kill(-child, SIGTERM);
    pipe_end = read_all(pipe[0], end, most_output, Clock::now() + kGrace, nullptr);
  }
  ::close(pipe[0]);
  auto status = pipe_end == Pipe::closed ? wait_for(child, end.stopped ? Clock::now() + kGrace : until) : std::nullopt;
  if (!status) {
    end.timed_out = !end.stopped;
    ::kill(-child, SIGKILL);
    status = wait_for(child, Clock::now() + std::chrono::seconds(5));
  }
  end.status = status.value_or(128 + SIGKILL);
  return end;
}

}  // namespace shstore::config
