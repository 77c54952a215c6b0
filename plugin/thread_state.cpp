#include "plugin/thread_state.h"

#include <sys/syscall.h>

#include <charconv>
#include <fstream>
#include <string>

namespace shstore::plugin {
namespace {

std::string first_line(const std::string& path) {
  std::ifstream file(path);
  std::string line;
  std::getline(file, line);
  return line;
}

}  // namespace

bool says_nanosleep(std::string_view syscall, std::string_view wchan) {
  long number = -1;
  const auto [end, error] = std::from_chars(syscall.data(), syscall.data() + syscall.size(), number);
  if (error == std::errc{}) return number == SYS_nanosleep || number == SYS_clock_nanosleep;
  return syscall.empty() && wchan.find("nanosleep") != std::string_view::npos;
}

bool is_in_nanosleep(pid_t thread) {
  const auto folder = "/proc/self/task/" + std::to_string(thread);
  // Root's alone in a daemon that was started as root and gave that up; who may read that it sleeps, is not.
  const auto syscall = first_line(folder + "/syscall");
  return says_nanosleep(syscall, syscall.empty() ? first_line(folder + "/wchan") : std::string{});
}

}  // namespace shstore::plugin
