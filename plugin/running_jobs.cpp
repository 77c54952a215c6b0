#include "plugin/running_jobs.h"

#include <sys/syscall.h>
#include <unistd.h>

#include <csignal>

#include "plugin/thread_state.h"

namespace shstore::plugin {
namespace {

// Bacula's TIMEOUT_SIGNAL: each daemon has an empty handler for it, without SA_RESTART (lib/signal.c,
// lib/btimers.h).
constexpr int kInterrupt = SIGUSR2;

}  // namespace

void RunningJobs::begin(reserve::JobContext owner, void* jcr, reserve::JobId job, std::string name,
                        reserve::JobHalf half) {
  const std::lock_guard lock(mutex_);
  jobs_[owner] = {jcr, {}, 0, false, false, job, std::move(name), half, reserve::Instant::clock::now(), false};
}

void RunningJobs::opened(reserve::JobContext owner) {
  const std::lock_guard lock(mutex_);
  if (const auto found = jobs_.find(owner); found != jobs_.end()) found->second.opened = true;
}

void RunningJobs::complete(std::vector<reserve::JobOnDrives>& jobs) const {
  const std::lock_guard lock(mutex_);
  for (auto& job : jobs) {
    const auto found = jobs_.find(job.context);
    if (found == jobs_.end()) continue;
    job.begun = found->second.opened;
    job.half = found->second.half;
    job.known_since = found->second.since;
  }
}

std::map<reserve::JobId, std::string> RunningJobs::names() const {
  const std::lock_guard lock(mutex_);
  std::map<reserve::JobId, std::string> names;
  for (const auto& [owner, job] : jobs_) {
    if (!job.name.empty()) names[job.id] = job.name;
  }
  return names;
}

void RunningJobs::refused(reserve::JobContext owner) {
  const std::lock_guard lock(mutex_);
  const auto found = jobs_.find(owner);
  if (found == jobs_.end()) return;
  found->second.thread = pthread_self();
  found->second.thread_id = static_cast<pid_t>(::syscall(SYS_gettid));
  found->second.waits = true;
}

void RunningJobs::goes_on(reserve::JobContext owner) {
  const std::lock_guard lock(mutex_);
  if (const auto found = jobs_.find(owner); found != jobs_.end()) found->second.waits = false;
}

void RunningJobs::end(reserve::JobContext owner) {
  const std::lock_guard lock(mutex_);
  jobs_.erase(owner);
}

RunningJobs::Woken RunningJobs::wake(reserve::JobContext owner) {
  const std::lock_guard lock(mutex_);
  const auto found = jobs_.find(owner);
  if (found == jobs_.end() || !found->second.waits) return Woken::not_there;
  if (is_in_nanosleep(found->second.thread_id)) {
    pthread_kill(found->second.thread, kInterrupt);
    told_ = true;
    return Woken::interrupted;
  }
  if (!told_) told_ = is_told(found->second.thread_id);
  if (!told_) ++untold_;
  calls_.wake_reserving_jobs();
  return Woken::broadcast;
}

bool RunningJobs::tell(reserve::JobContext owner, MessageType type, const std::string& text) {
  const std::lock_guard lock(mutex_);
  const auto found = jobs_.find(owner);
  if (found == jobs_.end()) return false;
  if (type == MessageType::fatal) found->second.failed = true;
  calls_.queue_message(found->second.jcr, type, text);
  return true;
}

void RunningJobs::tell_job(reserve::JobId id, MessageType type, const std::string& text) {
  const std::lock_guard lock(mutex_);
  for (const auto& [owner, job] : jobs_) {
    if (job.id == id) calls_.queue_message(job.jcr, type, text);
  }
}

std::string RunningJobs::name_of(reserve::JobContext owner) const {
  const std::lock_guard lock(mutex_);
  const auto found = jobs_.find(owner);
  return found == jobs_.end() ? std::string() : found->second.name;
}

bool RunningJobs::can_wake() const {
  constexpr int kNoAccident = 5;  // a thread that runs just now is not told of either
  const std::lock_guard lock(mutex_);
  return told_ || untold_ < kNoAccident;
}

bool RunningJobs::was_failed(reserve::JobContext owner) const {
  const std::lock_guard lock(mutex_);
  const auto found = jobs_.find(owner);
  return found != jobs_.end() && found->second.failed;
}

}  // namespace shstore::plugin
