// The jobs of this daemon, for threads of ours that have something to tell them: come for your drive, your
// lock is gone.
//
// A job is known from newPlugin to freePlugin. Both are called by its own thread, and the second waits for
// whoever is just using what is known of the job: so its thread and its JCR exist for as long as that takes.
#pragma once

#include <pthread.h>
#include <sys/types.h>

#include <functional>
#include <map>
#include <mutex>
#include <optional>
#include <string>

#include "plugin/daemon.h"
#include "reserve/mutual_wait.h"

namespace shstore::plugin {

/// Thread-safe; no member may be called from a signal handler.
class RunningJobs {
 public:
  struct Calls {
    std::function<void(void* jcr, MessageType, const std::string&)> queue_message;
    std::function<void()> wake_reserving_jobs;
  };
  explicit RunningJobs(Calls calls) : calls_(std::move(calls)) {}

  // By the job's own thread:

  /// `name`: Bacula's unique name of the job, for those who read the state file.
  /// `half`: its part in a Copy or Migration.
  void begin(reserve::JobContext owner, void* jcr, reserve::JobId job = 0, std::string name = {},
             reserve::JobHalf half = reserve::JobHalf::unknown);
  /// It has opened a device.
  void opened(reserve::JobContext owner);
  /// It was refused a drive while bacula-sd was looking for one: it goes to sleep now, and will ask again.
  void refused(reserve::JobContext owner);
  /// It does something else now.
  void goes_on(reserve::JobContext owner);
  void end(reserve::JobContext owner);

  // By threads of ours:

  enum class Woken {
    interrupted,  ///< it slept in Bacula's loop (bmicrosleep in stored/reserve.c), and was interrupted
    broadcast,    ///< it may wait on the daemon's condition variable; everybody there was woken
    not_there,    ///< it has ended, or does something else
  };
  /// Makes the job ask for its drive again, now. Signals a thread only if the kernel says that it is asleep,
  /// because a signal would interrupt anything else that it does.
  Woken wake(reserve::JobContext owner);
  /// False: the kernel has never told what a job's thread does, however often that was asked; jobs that wait are not woken
  /// from their sleep then.
  bool can_wake() const;
  /// For the job's log. With MessageType::fatal the job is failed. False: it has ended.
  bool tell(reserve::JobContext owner, MessageType type, const std::string& text);
  /// The same by JobId.
  void tell_job(reserve::JobId id, MessageType type, const std::string& text);
  /// A fatal message was told.
  bool was_failed(reserve::JobContext owner) const;
  /// Completes what the drives know of jobs: begun, half, known_since. One that is none of these keeps what it has.
  void complete(std::vector<reserve::JobOnDrives>& jobs) const;
  /// By JobId; jobs whose name is not known are left out.
  std::map<reserve::JobId, std::string> names() const;
  /// Empty: it is not known, or the job has ended.
  std::string name_of(reserve::JobContext owner) const;

 private:
  struct Job {
    void* jcr = nullptr;
    pthread_t thread{};
    pid_t thread_id = 0;
    bool waits = false;
    bool failed = false;
    reserve::JobId id = 0;
    std::string name{};
    reserve::JobHalf half = reserve::JobHalf::unknown;
    reserve::Instant since{};
    bool opened = false;
  };

  const Calls calls_;
  mutable std::mutex mutex_;
  std::map<reserve::JobContext, Job> jobs_;
  int untold_ = 0;     ///< how often in a row the kernel told nothing
  bool told_ = false;  ///< it did once
};

}  // namespace shstore::plugin
