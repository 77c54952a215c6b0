// The claims on one drive and the lock they need: a state machine without I/O, threads or clock.
//
// A claim belongs to a job: it begins when the job is admitted and ends with the job. The lock is held from the
// first claim to the last, and for as long as the daemon still has the device open after that. Bacula's close events
// are not counted: they come twice, too early, for other jobs, or never.
//
// How it is driven (plugin/drive_agent.h): jobs put requests and look for their answers; one worker asks
// next_action(), performs it on the drive and reports the result to finish(). Only one action is under way at a time.
// Not thread-safe: the caller has a mutex, which is not held while an action is performed.
#pragma once

#include <map>

#include "reserve/types.h"

namespace shstore::reserve {

/// What has to be done to the drive now.
enum class Action {
  none,
  recover,     ///< first of all: look for a lock that an earlier life of this daemon left behind
  take,        ///< register our key and take the lock
  verify,      ///< prove that the lock is still ours
  release,     ///< give the lock back, unless the device is still open in this daemon
  unregister,  ///< nobody waits any more: take our key off the drive
};

/// How an action ended.
struct Outcome {
  enum class Kind {
    done,        ///< recover, release, unregister: as asked. take, verify: the lock is held by us
    blocked,     ///< take: another daemon holds the lock. verify: the lock is lost to it
    lost,        ///< verify: the lock is gone and nobody has it
    still_open,  ///< release: the daemon still has the device open
    failed,      ///< nothing is known: `text` says why
  };
  Kind kind = Kind::done;
  std::string holder;  ///< blocked: the holder's key
  std::string text;    ///< failed: the reason
};

struct Timing {
  std::chrono::milliseconds refusal_memory{2000};  ///< a refusal answers further requests for this long
  std::chrono::milliseconds open_poll{500};        ///< how often a lock kept for an open device is looked at
  std::chrono::milliseconds retry{5000};           ///< after a release or unregister that failed
};

class Drive {
 public:
  explicit Drive(Timing timing = {}) : timing_(timing) {}

  /// A job wants the drive (DeviceTryOpen). If answer() has nothing afterwards, an action must be performed first.
  void request(Owner owner, JobId job, Instant now);
  /// A job is about to use the drive that it was promised (DeviceOpen): the lock is proven first.
  void request_verified(Owner owner, JobId job, Instant now);
  /// The answer to the owner's request, once. Nothing while it is still being worked on.
  std::optional<Answer> answer(Owner owner);
  /// The owner waited for its answer as long as it may: it is refused with `reason`, and so is, at once, everybody who
  /// asks until the action under way has ended.
  Answer give_up(Owner owner, const std::string& reason, Instant now);

  /// The job found another drive: it waits for this one no longer.
  void stop_waiting(Owner owner);
  /// The job is over: its claims, requests and waiting end.
  void end(Owner owner);

  /// What to do now; it is then under way until finish() is called.
  Action next_action(Instant now);
  /// Before this moment next_action() has nothing to do unless a request or an end comes; nothing: no such moment.
  std::optional<Instant> next_moment() const;
  /// True if a release should keep our key registered, because jobs of ours still wait.
  bool keep_registration() const { return !waiting_.empty(); }
  void finish(const Outcome& outcome, Instant now);

  DriveView view() const;

 private:
  struct Job {
    JobId id = 0;
    Instant since;
  };
  struct Request {
    JobId job = 0;
    bool verify = false;
    std::optional<Answer> answer;
  };
  struct Waiting {
    Job job;
    std::optional<Refusal> told;  ///< what the job's log says already
  };

  bool pending() const;
  bool pending_verify() const;
  Action choose(Instant now) const;
  void grant(Owner owner, Request& request, Instant now);
  void refuse(Owner owner, Request& request, const Refusal& refusal, Instant now);
  void grant_all(Instant now);
  void refuse_all(const Refusal& refusal, Instant now);
  void finish_take(const Outcome& outcome, Instant now);
  void finish_verify(const Outcome& outcome, Instant now);
  void finish_release(const Outcome& outcome, Instant now);
  void lock_is_ours(Instant now);

  Timing timing_;
  Action under_way_ = Action::none;
  bool recovered_ = false;
  bool registered_ = false;
  bool locked_ = false;
  bool lost_ = false;  ///< claims exist whose lock is gone: no new job joins them
  bool open_ = false;
  std::optional<Instant> locked_since_;
  std::optional<Instant> not_before_;  ///< for release and unregister
  std::optional<Refusal> refusal_;     ///< known, valid until refusal_until_
  Instant refusal_until_;
  std::optional<Refusal> hung_;  ///< somebody gave up waiting for the action that is under way
  std::string blocked_by_, error_;
  std::map<Owner, Job> claims_;
  std::map<Owner, Waiting> waiting_;
  std::map<Owner, Request> requests_;
};

}  // namespace shstore::reserve
