// A thread of ours that waits for what the kernel has to tell.
#pragma once

#include <functional>
#include <string>
#include <thread>

#include "scsi/base/descriptor.h"

namespace shstore::plugin {

/// start() and stop() by one thread at a time.
class ListeningThread {
 public:
  ListeningThread();
  ~ListeningThread() { stop(); }
  ListeningThread(const ListeningThread&) = delete;
  ListeningThread& operator=(const ListeningThread&) = delete;

  /// From now on `tell` is called, by the thread, whenever there is something to read from `descriptor`, which it reads. What it
  /// throws is lost: whoever listens looks by itself too, only later. Every signal is blocked in the thread. Returns why there is
  /// none; empty: it listens, or did before. May be tried again.
  std::string start(int descriptor, std::function<void()> tell);
  bool started() const { return thread_.joinable(); }
  /// Waits for as long as `tell` takes.
  void stop();

 private:
  base::Descriptor wake_;  ///< eventfd
  std::thread thread_;
};

}  // namespace shstore::plugin
