#include "scsi/base/run_program.h"

#include <fcntl.h>
#include <poll.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <csignal>
#include <cstring>
#include <optional>
#include <thread>

#include "scsi/base/descriptor.h"

extern char** environ;

namespace shstore::base {
namespace {

using Clock = std::chrono::steady_clock;
using std::chrono::milliseconds;

constexpr int kFirstOwnDescriptor = 3;
constexpr milliseconds kLook{100};         // how often `stop` is looked at
constexpr std::chrono::seconds kGrace{3};  // from SIGTERM to SIGKILL; Bacula gives 5 s (lib/btimers.c)

struct Pipe {
  Descriptor from, to;

  // 0 or an errno.
  int open() {
    std::array<int, 2> ends{};
    if (::pipe2(ends.data(), O_CLOEXEC) != 0) return errno;
    from = Descriptor(ends[0]);
    to = Descriptor(ends[1]);
    return 0;
  }
};

class SpawnSettings {
 public:
  /// `input`: -1 is /dev/null.
  SpawnSettings(int input, int output, bool with_errors) {
    ::posix_spawn_file_actions_init(&files);
    if (input < 0) {
      ::posix_spawn_file_actions_addopen(&files, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
    } else {
      ::posix_spawn_file_actions_adddup2(&files, input, STDIN_FILENO);
    }
    ::posix_spawn_file_actions_adddup2(&files, output, STDOUT_FILENO);
    if (with_errors) ::posix_spawn_file_actions_adddup2(&files, output, STDERR_FILENO);
    ::posix_spawn_file_actions_addclosefrom_np(&files, kFirstOwnDescriptor);
    ::posix_spawnattr_init(&attributes);
    sigset_t none, all;
    sigemptyset(&none);
    sigfillset(&all);
    ::posix_spawnattr_setsigmask(&attributes, &none);
    ::posix_spawnattr_setsigdefault(&attributes, &all);
    ::posix_spawnattr_setpgroup(&attributes, 0);
    ::posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETPGROUP);
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
enum class Heard { closed, late, stopped, too_much, all };

// A line begins so, in the last `length` bytes or just before them.
bool has_line(const std::string& output, const std::string& begin, size_t length) {
  if (begin.empty()) return false;
  const auto line = '\n' + begin;
  const auto from = output.size() - std::min(output.size(), length + line.size());
  return output.find(line, from) != std::string::npos;
}

// Until the pipe is closed at the other end, the time is over, or somebody says stop.
Heard read_all(int pipe, ProgramEnd& end, const ProgramRun& how, Clock::time_point until,
               const std::atomic<bool>* stop) {
  std::array<char, 65536> buffer;
  bool said_all = false;
  for (;;) {
    if (stop != nullptr && *stop) return Heard::stopped;
    const auto left = std::chrono::ceil<milliseconds>(until - Clock::now());
    if (left <= milliseconds::zero()) return said_all ? Heard::all : Heard::late;
    pollfd wait{pipe, POLLIN, 0};
    const int ready = ::poll(&wait, 1, static_cast<int>((stop != nullptr ? std::min(left, kLook) : left).count()));
    if (ready == 0) continue;
    const ssize_t n = ready < 0 ? -1 : ::read(pipe, buffer.data(), buffer.size());
    if (n == 0) return Heard::closed;
    if (n < 0) {
      if (errno == EINTR) continue;
      return Heard::closed;
    }
    const auto length = static_cast<size_t>(n), room = how.most_output - end.output.size();
    end.output.append(buffer.data(), std::min(length, room));
    if (length > room) end.cut = true;
    if (end.cut && how.ends_when_cut) return Heard::too_much;
    if (!said_all && has_line(end.output, how.last_line, length)) {
      said_all = true;
      until = std::min(until, Clock::now() + kGrace);
    }
  }
}

struct Status {
  int status = 128 + SIGKILL, signal = SIGKILL;
};

// The child's end, waited for until then; nothing: it still runs.
std::optional<Status> wait_for(pid_t child, Clock::time_point until) {
  for (auto pause = milliseconds(1);; pause = std::min(pause * 2, milliseconds(50))) {
    int status = 0;
    const pid_t done = ::waitpid(child, &status, WNOHANG);
    if (done == child)
      return WIFEXITED(status) ? Status{WEXITSTATUS(status), 0} : Status{128 + WTERMSIG(status), WTERMSIG(status)};
    // bacula-sd waits for its own children by number; if somebody else took ours, its end is not known.
    if (done < 0 && errno != EINTR) return Status{128, 0};
    if (Clock::now() >= until) return std::nullopt;
    std::this_thread::sleep_for(pause);
  }
}

tl::unexpected<std::string> cannot_make_a_pipe(int error) {
  return tl::make_unexpected(std::string("cannot make a pipe: ") + std::strerror(error));
}

}  // namespace

tl::expected<ProgramEnd, std::string> run_program(const std::vector<std::string>& words, const ProgramRun& how) {
  const auto until = Clock::now() + how.deadline;
  Pipe output, input;
  if (const int error = output.open(); error != 0) return cannot_make_a_pipe(error);
  if (!how.input.empty()) {
    if (const int error = input.open(); error != 0) return cannot_make_a_pipe(error);
    // It fits before anybody reads.
    if (::write(input.to.get(), how.input.data(), how.input.size()) != static_cast<ssize_t>(how.input.size())) {
      return cannot_make_a_pipe(errno);
    }
  }
  std::vector<char*> arguments;
  for (const auto& word : words) arguments.push_back(const_cast<char*>(word.c_str()));
  arguments.push_back(nullptr);
  std::vector<char*> variables;
  for (const auto& variable : how.environment) variables.push_back(const_cast<char*>(variable.c_str()));
  variables.push_back(nullptr);
  pid_t child = 0;
  const SpawnSettings settings(input.from.get(), output.to.get(), how.with_errors);
  const int failure = ::posix_spawnp(&child, arguments[0], &settings.files, &settings.attributes, arguments.data(),
                                     how.environment.empty() ? environ : variables.data());
  output.to.close();
  input = {};
  if (failure != 0) return tl::make_unexpected("cannot run " + words[0] + ": " + std::strerror(failure));
  ProgramEnd end;
  end.group = child;
  if (how.running != nullptr) *how.running = child;
  auto heard = read_all(output.from.get(), end, how, until, how.stop);
  if (heard == Heard::stopped) {
    end.stopped = true;
    ::kill(-child, SIGTERM);
    heard = read_all(output.from.get(), end, how, Clock::now() + kGrace, nullptr);
  }
  output.from.close();
  auto ended = heard == Heard::closed ? wait_for(child, end.stopped ? Clock::now() + kGrace : until) : std::nullopt;
  if (!ended) {
    end.said_all = heard == Heard::all;
    end.timed_out = !end.stopped && !end.said_all && heard != Heard::too_much;
    ::kill(-child, SIGKILL);
    ended = wait_for(child, Clock::now() + std::chrono::seconds(5));
  }
  if (how.running != nullptr) *how.running = 0;
  if (end.said_all) return end;
  end.status = ended.value_or(Status{}).status;
  end.signal = ended.value_or(Status{}).signal;
  return end;
}

}  // namespace shstore::base
