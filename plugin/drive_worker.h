// The worker of a DriveAgent: what it shares with the threads that ask it, and its work. Only for drive_agent.cpp and its own source.
#pragma once

#include <atomic>
#include <condition_variable>
#include <deque>
#include <memory>
#include <mutex>
#include <optional>
#include <string>

#include "plugin/drive_agent.h"

namespace shstore::plugin {

struct DriveAgent::Shared {
  Shared(std::unique_ptr<reserve::LockPort> p, Listener l, const reserve::Timing& timing, std::shared_ptr<Common> all)
      : port(std::move(p)),
        listener(std::move(l)),
        device_pause(timing.open_poll),
        common(std::move(all)),
        drive(timing, port->can_look()) {}
  ~Shared() {
    if (looks) --common->looked_at;
  }
  Shared(const Shared&) = delete;
  Shared& operator=(const Shared&) = delete;

  // The mutex is not held meanwhile.
  class Telling {
   public:
    Telling(Shared& shared, std::unique_lock<std::mutex>& lock) : shared_(shared), lock_(lock) {
      ++shared_.telling;
      lock_.unlock();
    }
    ~Telling() {
      lock_.lock();
      --shared_.telling;
      shared_.tell_answers();
    }
    Telling(const Telling&) = delete;
    Telling& operator=(const Telling&) = delete;

   private:
    Shared& shared_;
    std::unique_lock<std::mutex>& lock_;
  };

  void ring() {
    bell = true;
    wake_worker.notify_all();
  }
  void tell_answers() {
    answered.notify_all();
    if (drive.has_answers()) job_answer.notify_all();
  }
  void run() noexcept;
  void work();
  void recover(const char* what);
  void tell_one(const reserve::JobNotice& notice) const;
  void tell_notices(std::unique_lock<std::mutex>& lock);
  bool watches_device() const {
    return drive.in_use() || drive.seen_open() || drive.paused() || !port->opens_are_told();
  }
  std::optional<reserve::Instant> next_moment() const;
  void look_at_path(std::unique_lock<std::mutex>& lock);
  reserve::Instant path_look_at() const;
  void look_at_device(std::unique_lock<std::mutex>& lock);
  void tell_opened(std::unique_lock<std::mutex>& lock);
  void tell_unused(const reserve::DriveView& view, std::unique_lock<std::mutex>& lock);
  void share_looks();
  void see_closed_for_last(const reserve::DeviceUse& use);
  void note_reading(const reserve::Outcome& outcome, uint64_t wanted);
  void read_for_others(std::unique_lock<std::mutex>& lock);
  void foretell(std::unique_lock<std::mutex>& lock);
  void learn_length(reserve::JobContext owner, reserve::Instant now);
  bool knows_proof(uint64_t wanted) const;
  void count(const reserve::Answer& answer);
  void count(const reserve::Outcome& outcome, const reserve::DriveView& before, const reserve::DriveView& now);

  reserve::Outcome see_closed() const;

  const std::unique_ptr<reserve::LockPort> port;
  const Listener listener;
  const reserve::Duration device_pause;
  const std::shared_ptr<Common> common;
  mutable std::mutex mutex;
  std::condition_variable wake_worker;
  std::condition_variable answered;  ///< something that is waited for may be known now: a proof, a reading, an end
  std::condition_variable
      job_answer;  ///< a request may have its answer: of a thread of Bacula's, which is not woken for anything else
  reserve::Drive drive;
  record::DriveCounters counters;
  bool other_product = false;
  reserve::Instant device_look_at{};
  reserve::Instant path_looked_at{};
  bool looks = false;               ///< at the drive, for jobs that wait: counted in common
  bool daemon_has_it_open = false;  ///< the device, as seen last
  /// The only job that has the drive, and when those who wait are to be told that it is near its end.
  struct AtWork {
    reserve::JobContext owner = 0;
    std::string name{};
    std::deque<reserve::Instant> tell_at{};
    bool looked = false;  ///< whether anybody waits, for the first of them
  };
  std::optional<AtWork> at_work{};
  bool device_event = false;                           ///< it was opened or closed
  bool path_event = false;                             ///< the nodes may lead elsewhere
  std::string opened_told{};                           ///< what was told of a device that is open for no job
  std::optional<reserve::Instant> unused_told{};       ///< since when it was not used, as told last
  unsigned telling = 0;                                ///< how many threads are telling notices
  uint64_t begun = 0;                                  ///< counts the actions
  uint64_t ended = 0;                                  ///< the last of them that has ended
  uint64_t given_up = 0;                               ///< and the last for which nobody waits any more
  uint64_t proof_wanted = 0;                           ///< counts those who ask for a proof
  uint64_t proof_done = 0;                             ///< the last of them whose proof has been tried
  uint64_t reading_wanted = 0;                         ///< counts those who ask who has the drive and who waits for it
  uint64_t reading_done = 0;                           ///< the last of them who has an answer
  std::optional<reserve::LockReading> last_reading{};  ///< which it is; nothing: the drive did not tell
  bool bell = false;                                   ///< something was asked for since the worker looked
  std::atomic<bool> ending{false};                     ///< nobody may listen any more
  bool stop = false;
  bool finished = true;     ///< no worker is running
  std::string no_worker{};  ///< why not, although it was to be started
};

}  // namespace shstore::plugin
