// A whole site for the model test: hosts with jobs, one drive, a clock; every step that could come next, and
// what must never be the case whatever came.
#pragma once

#include <optional>

#include "digest.h"
#include "model.h"

namespace shstore::reserve {

/// One thing that happens.
struct Step {
  enum class Kind : uint8_t {
    act,     ///< a host's worker performs the next action on the drive
    finish,  ///< and its result reaches the engine
    ask,     ///< a job asks for the drive (again)
    prove,   ///< a job is about to use the drive, or has used it
    end,     ///< a job is over
    time,    ///< nothing, until the next moment that an engine waits for
    crash,   ///< a host's daemon is killed
    restart,
    clear,    ///< somebody without a key of his own wipes the drive
    preempt,  ///< a stranger takes the host's lock and registration away, and gives the drive back at once
    steal,    ///< the same, and keeps the drive for some time
    leave,    ///< the stranger goes
    power,    ///< the drive is switched off and on
    mute,     ///< an action fails without having done anything
    deaf,     ///< an action is done, and its answer is lost
    close,    ///< a device that stayed open after its last job is closed
    shut,     ///< bacula-sd closes the device in the middle of a job, to change its Volume
    reopen,   ///< and opens it again, asking nobody
    see,      ///< the engine is told whether the device is open
    give_up,  ///< a job has waited for its answer as long as it may
    depart,   ///< a job that has the drive goes on with another one
    settle,   ///< a job that waits has found another drive
    called,   ///< a job that waits was told to come for another drive
    mount,    ///< somebody at the console has the daemon open the device, for no job
    enter,    ///< another program of the host opens the device
    exit,     ///< and closes it
  };
  static constexpr size_t kKinds = static_cast<size_t>(Kind::exit) + 1;
  Kind kind;
  uint8_t host = 0, job = 0;
};
std::string to_text(const Step& step);

struct Site {
  int hosts = 2, jobs = 1;
  int faults = 0;  ///< so many at most, of the kinds from crash on (restart and leave are none)
  bool hand_off = true;
  bool counts_unregistering = true;  ///< as SPC-4 has it; Linux's own target does not
  bool stays_open = false;           ///< the daemon keeps the device open after a job (Always Open = yes)
  bool can_look = true;              ///< no: the lock is taken by a command of the site's own
  bool changes_volume = false;       ///< a job closes the device and opens it again while it writes
  bool impatient = false;            ///< a job may give up waiting for its answer
  bool other_drives = false;         ///< a job may find another drive, wait for several, or change its drive
  bool pauses = false;               ///< the lock is given back under a job that keeps the device closed (idle_release)
  bool outsiders = false;            ///< the device is opened without a job, too, and the engine is told of every open
};
/// The kinds of step that can come up there.
std::set<Step::Kind> steps_of(const Site& site);

class World {
 public:
  explicit World(const Site& site);

  std::vector<Step> possible() const;
  void apply(const Step& step);
  /// What is wrong, in words; empty: nothing.
  const std::string& broken() const { return broken_; }
  /// Two worlds with the same one behave alike from then on: all that the engines remember and the rest of the world.
  Digest::Value digest() const;

  /// The host's engine; nothing: it has crashed.  What its worker has done, and the engine does not know yet.
  const Drive* engine(int host) const {
    return hosts_[static_cast<size_t>(host)].engine ? &*hosts_[static_cast<size_t>(host)].engine : nullptr;
  }
  const std::pair<Action, Outcome>* result(int host) const {
    const auto& result = hosts_[static_cast<size_t>(host)].result;
    return result ? &*result : nullptr;
  }

  /// From here on there are no faults, every job that has the drive ends, and every job that waits asks when
  /// it is called and every 30 s. Empty if all get the drive within `patience` and nothing is left on it
  /// then; else what is wrong.
  std::string run_out(Duration patience) const;

 private:
  enum class JobState : uint8_t { idle, asking, waiting, writing, proving, failed };
  struct Job {
    JobState state = JobState::idle;
    bool called = false;
    Instant asked{};
  };
  struct Host {
    std::optional<Drive> engine;  ///< nothing: crashed
    std::vector<Job> jobs;
    std::optional<std::pair<Action, Outcome>> result;  ///< performed, not finished
    bool performed_after_fault = false;                ///< no fault since the action was performed
    bool others_held = false;  ///< as the action found the lock ours: somebody had it since it was ours before
    bool proven = false;       ///< no fault since the lock was found ours, and it was not given back
    bool given_back = false;   ///< by a release, whatever the engine heard of it
    bool open = false;         ///< the device is, in the daemon
    bool shut = false;         ///< it was, and will be opened again by the job that changes its Volume
    bool stale = false;        ///< and has been since before somebody else had the drive, or it was reset
    bool stale_then = false;   ///< when the action was performed
    bool mounted = false;      ///< it was opened for no job, and no look has been performed since
    bool visited = false;      ///< another program has it open
  };

  template <class F>
  friend void each_member(const Job& j, F f) {
    const auto& [state, called, asked] = j;
    f(state, Shown(called), Shown(asked));  // for run_out alone
  }
  template <class F>
  friend void each_member(const Host& h, F f) {
    const auto& [engine, jobs, result, after_fault, others_held, proven, given_back, open, shut, stale, stale_then,
                 mounted, visited] = h;
    f(result, jobs, after_fault, others_held, proven, given_back, open, shut, stale, stale_then, mounted, visited,
      engine);
  }
  static bool unused(const std::vector<Job>& jobs);
  static JobContext owner_of(int job) { return static_cast<JobContext>(job) + 1; }
  Drive make_engine(int host) const;
  enum class Fault : uint8_t { none, mute, deaf };
  void act(int host, Fault fault);
  void answered(Job& job, const Host& host, const Answer& answer);
  void end_of_use(Host& host);
  void tell(Host& host, bool touched = false);
  void see_others();
  void check_rest(int host);
  bool writes_now(const Host& host) const;
  void finish(int host);
  void collect(int host);
  void fault();
  void check(int host, bool finished);
  void fail(const std::string& what) {
    if (broken_.empty()) broken_ = what;
  }
  std::optional<Instant> next_moment() const;
  bool settle_once();
  bool all_idle() const;

  Site site_;
  Timing timing_;
  Instant now_ = Instant(std::chrono::hours(1));
  ModelDrive drive_;
  std::vector<Host> hosts_;
  bool stranger_ = false;
  int faults_left_;
  std::string broken_;
};

}  // namespace shstore::reserve
