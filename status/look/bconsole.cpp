#include "status/look/bconsole.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <string_view>
#include <system_error>

#include "scsi/base/printable.h"

extern char** environ;

namespace shstore::status {
namespace {

using Clock = std::chrono::steady_clock;

constexpr size_t kMaxAnswer = 16 << 20;

std::string words(int error) { return std::generic_category().message(error); }

struct Pipe {
  Pipe() { ok = ::pipe2(ends.data(), O_CLOEXEC) == 0; }
  ~Pipe() {
    close_read();
    close_write();
  }
  Pipe(const Pipe&) = delete;
  Pipe& operator=(const Pipe&) = delete;
  void close_read() { close_end(0); }
  void close_write() { close_end(1); }
  int read_end() const { return ends[0]; }
  int write_end() const { return ends[1]; }
  bool ok = false;

 private:
  void close_end(size_t i) {
    if (ends[i] >= 0) ::close(ends[i]);
    ends[i] = -1;
  }
  std::array<int, 2> ends{-1, -1};
};

// Standard input from one pipe, output and errors to the other.
tl::expected<pid_t, int> start(const BconsoleRequest& request, const Pipe& in, const Pipe& out) {
  posix_spawn_file_actions_t files;
  posix_spawn_file_actions_init(&files);
  posix_spawn_file_actions_adddup2(&files, in.read_end(), STDIN_FILENO);
  posix_spawn_file_actions_adddup2(&files, out.write_end(), STDOUT_FILENO);
  posix_spawn_file_actions_adddup2(&files, out.write_end(), STDERR_FILENO);
  std::array<std::string, 4> arguments{request.program, "-n", "-c", request.configuration};
  std::array<char*, 5> pointers{};
  for (size_t i = 0; i < arguments.size(); ++i) pointers[i] = arguments[i].data();
  pid_t pid = 0;
  const int error = ::posix_spawnp(&pid, request.program.c_str(), &files, nullptr, pointers.data(), environ);
  posix_spawn_file_actions_destroy(&files);
  if (error != 0) return tl::make_unexpected(error);
  return pid;
}

// True at the end of the output; false if the time is over.
bool read_until_end(int fd, Clock::time_point deadline, std::string& text) {
  std::array<char, 65536> buffer{};
  while (text.size() < kMaxAnswer) {
    const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(deadline - Clock::now()).count();
    if (left <= 0) return false;
    pollfd wanted{fd, POLLIN, 0};
    const int ready = ::poll(&wanted, 1, static_cast<int>(left));
    if (ready < 0 && errno != EINTR) return true;
    if (ready <= 0) continue;
    const ssize_t n = ::read(fd, buffer.data(), buffer.size());
    if (n < 0 && errno == EINTR) continue;
    if (n <= 0) return true;
    text.append(buffer.data(), static_cast<size_t>(n));
  }
  return true;
}

// A program that has closed its output ends; it is not waited for longer than the rest of the deadline.
int reap(pid_t pid, Clock::time_point deadline, bool& late) {
  int status = 0;
  while (true) {
    const pid_t done = ::waitpid(pid, &status, late ? 0 : WNOHANG);
    if (done == pid) return status;
    if (done < 0 && errno != EINTR) return -1;
    if (late) continue;
    if (Clock::now() >= deadline) {
      late = true;
      ::kill(pid, SIGKILL);
    } else {
      ::poll(nullptr, 0, 10);
    }
  }
}

std::string last_line(const std::string& text) {
  const auto last = text.find_last_not_of(" \r\n");
  if (last == std::string::npos) return {};
  const auto begin = text.rfind('\n', last);
  return base::printable(text.substr(begin + 1, last - begin));
}

// A name goes to the console as part of a command line: what could begin another command is refused.
bool is_a_name(std::string_view text) {
  return !text.empty() && text.find_first_of("\n\r\"\\;") == std::string_view::npos;
}

}  // namespace

tl::expected<std::string, std::string> bacula_status_text(const BconsoleRequest& request) {
  const auto failed = [&](const std::string& why) {
    return tl::make_unexpected(
        fmt::format("cannot ask {} -c {} for the status: {}", request.program, request.configuration, why));
  };
  if (!is_a_name(request.storage))
    return failed(fmt::format("\"{}\" is not the name of a Storage", request.storage));
  Pipe in, out;
  if (!in.ok || !out.ok) return failed(words(errno));
  // A few bytes: they fit into the pipe before anybody reads.
  const auto commands = fmt::format("status storage=\"{}\"\nquit\n", request.storage);
  if (::write(in.write_end(), commands.data(), commands.size()) != static_cast<ssize_t>(commands.size()))
    return failed(words(errno));
  const auto pid = start(request, in, out);
  if (!pid) return failed(words(pid.error()));
  in.close_read();
  in.close_write();
  out.close_write();
  const auto deadline = Clock::now() + request.deadline;
  std::string text;
  bool late = !read_until_end(out.read_end(), deadline, text);
  if (late) ::kill(*pid, SIGKILL);
  const int status = reap(*pid, deadline, late);
  if (late) return failed(fmt::format("it did not end within {} s", request.deadline.count()));
  if (WIFEXITED(status) && WEXITSTATUS(status) == 0) return text;
  // Not every version says why: bconsole 9.6.7 ends so, without a word, when the Director is down.
  const auto how = WIFSIGNALED(status) ? fmt::format("signal {} ended it", WTERMSIG(status))
                                       : fmt::format("it ended with exit status {}", WEXITSTATUS(status));
  const auto line = last_line(text);
  return failed(line.empty() ? how + " and said nothing; does the Director run?"
                             : fmt::format("{}; its last line was \"{}\". Does the Director run?", how, line));
}

}  // namespace shstore::status
