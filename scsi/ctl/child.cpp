#include "scsi/ctl/child.h"

#include <fmt/format.h>
#include <spawn.h>
#include <sys/prctl.h>
#include <sys/wait.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <chrono>
#include <csignal>
#include <fstream>
#include <optional>
#include <ostream>
#include <thread>

#include "scsi/base/printable.h"

extern char** environ;

namespace shstore::scsi::ctl {
namespace {

// What a program is told of. The others are about a process's own time and memory.
constexpr std::array kPassedOn = {SIGHUP, SIGINT, SIGQUIT, SIGTERM, SIGUSR1, SIGUSR2};

// Our children by now: the program, or what it left.
std::vector<pid_t> children() {
  std::ifstream in("/proc/thread-self/children");
  std::vector<pid_t> all;
  for (pid_t pid = 0; in >> pid;) all.push_back(pid);
  return all;
}

std::string name_of(pid_t pid) {
  std::ifstream in(fmt::format("/proc/{}/comm", pid));
  std::string name;
  std::getline(in, name);
  return base::printable(name.empty() ? "?" : name);
}

std::string list(const std::vector<pid_t>& pids) {
  constexpr size_t kMostNamed = 5;
  std::string text;
  for (size_t i = 0; i < std::min(pids.size(), kMostNamed); ++i) {
    text += fmt::format("{}{} {}", i == 0 ? "" : ", ", name_of(pids[i]), pids[i]);
  }
  return pids.size() > kMostNamed ? text + ", ..." : text;
}

int exit_status(int status) { return WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status); }

constexpr int kTimedOut = 124;  // timeout(1)
constexpr std::chrono::seconds kGrace{10};

class Running {
 public:
  using Clock = std::chrono::steady_clock;
  Running(const std::string& name, pid_t program, std::ostream& err, std::chrono::seconds timeout)
      : name_(name), program_(program), err_(err) {
    if (timeout > timeout.zero()) end_at_ = Clock::now() + timeout;
  }

  /// True while something of it runs.
  Result<bool> look() {
    for (;;) {
      int status = 0;
      const pid_t ended = ::waitpid(-1, &status, WNOHANG);
      if (ended == 0) break;
      if (ended < 0 && errno == EINTR) continue;
      if (ended < 0 && errno == ECHILD && result_) return false;
      if (ended < 0) return fail(Error::Kind::device, fmt::format("cannot wait for {}: {}", name_, errno_text(errno)));
      if (ended == program_) result_ = exit_status(status);
    }
    if (result_ && !told_) {
      told_ = true;
      err_ << fmt::format(
          "storage-ctl: {} has ended, but what it started runs on ({}): the lock is kept until that ends\n",
          base::printable(name_), list(children()));
      err_.flush();
    }
    return true;
  }

  void pass_on(uint64_t signals) const {
    for (const int signal : kPassedOn) {
      if ((signals & base::signal_bit(signal)) == 0) continue;
      for (const pid_t pid : result_ ? children() : std::vector{program_}) ::kill(pid, signal);
    }
  }

  /// Ends it when its time is over.
  void watch_the_time() {
    if (!end_at_ || Clock::now() < *end_at_) return;
    if (!timed_out_) {
      err_ << fmt::format("storage-ctl: {} has not ended within --timeout, and is ended\n", base::printable(name_));
      err_.flush();
    }
    const int signal = timed_out_ ? SIGKILL : SIGTERM;
    for (const pid_t pid : children()) ::kill(pid, signal);
    end_at_ = Clock::now() + (timed_out_ ? std::chrono::seconds(1) : kGrace);  // what a killed one leaves becomes ours
    timed_out_ = true;
  }

  int result() const { return timed_out_ ? kTimedOut : result_.value_or(128 + SIGKILL); }

 private:
  std::string name_;
  pid_t program_;
  std::ostream& err_;
  std::optional<int> result_;
  std::optional<Clock::time_point> end_at_;
  bool told_ = false;
  bool timed_out_ = false;
};

}  // namespace

Result<int> run_child(const std::vector<std::string>& command, base::SignalSet& sent, std::ostream& err,
                      std::chrono::seconds timeout, const std::function<void()>& every_second) {
  std::vector<char*> argv;
  for (const auto& word : command) argv.push_back(const_cast<char*>(word.c_str()));
  argv.push_back(nullptr);

  ::prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0);  // what it leaves becomes ours, not init's
  pid_t child = 0;
  const int error = posix_spawnp(&child, argv[0], nullptr, nullptr, argv.data(), environ);
  if (error != 0) return fail(Error::Kind::usage, fmt::format("cannot run {}: {}", command[0], errno_text(error)));

  // Polled, because a signal that comes just before a blocking wait would not be passed on.
  constexpr std::chrono::milliseconds kPoll{20};
  auto second = Running::Clock::now();
  for (Running running(command[0], child, err, timeout);;) {
    const auto runs = running.look();
    if (!runs) return tl::make_unexpected(runs.error());
    if (!*runs) return running.result();
    running.pass_on(sent.exchange(0));
    running.watch_the_time();
    if (every_second && Running::Clock::now() >= second) {
      every_second();
      second = Running::Clock::now() + std::chrono::seconds(1);
    }
    std::this_thread::sleep_for(kPoll);
  }
}

}  // namespace shstore::scsi::ctl
