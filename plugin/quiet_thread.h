// A thread of ours in bacula-sd: none of its signal handlers may run on it.
#pragma once

#include <thread>
#include <utility>

#include "scsi/signals.h"

namespace shstore::plugin {

/// Every signal is blocked in the new thread. Throws std::system_error where the machine has no more threads to give.
template <class Body>
std::thread start_quietly(Body body) {
  const scsi::SignalsBlocked blocked;
  return std::thread(std::move(body));
}

}  // namespace shstore::plugin
