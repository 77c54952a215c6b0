#include "plugin/life.h"

#include <fmt/format.h>
#include <unistd.h>

#include <cstdlib>
#include <exception>

#include "plugin/parts.h"
#include "scsi/command_log.h"

namespace shstore::plugin {
namespace {

constexpr std::chrono::milliseconds kShutdownPatience{2000};
constexpr std::chrono::milliseconds kNotifyPatience{500};  // for what happens at the daemon's end

Plugin* g_started = nullptr;  // for exit(), which tells no more; there from start() on

// After unloadPlugin bacula-sd closes its devices and calls exit(): only now may a lock that was kept for an open device
// go. Any other exit() is a child's, or an error's with jobs at work: what is held then is for the next life to find.
void at_exit() {
  try {
    if (g_started == nullptr || !g_started->unloaded || g_started->pid != ::getpid()) return;
    g_started->ended = g_started->drives->release_all();
    (void)g_started->publisher->write_now();
    g_started->notifier->finish(kNotifyPatience);
    g_started->notifier->stop(kNotifyPatience);  // nobody would end after us a program that hangs
  } catch (const std::exception&) {
    // The next life of the daemon finds what is left.
  }
}

// Each may be tried again.
Missing start_helpers(Plugin& p) {
  Missing missing;
  missing.watch = p.watch.start(
      [&p](const std::string& device) {
        p.drives->prove_soon([&](const auto& control) {
          const auto identity = p.identities.find(control);
          return device.empty() || identity == p.identities.end() || identity->second->device() == device;
        });
      },
      [&p] { p.nodes.all_changed(); });
  p.nodes.devices_are_told(missing.watch.empty() && p.watch.hears_all());
  missing.nodes = p.nodes.start([&p](const std::string& control) { p.drives->path_event(control); });
  if (missing.nodes.empty()) missing.nodes = missing.watch;
  if (missing.nodes.empty() && !p.watch.hears_all())
    missing.nodes = "the kernel tells this container nothing of its devices";
  missing.opens = p.opens.start([&p](const std::string& control) { p.drives->device_event(control); });
  if (!p.shared.working_directory.empty()) {
    missing.proofs = p.proofs->start(config::proof_path(p.shared.working_directory, p.shared.sd_name));
  }
  missing.states = p.publisher->start();
  return missing;
}

// Nothing depends on them: without a thread nobody is notified, and what drives say of themselves is not known.
void start_observers(Plugin& p) {
  try {
    p.notifier->start();
    p.health->start();
    p.mutual->start();
  } catch (const std::exception& e) {
    p.daemon.message(
        nullptr, MessageType::warning,
        std::string(
            "shstore: notify, the drives' own state and hosts that wait for each other are not looked after: ") +
            e.what());
  }
}

}  // namespace

void start(Plugin& p, abi::Context& context) {
  if (p.complete) return;
  const std::lock_guard lock(p.starting);
  if (p.complete) return;
  const bool first = !std::exchange(p.has_begun, true);
  if (first && p.shared.debug_log) {
    if (const auto why = p.log.start(); !why.empty())
      p.daemon.message(&context, MessageType::warning, "shstore: " + why);
    p.log.line(fmt::format("{} begins in bacula-sd {} with {}", p.version, p.daemon.version(), p.daemon.config_path()));
  }
  if (first) p.drives->start();
  auto missing = start_helpers(p);
  const bool later = !missing.states.empty() || !missing.proofs.empty() ||
                     (!missing.watch.empty() && p.watch.unavailable().empty()) ||
                     (!missing.opens.empty() && p.opens.unavailable().empty()) || p.nodes.has_no_thread();
  {
    const std::lock_guard telling(p.missing_mutex);
    p.missing = std::move(missing);
  }
  p.complete = !later;
  if (!first) return p.publisher->changed();
  const auto written = p.publisher->write_now();
  if (!written)
    p.daemon.message(&context, MessageType::warning, "shstore: shstore-status will know nothing: " + written.error());
  start_observers(p);
  g_started = &p;
  std::atexit(at_exit);
}

void stop(Plugin& p) {
  p.unloaded = true;
  p.proofs->stop();
  p.watch.stop();
  p.nodes.stop();
  p.health->stop(std::chrono::milliseconds::zero());
  p.mutual->stop(std::chrono::milliseconds::zero());
  p.opens.stop();
  p.drives->stop(kShutdownPatience);
  p.publisher->stop(kShutdownPatience);
}

}  // namespace shstore::plugin
