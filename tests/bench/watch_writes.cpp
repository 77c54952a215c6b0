// watch_writes FILE: a line for each write to the file, as it comes, with the time as shstore-target logs it; till killed.
#include <fmt/chrono.h>
#include <sys/inotify.h>
#include <unistd.h>

#include <array>
#include <chrono>
#include <cstdio>

int main(int argc, char** argv) {
  if (argc != 2) return 2;
  const int watch = ::inotify_init1(IN_CLOEXEC);
  if (watch < 0 || ::inotify_add_watch(watch, argv[1], IN_MODIFY) < 0) return 1;
  std::array<char, 4096> events{};
  while (::read(watch, events.data(), events.size()) > 0) {
    const auto now = std::chrono::system_clock::now();
    const auto ms = std::chrono::duration_cast<std::chrono::milliseconds>(now.time_since_epoch()).count() % 1000;
    fmt::print("[{:%Y-%m-%d %H:%M:%S}.{:03}] write\n", fmt::localtime(std::chrono::system_clock::to_time_t(now)), ms);
    std::fflush(stdout);
  }
}
