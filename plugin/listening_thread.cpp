#include "plugin/listening_thread.h"

#include <poll.h>
#include <sys/eventfd.h>

#include <array>
#include <exception>
#include <utility>

#include "plugin/thread_without_signals.h"

namespace shstore::plugin {
namespace {

void listen_until(int descriptor, int wake, const std::function<void()>& tell) {
  std::array<pollfd, 2> waiting{{{descriptor, POLLIN, 0}, {wake, POLLIN, 0}}};
  for (;;) {
    if (::poll(waiting.data(), waiting.size(), -1) < 0) continue;
    if (waiting[1].revents != 0) return;
    try {
      tell();
    } catch (const std::exception&) {
      // Out of memory.
    }
  }
}

}  // namespace

ListeningThread::ListeningThread() : wake_(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)) {}

std::string ListeningThread::start(int descriptor, std::function<void()> tell) {
  if (thread_.joinable()) return {};
  return try_to_start_without_signals(
      thread_, [descriptor, wake = wake_.get(), tell = std::move(tell)] { listen_until(descriptor, wake, tell); });
}

void ListeningThread::stop() {
  if (!thread_.joinable()) return;
  ::eventfd_write(wake_.get(), 1);
  thread_.join();
}

}  // namespace shstore::plugin
