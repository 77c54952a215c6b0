#include "scsi/signals.h"

#include <gtest/gtest.h>
#include <poll.h>
#include <pthread.h>

#include <cerrno>

namespace shstore::scsi {
namespace {

volatile std::sig_atomic_t g_terms = 0;

// A handler as those of shstore-changer and storage-ctl: without SA_RESTART, so that it cuts a waiting system call short.
struct Signals : testing::Test {
  Signals() {
    g_terms = 0;
    struct sigaction action {};
    action.sa_handler = [](int) { g_terms = g_terms + 1; };
    ::sigaction(SIGTERM, &action, &before);
  }
  ~Signals() override { ::sigaction(SIGTERM, &before, nullptr); }
  struct sigaction before {};
};

TEST_F(Signals, OneThatComesMeanwhileInterruptsNothingAndIsDeliveredAfterwards) {
  {
    const SignalsBlocked blocked;
    ::pthread_kill(::pthread_self(), SIGTERM);
    EXPECT_EQ(::poll(nullptr, 0, 20), 0) << "waited to its end";
    EXPECT_EQ(g_terms, 0);
  }
  EXPECT_EQ(g_terms, 1);
}

TEST_F(Signals, WhatWasBlockedBeforeStaysBlocked) {
  const SignalsBlocked outer;
  { const SignalsBlocked inner; }
  ::pthread_kill(::pthread_self(), SIGTERM);
  EXPECT_EQ(g_terms, 0);
}

}  // namespace
}  // namespace shstore::scsi
