// The only file of this room that starts processes.
#include <fcntl.h>
#include <fmt/format.h>
#include <poll.h>
#include <spawn.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <csignal>
#include <system_error>
#include <vector>

#include "config/command_words.h"
#include "config/reading.h"

namespace shstore::config {
namespace {

using Clock = std::chrono::steady_clock;

class Descriptor {
 public:
  explicit Descriptor(int fd = -1) : fd_(fd) {}
  ~Descriptor() { close(); }
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;
  int get() const { return fd_; }
  void close() {
    if (fd_ >= 0) ::close(fd_);
    fd_ = -1;
  }

 private:
  int fd_;
};

/// Starts it in a process group of its own, so that all it starts can be ended with it; 0 or an errno.
int start(const std::vector<std::string>& words, int output, pid_t& pid) {
  std::vector<char*> argv;
  for (const std::string& word : words) argv.push_back(const_cast<char*>(word.c_str()));
  argv.push_back(nullptr);
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
  posix_spawn_file_actions_adddup2(&actions, output, STDOUT_FILENO);
  posix_spawn_file_actions_addclosefrom_np(&actions, STDERR_FILENO + 1);
  posix_spawnattr_t attributes;
  posix_spawnattr_init(&attributes);
  sigset_t all, none;
  sigfillset(&all);
  sigemptyset(&none);
  posix_spawnattr_setsigdefault(&attributes, &all);
  posix_spawnattr_setsigmask(&attributes, &none);
  posix_spawnattr_setpgroup(&attributes, 0);
  posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETPGROUP | POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETSIGMASK);
  const int error = posix_spawnp(&pid, argv[0], &actions, &attributes, argv.data(), environ);
  posix_spawnattr_destroy(&attributes);
  posix_spawn_file_actions_destroy(&actions);
  return error;
}

/// A started command; ends it and all it started unless it ended by itself.
class Child {
 public:
  /// The call itself, for glibc 2.36 declares pidfd_open() as if it were C++.
  explicit Child(pid_t pid) : pid_(pid), ended_(static_cast<int>(::syscall(SYS_pidfd_open, pid, 0))) {}
  ~Child() {
    if (pid_ <= 0) return;
    ::kill(-pid_, SIGKILL);
    status();
  }
  Child(const Child&) = delete;
  Child& operator=(const Child&) = delete;

  /// Readable when it ended.
  int ended() const { return ended_.get(); }

  /// What waitpid() says of it.
  int status() {
    int result = 0;
    while (::waitpid(pid_, &result, 0) < 0 && errno == EINTR) {
    }
    pid_ = 0;
    return result;
  }

 private:
  pid_t pid_;
  Descriptor ended_;
};

class ProcessRunner : public CommandRunner {
 public:
  ProcessRunner(std::chrono::milliseconds deadline, size_t most_output)
      : deadline_(deadline), most_output_(most_output) {}

  tl::expected<std::string, std::string> run(const std::string& command) override {
    const std::vector<std::string> words = command_words(command);
    if (words.empty()) return tl::make_unexpected("a command must follow the |");
    std::array<int, 2> ends{};
    if (::pipe2(ends.data(), O_CLOEXEC) != 0) return failure(words[0], errno);
    const Descriptor from(ends[0]);
    Descriptor to(ends[1]);
    pid_t pid = 0;
    const int error = start(words, to.get(), pid);
    to.close();
    if (error != 0) return failure(words[0], error);
    Child child(pid);
    return output(words[0], from.get(), child);
  }

 private:
  static tl::unexpected<std::string> failure(const std::string& program, int error) {
    return tl::make_unexpected(fmt::format("cannot run {}: {}", program, std::system_category().message(error)));
  }

  tl::expected<std::string, std::string> output(const std::string& program, int from, Child& child) const {
    const auto until = Clock::now() + deadline_;
    std::string text;
    std::array<char, 65536> buffer{};
    for (;;) {
      if (!wait_for(from, until)) return too_slow(program);
      const ssize_t n = ::read(from, buffer.data(), buffer.size());
      if (n < 0 && errno == EINTR) continue;
      if (n < 0) return failure(program, errno);
      if (n == 0) break;
      text.append(buffer.data(), static_cast<size_t>(n));
      if (text.size() > most_output_) {
        return tl::make_unexpected(fmt::format("{} writes more than {} bytes", program, most_output_));
      }
    }
    if (!wait_for(child.ended(), until)) return too_slow(program);
    const int status = child.status();
    // Bacula does not ask how the command ended. It would read what there is; but nothing at all is suspect.
    if (status == 0 || !text.empty()) return text;
    return tl::make_unexpected(WIFEXITED(status)
                                   ? fmt::format("{} ended with status {} and wrote nothing", program,
                                                 WEXITSTATUS(status))
                                   : fmt::format("{} was ended by signal {} and wrote nothing", program,
                                                 WTERMSIG(status)));
  }

  tl::unexpected<std::string> too_slow(const std::string& program) const {
    return tl::make_unexpected(fmt::format("{} did not end within {} ms", program, deadline_.count()));
  }

  /// Is there something to read, or the end of it?
  static bool wait_for(int fd, Clock::time_point until) {
    for (;;) {
      const auto left = std::chrono::ceil<std::chrono::milliseconds>(until - Clock::now()).count();
      pollfd waiting{fd, POLLIN, 0};
      const int ready = ::poll(&waiting, 1, static_cast<int>(std::max<int64_t>(left, 0)));
      if (ready > 0) return true;
      if (ready == 0 && left <= 0) return false;
      if (ready < 0 && errno != EINTR) return true;  // read() or waitpid() will tell
    }
  }

  const std::chrono::milliseconds deadline_;
  const size_t most_output_;
};

}  // namespace

std::unique_ptr<CommandRunner> process_runner(std::chrono::milliseconds deadline, size_t most_output) {
  return std::make_unique<ProcessRunner>(deadline, most_output);
}

}  // namespace shstore::config
