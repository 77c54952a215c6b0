#include "plugin/worker.h"

namespace shstore::plugin {

bool Worker::end(std::thread& thread, std::chrono::milliseconds patience) {
  std::unique_lock lock(mutex);
  stop = true;
  wake.notify_all();
  if (!ended.wait_for(lock, patience, [&] { return !running; })) return false;
  lock.unlock();
  if (thread.joinable()) thread.join();
  return true;
}

}  // namespace shstore::plugin
