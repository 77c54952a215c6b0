#include "plugin/notifier.h"

#include <fmt/format.h>
#include <unistd.h>

#include <csignal>
#include <utility>

#include "plugin/thread_without_signals.h"
#include "plugin/worker.h"
#include "scsi/base/run_program.h"
#include "scsi/notify_program.h"

namespace shstore::plugin {
namespace {

using Clock = std::chrono::steady_clock;

std::map<std::string, std::chrono::seconds> waits_of(const std::map<std::string, NotifyRule>& rules) {
  std::map<std::string, std::chrono::seconds> waits;
  for (const auto& [control, rule] : rules) waits[control] = rule.wait;
  return waits;
}

record::WallTime wall_now() { return std::chrono::floor<std::chrono::seconds>(std::chrono::system_clock::now()); }

}  // namespace

std::map<std::string, NotifyRule> notify_rules(const config::SharedDevices& shared) {
  std::map<std::string, NotifyRule> rules;
  for (const auto& d : shared.devices) {
    if (d.problem.empty() && !d.notify.empty()) rules[d.control_device] = {d.notify, d.notify_wait};
  }
  return rules;
}

std::string run_notify_program(const std::string& program, const Notice& n, std::chrono::milliseconds deadline,
                               const std::atomic<bool>& stop, std::atomic<pid_t>* running) {
  if (const auto why = scsi::why_not_run(program, ::geteuid()); !why.empty()) return why;
  const auto until = Clock::now() + deadline;
  const auto end = base::run_program(
      {program, n.event, n.device, n.key, n.holder, n.job},
      {.deadline = deadline, .stop = &stop, .environment = {"PATH=/usr/sbin:/usr/bin:/sbin:/bin"}, .running = running});
  if (!end) return end.error();
  // What it has put into the background belongs to it: bacula-sd must not collect programs that hang.
  while (::kill(-end->group, 0) == 0 && !stop && Clock::now() < until)
    std::this_thread::sleep_for(std::chrono::milliseconds(100));
  ::kill(-end->group, SIGKILL);
  if (end->timed_out) {
    return fmt::format("it has not ended within {} s and was killed",
                       std::chrono::ceil<std::chrono::seconds>(deadline).count());
  }
  if (end->status != 0 && !end->stopped) return fmt::format("it ended with status {}", end->status);
  return {};
}

struct Notifier::Shared : Worker {
  Shared(std::map<std::string, NotifyRule> r, Run how, std::function<void()> tell_changed)
      : rules(std::move(r)), run(std::move(how)), changed(std::move(tell_changed)), notices(waits_of(rules)) {
    if (run) return;
    run = [this](const auto& program, const Notice& notice, const auto& until) {
      return run_notify_program(program, notice, kDeadline, until, &group);
    };
  }

  void put(std::vector<Notice> happened) {
    for (auto& notice : happened) {
      if (queue.size() < kMostQueued)
        queue.push_back(std::move(notice));
      else
        ++dropped;
    }
    wake.notify_one();
  }
  void tell(std::unique_lock<std::mutex>& lock);
  void work();

  const std::map<std::string, NotifyRule> rules;
  Run run;
  const std::function<void()> changed;
  Notices notices;
  std::deque<Notice> queue;
  size_t dropped = 0;
  std::string trouble;
  bool telling = false;
  Clock::time_point telling_since{};
  std::atomic<pid_t> group{0};  ///< of the program that runs
};

// The mutex is not held while the program runs.
void Notifier::Shared::tell(std::unique_lock<std::mutex>& lock) {
  const auto notice = std::move(queue.front());
  queue.pop_front();
  const auto& program = rules.at(notice.device).program;
  telling = true;
  telling_since = Clock::now();
  lock.unlock();
  std::string why;
  try {
    why = run(program, notice, stop);
  } catch (const std::exception& e) {
    why = e.what();
  }
  lock.lock();
  telling = false;
  ended.notify_all();
  const auto before = std::exchange(trouble, why.empty() ? std::string{}
                                                         : fmt::format("{} could not be told of \"{} {}\": {}", program,
                                                                       notice.event, notice.device, why));
  if (trouble != before && changed && !stop) changed();
}

void Notifier::Shared::work() {
  std::unique_lock lock(mutex);
  while (!stop) {
    put(notices.overdue(wall_now()));
    if (!queue.empty()) {
      tell(lock);
      continue;
    }
    // Wall clock times may be turned back: a look every minute at least.
    const auto at = std::min(notices.next().value_or(record::WallTime::max()), wall_now() + std::chrono::minutes(1));
    wake.wait_until(lock, at);  // whoever wakes us may have brought an earlier moment
  }
  has_ended();
}

Notifier::Notifier(std::map<std::string, NotifyRule> rules, Run run, std::function<void()> changed)
    : shared_(std::make_shared<Shared>(std::move(rules), std::move(run), std::move(changed))) {}

Notifier::~Notifier() {
  stop(std::chrono::milliseconds::zero());
  if (thread_.joinable()) thread_.detach();
}

void Notifier::start() {
  const std::lock_guard lock(shared_->mutex);
  if (shared_->running || shared_->rules.empty()) return;
  thread_ = start_without_signals([shared = shared_] { shared->work(); });
  shared_->running = true;
}

void Notifier::observe(const record::SdState& state) {
  const std::lock_guard lock(shared_->mutex);
  if (shared_->rules.empty() || shared_->stop) return;
  shared_->put(shared_->notices.observe(state));
}

void Notifier::finish(std::chrono::milliseconds patience) {
  std::unique_lock lock(shared_->mutex);
  const auto done = [&] {
    if (shared_->telling) return Clock::now() - shared_->telling_since > kHangs;
    return !shared_->running || shared_->queue.empty();
  };
  shared_->ended.wait_for(lock, patience, done);
}

bool Notifier::stop(std::chrono::milliseconds patience) {
  shared_->stop = true;
  if (const pid_t group = shared_->group; group > 0) ::kill(-group, SIGKILL);
  return shared_->end(thread_, patience);
}

std::string Notifier::trouble() const {
  const std::lock_guard lock(shared_->mutex);
  if (shared_->dropped == 0) return shared_->trouble;
  return fmt::format("{}{}{} events were not told, because {} waited already", shared_->trouble,
                     shared_->trouble.empty() ? "" : "; ", shared_->dropped, kMostQueued);
}

}  // namespace shstore::plugin
