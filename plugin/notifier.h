// Runs the program that storage-ctl.conf names in `notify`, by a thread of its own: whatever that program does, nothing else waits.
#pragma once

#include <atomic>
#include <condition_variable>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "config/shared/shared_devices.h"
#include "plugin/notices.h"

namespace shstore::plugin {

struct NotifyRule {
  std::string program;
  std::chrono::seconds wait{600};
};

/// By Control Device: of the devices that can be locked and have a program to notify.
std::map<std::string, NotifyRule> notify_rules(const config::SharedDevices& shared);

/// Runs it as this process's user: without a shell, with a bare PATH and no other variable, no descriptor of ours, in a process
/// group of its own that is killed after `deadline`, or soon after `stop` is true; `running` is that group while it runs. Returns why
/// it did not go well; empty: it did.
std::string run_notify_program(const std::string& program, const Notice& notice, std::chrono::milliseconds deadline,
                               const std::atomic<bool>& stop, std::atomic<pid_t>* running = nullptr);

/// Thread-safe. One program at a time.
class Notifier {
 public:
  static constexpr size_t kMostQueued = 16;  ///< what happens while so many wait is not told
  static constexpr std::chrono::seconds kDeadline{30};
  static constexpr std::chrono::seconds kHangs{1};
  using Run = std::function<std::string(const std::string& program, const Notice&, const std::atomic<bool>& stop)>;

  /// `rules` by Control Device. `changed` is told when trouble() has changed, by the thread, and must ask nothing of this object;
  /// never after stop().
  explicit Notifier(std::map<std::string, NotifyRule> rules, Run run = {}, std::function<void()> changed = {});
  ~Notifier();
  Notifier(const Notifier&) = delete;
  Notifier& operator=(const Notifier&) = delete;

  void start();
  /// Does not wait for any program.
  void observe(const record::SdState& state);
  /// Waits until everything that was observed has been told, at most `patience`; not for a program that has run for a second.
  void finish(std::chrono::milliseconds patience);
  /// The program that runs is killed, the rest of the queue is not told; true if the thread has ended within `patience`. At once, because
  /// bacula-sd 15.0.3, while it exits, is at times ended by a thread of its own that finds its memory gone (SIGSEGV, then exit status 1):
  /// what we have not done by then is not done.
  bool stop(std::chrono::milliseconds patience);
  /// What last went wrong, in a sentence; empty once a program has run well again.
  std::string trouble() const;

 private:
  struct Shared;
  std::shared_ptr<Shared> shared_;  // kept alive by the thread, which may be left behind
  std::thread thread_;
};

}  // namespace shstore::plugin
