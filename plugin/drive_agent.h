// One drive's engine with the thread that works for it, so that no thread of Bacula ever waits for a device
// longer than a deadline.
#pragma once

#include <atomic>
#include <condition_variable>
#include <functional>
#include <memory>
#include <mutex>
#include <thread>

#include "reserve/drive.h"
#include "reserve/job_lengths.h"
#include "reserve/lock_port.h"
#include "reserve/record/state.h"

namespace shstore::plugin {

/// Whether a job's lock held to its end.
struct Conclusion {
  enum class Kind {
    held,
    unproven,  ///< the drive cannot be asked
    lost,
  };
  Kind kind = Kind::held;
  reserve::Refusal why{};  ///< if not held
};

/// What becomes of those who rely on the lock.
struct Proof {
  enum class Kind {
    unclaimed,  ///< no job relies on it
    proven,     ///< it is theirs, by a command that was sent after the proof was asked for
    failed,     ///< each of them has been failed
  };
  Kind kind = Kind::unclaimed;
  std::string why{};  ///< if failed
};

/// All member functions may be called by any thread; none throws. Only request(), verified(), concluded(), prove() and read() wait.
class DriveAgent {
 public:
  /// How long a job waits for an answer before it is refused. bacula-sd holds the lock over all its
  /// reservations meanwhile, so this is short; the command behind it goes on and its result is dealt with
  /// when it comes.
  static constexpr std::chrono::milliseconds kAnswerDeadline{6000};

  struct Listener {
    /// After every change; by any thread, with no lock held that view() needs.
    std::function<void()> changed = [] {};
    /// A job must hear of something; by the worker, with no lock held.
    std::function<void(const reserve::JobNotice&)> notice = [](const reserve::JobNotice&) {};
    /// The device is open for no job, and what the drive says to that is known; or it has been closed under its jobs for a minute.
    /// Once for each change. By the worker, with no lock held.
    std::function<void(const reserve::DriveView&)> opened = [](const reserve::DriveView&) {};
    /// Bacula's unique name of the job; empty: it is not known. By the worker, with no lock held.
    std::function<std::string(reserve::JobContext)> job_name = [](reserve::JobContext) { return std::string(); };
  };

  /// What all agents of a daemon have in common.
  struct Common {
    std::atomic<unsigned> looked_at{
        0};  ///< so many drives are looked at for jobs that wait: they share what the daemon may send
    std::mutex mutex;
    reserve::JobLengths lengths;  ///< under the mutex, with which nothing is called
  };

  DriveAgent(std::unique_ptr<reserve::LockPort> port, Listener listener, const reserve::Timing& timing = {},
             std::chrono::milliseconds answer_deadline = kAnswerDeadline, std::shared_ptr<Common> common = {});
  ~DriveAgent();
  DriveAgent(const DriveAgent&) = delete;
  DriveAgent& operator=(const DriveAgent&) = delete;

  reserve::Answer request(reserve::JobContext owner, reserve::JobId job);
  /// The same, with the lock proven on the drive; `opens`: the device is about to be opened.
  reserve::Answer verified(reserve::JobContext owner, reserve::JobId job, bool opens = true);
  /// The job is about to use that Volume; before verified(), which takes as long as the tape is moved then, if `appends`
  /// (LockPort::opens_volume()).
  void opens_volume(const std::string& volume, bool appends);
  void stop_waiting(reserve::JobContext owner);
  void called_elsewhere(reserve::JobContext owner, reserve::Duration time);
  /// The job has written its last: was the lock its own till now? Does not ask the drive if the job has no
  /// claim. Ends nothing.
  Conclusion concluded(reserve::JobContext owner, reserve::JobId job);
  /// A tape is about to be moved: proves the lock now, for at most `patience`. Jobs whose lock could not be proven by then are
  /// failed, before this returns.
  Proof prove(std::chrono::milliseconds patience);
  /// Who has the drive and who waits for it, by a look that was sent after this was called; nothing: it did not tell within `patience`.
  std::optional<reserve::LockReading> read(std::chrono::milliseconds patience);
  /// Something may have happened to the drive: the lock is proven as soon as can be. Does not wait.
  void prove_soon();
  /// The device was opened or closed by somebody: it is looked at, before anything else is done. Does not wait.
  void device_event();
  /// The nodes may lead elsewhere by now: they are looked at soon. Does not wait.
  void path_event();
  /// The job looks at another drive now: its claim ends, it may still wait here.
  void leave(reserve::JobContext owner);
  void end(reserve::JobContext owner);
  reserve::DriveView view() const;
  std::string limit() const;  ///< as LockPort::limit()
  /// Since the agent was made.
  record::DriveCounters counters() const;
  /// Whoever has the drive has reserved it as no Storage Daemon does.
  bool other_product() const;

  /// Starts the worker. Every signal is blocked in it: bacula-sd's handlers must not run on our thread. Where the machine has
  /// no thread to give, each job that asks is refused with that as the reason, after it was tried once more.
  void start();
  /// Lets the worker finish what it is doing, at most `patience`; false if it is still stuck in a command
  /// then.
  bool stop(std::chrono::milliseconds patience);
  /// After stop(): gives the lock and the registration back in the calling thread, whatever is still claimed;
  /// false if the device is still open or the drive did not do it.
  bool release_now();

 private:
  // Kept alive by the worker too, so that one that is stuck in a command can be left behind.
  struct Shared;

  void start_worker();  ///< with the mutex held
  reserve::Answer wait_for_answer(reserve::JobContext owner, std::unique_lock<std::mutex>& lock, reserve::Instant until,
                                  bool opens);
  template <class Change>
  void change(Change change);

  std::shared_ptr<Shared> shared_;
  std::chrono::milliseconds answer_deadline_;
  std::thread worker_;
};

}  // namespace shstore::plugin
