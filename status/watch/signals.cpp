#include "status/watch/signals.h"

#include <fcntl.h>
#include <signal.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <system_error>

namespace shstore::status::watch {
namespace {

// A signal handler has no argument of its own. The pipe is never closed: a handler may be running on another thread.
std::array<int, 2> ends{-1, -1};

void pass_on(int signal) {
  const int before = errno;
  const auto byte = static_cast<unsigned char>(signal);
  // A full pipe is as good: whoever reads it is about to wake.
  [[maybe_unused]] const auto written = ::write(ends[1], &byte, 1);
  errno = before;
}

}  // namespace

Signals::Signals(std::initializer_list<int> signals) : signals_(signals) {
  if (ends[0] < 0 && ::pipe2(ends.data(), O_CLOEXEC | O_NONBLOCK) != 0)
    throw std::system_error(errno, std::generic_category(), "cannot create a pipe");
  struct sigaction action {};
  action.sa_handler = pass_on;
  action.sa_flags = SA_RESTART;  // the threads that read the drives are not to be disturbed
  for (const int signal : signals_) ::sigaction(signal, &action, nullptr);
}

Signals::~Signals() {
  for (const int signal : signals_) ::signal(signal, SIG_DFL);
}

int Signals::fd() const { return ends[0]; }

std::vector<int> Signals::take() {
  std::vector<int> come;
  unsigned char byte = 0;
  while (::read(ends[0], &byte, 1) == 1) come.push_back(byte);
  return come;
}

}  // namespace shstore::status::watch
