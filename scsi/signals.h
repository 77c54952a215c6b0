// Signals kept waiting for the time of one step that must not be cut in two.
#pragma once

#include <csignal>

namespace shstore::scsi {

/// Blocks every signal of the calling thread that can be blocked, until destruction; one that came meanwhile is delivered
/// then. Neither copied nor moved.
class SignalsBlocked {
 public:
  SignalsBlocked() {
    sigset_t all;
    sigfillset(&all);
    ::pthread_sigmask(SIG_BLOCK, &all, &before_);
  }
  ~SignalsBlocked() { ::pthread_sigmask(SIG_SETMASK, &before_, nullptr); }
  SignalsBlocked(const SignalsBlocked&) = delete;
  SignalsBlocked& operator=(const SignalsBlocked&) = delete;

 private:
  sigset_t before_{};
};

}  // namespace shstore::scsi
