// A thread of ours in bacula-sd: none of its signal handlers may run on it.
#pragma once

#include <string>
#include <system_error>
#include <thread>
#include <utility>

#include "scsi/signals.h"

namespace shstore::plugin {

/// Every signal is blocked in the new thread. Throws std::system_error where the machine has no more threads to give.
template <class Body>
std::thread start_without_signals(Body body) {
  const scsi::SignalsBlocked blocked;
  return std::thread(std::move(body));
}

/// The same into `thread`, and why there is none; empty: it runs.
template <class Body>
std::string try_to_start_without_signals(std::thread& thread, Body body) {
  try {
    thread = start_without_signals(std::move(body));
    return {};
  } catch (const std::system_error& e) {
    return "bacula-sd cannot start a thread: " + e.code().message();
  }
}

}  // namespace shstore::plugin
