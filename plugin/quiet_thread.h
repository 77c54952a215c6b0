// A thread of ours in bacula-sd: none of its signal handlers may run on it.
#pragma once

#include <pthread.h>

#include <csignal>
#include <thread>
#include <utility>

namespace shstore::plugin {

/// Blocks every signal in the calling thread, and in those that it starts, for as long as it lives.
class SignalsBlocked {
 public:
  SignalsBlocked() {
    sigset_t all;
    sigfillset(&all);
    pthread_sigmask(SIG_BLOCK, &all, &before_);
  }
  ~SignalsBlocked() { pthread_sigmask(SIG_SETMASK, &before_, nullptr); }
  SignalsBlocked(const SignalsBlocked&) = delete;
  SignalsBlocked& operator=(const SignalsBlocked&) = delete;

 private:
  sigset_t before_{};
};

/// Throws std::system_error where the machine has no more threads to give.
template <class Body>
std::thread start_quietly(Body body) {
  const SignalsBlocked blocked;
  return std::thread(std::move(body));
}

}  // namespace shstore::plugin
