#include "plugin/thread_state.h"

#include <sys/syscall.h>

#include <charconv>
#include <cstdint>
#include <fstream>
#include <string>
#include <vector>

namespace shstore::plugin {
namespace {

std::string first_line(const std::string& path) {
  std::ifstream file(path);
  std::string line;
  std::getline(file, line);
  return line;
}

std::string folder_of(pid_t thread) { return "/proc/self/task/" + std::to_string(thread); }

bool is_sleep(long number) {
#ifdef SYS_clock_nanosleep_time64
  if (number == SYS_clock_nanosleep_time64) return true;
#endif
#ifdef SYS_nanosleep
  if (number == SYS_nanosleep) return true;
#endif
  return number == SYS_clock_nanosleep;
}

// What follows the number, "0x0 0x7ffd...": the registers, which still hold the arguments of the call that goes on.
std::vector<uint64_t> arguments(std::string_view text) {
  std::vector<uint64_t> all;
  for (auto at = text.find("0x"); at != std::string_view::npos; at = text.find("0x", at + 2)) {
    uint64_t value = 0;
    std::from_chars(text.data() + at + 2, text.data() + text.size(), value, 16);
    all.push_back(value);
  }
  return all;
}

// After SIGSTOP and SIGCONT, a debugger, a frozen cgroup or a suspended machine the kernel goes on with a sleep, a poll and a
// wait for a futex in one call, restart_syscall. Where it does not tell which, the arguments do: clock_nanosleep's are a
// clock's small number, 0 or 1, and the address of a time; a poll has milliseconds there, a futex an address first.
bool restarts_sleep(std::string_view rest, std::string_view wchan) {
  const auto says = [&](std::string_view what) { return wchan.find(what) != std::string_view::npos; };
  if (says("nanosleep")) return true;
  if (says("poll") || says("futex") || says("select")) return false;
  // Nothing, "0", or a function that all of them go through: "do_syscall_64", as 6.18 says of a sleep that goes on.
  constexpr uint64_t kClocks = 16, kFlags = 2, kNoAddress = uint64_t{1} << 32;
  const auto a = arguments(rest);
  return a.size() >= 3 && a[0] < kClocks && a[1] < kFlags && a[2] >= kNoAddress;
}

}  // namespace

bool says_nanosleep(std::string_view syscall, std::string_view wchan) {
  long number = -1;
  const auto [end, error] = std::from_chars(syscall.data(), syscall.data() + syscall.size(), number);
  if (error != std::errc{}) return syscall.empty() && wchan.find("nanosleep") != std::string_view::npos;
  if (number != SYS_restart_syscall) return is_sleep(number);
  return restarts_sleep(syscall.substr(static_cast<size_t>(end - syscall.data())), wchan);
}

bool is_told(pid_t thread) {
  const auto wchan = first_line(folder_of(thread) + "/wchan");
  return (!wchan.empty() && wchan != "0") || !first_line(folder_of(thread) + "/syscall").empty();
}

bool is_in_nanosleep(pid_t thread) {
  const auto folder = folder_of(thread);
  // Root's alone in a daemon that was started as root and gave that up; who may read that it sleeps, is not.
  const auto syscall = first_line(folder + "/syscall");
  return says_nanosleep(syscall, first_line(folder + "/wchan"));
}

}  // namespace shstore::plugin
