#include "scsi/base/stop_signals.h"

#include <unistd.h>

#include <array>
#include <csignal>

namespace shstore::base {
namespace {

std::atomic<bool>* g_stop = nullptr;
SignalSet* g_sent = nullptr;

void nothing(int) {}

bool is_crash(int signal) { return signal == SIGABRT || signal == SIGTRAP || signal == SIGSYS; }

void stop(int signal, siginfo_t* info, void*) {
  const bool by_a_process = info->si_code <= 0;
  if (is_crash(signal) && (!by_a_process || info->si_pid == ::getpid())) {
    ::signal(signal, SIG_DFL);  // it comes again as soon as we return
    return;
  }
  *g_stop = true;
  if (g_sent != nullptr && by_a_process) g_sent->fetch_or(signal_bit(signal));
}

// Without SA_RESTART: a read from the terminal ends.
template <class Handler>
void handle(int signal, Handler handler) {
  struct sigaction before {};
  if (::sigaction(signal, nullptr, &before) != 0 || before.sa_handler == SIG_IGN) return;
  struct sigaction action {};
  if constexpr (std::is_same_v<Handler, void (*)(int)>) {
    action.sa_handler = handler;
  } else {
    action.sa_sigaction = handler;
    action.sa_flags = SA_SIGINFO;
  }
  ::sigaction(signal, &action, nullptr);
}

// signal(7): those whose action is Term or Core, but for SIGKILL and what only the process itself can have caused.
constexpr std::array kEnding = {SIGHUP,  SIGINT, SIGQUIT,   SIGTERM, SIGALRM, SIGUSR1,   SIGUSR2, SIGPOLL,
                                SIGPROF, SIGPWR, SIGSTKFLT, SIGXCPU, SIGABRT, SIGVTALRM, SIGTRAP, SIGSYS};

}  // namespace

void install_stop_signals(std::atomic<bool>& stop_flag, SignalSet* sent, BrokenPipe broken_pipe) {
  g_stop = &stop_flag;
  g_sent = sent;
  for (const int signal : kEnding) handle(signal, &stop);
  for (int signal = SIGRTMIN; signal <= SIGRTMAX; ++signal) handle(signal, &stop);
  if (broken_pipe == BrokenPipe::stop) {
    handle(SIGPIPE, &stop);
  } else {
    handle(SIGPIPE, &nothing);  // a handler, not SIG_IGN: children do not inherit it
  }
  handle(SIGXFSZ, &nothing);
}

}  // namespace shstore::base
