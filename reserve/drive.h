// The claims on one drive and the lock they need: a state machine without I/O, threads or clock.
//
// A claim belongs to a job: it begins when the job is admitted and ends with the job. The lock is held from
// the first claim to the last, and for as long as the daemon still has the device open after that. Bacula's
// close events are not counted: they come twice, too early, for other jobs, or never.
//
// Jobs that were refused wait. While one does, the drive is watched; a lock that has become free is taken
// ahead for the job that has waited longest, which is told to come (News::come). If it does not come in time,
// the lock goes on to the next one, or back. Hosts take turns (reserve/courtesy.h). A lock that is held is
// proven every few seconds; one that vanished is taken back if nobody has the drive, and what that means for
// the jobs that rely on it is News as well.
//
// A lock that was lost, doubtful for a while, or under which the drive was reset, leaves a device of which
// the daemon believes wrong things (which Volume is in it, where its tape stands) for as long as it is open:
// until it was seen closed, nobody gets it.
//
// How it is driven (plugin/drive_agent.h): jobs put requests and look for their answers; one worker asks
// next_action(), performs it on the drive and reports the result to finish(). Only one action is under way at
// a time. Not thread-safe: the caller has a mutex, which is not held while an action is performed.
#pragma once

#include <map>
#include <utility>

#include "reserve/courtesy.h"
#include "reserve/gap.h"
#include "reserve/types.h"

namespace shstore::reserve {

/// What has to be done to the drive now.
enum class Action {
  none,
  recover,     ///< first of all: look for a lock that an earlier life of this daemon left behind
  look,        ///< see who is registered and who holds the lock; changes nothing on the drive
  join,        ///< register our key, and no more: we wait
  take,        ///< register our key and take the lock; if it is ours, prove that
  release,     ///< give the lock back, unless the device is still open in this daemon
  unregister,  ///< nobody waits any more: take our key off the drive
  see_closed,  ///< the lock is not ours: see whether the device is closed; asks the drive nothing
};

/// How an action ended.
struct Outcome {
  enum class Kind {
    done,        ///< as asked. take: the lock is held by us
    blocked,     ///< take: another daemon holds the lock
    still_open,  ///< release, see_closed: the daemon still has the device open
    failed,      ///< nothing is known: `text` says why
  };
  Kind kind = Kind::done;
  std::string holder{};  ///< blocked: the holder's key
  std::string text{};    ///< failed: the reason
  /// look, done: what was seen. take, done: what it is now. release, done: what it was just before.
  std::optional<Sight> sight{};
  /// What the drive reported besides while this was done ("29/00"), for those who count.
  std::vector<std::string> attentions{};
  /// failed: the path by which the lock was taken is no more; the lock is nobody's that could use it.
  bool path_gone = false;
  bool was_reset = false;  ///< as Sight::was_reset, of a port that has no sight
};

struct Timing {
  Duration refusal_memory{2000};  ///< a refusal answers further requests at least for this long
  Duration open_poll{500};        ///< how often a lock kept for an open device is looked at
  Duration retry{5000};           ///< after a release or unregister that failed
  Duration verify{5000};          ///< how often a lock that is held is proven
  Duration verify_closed{1000};   ///< and while the device is closed under a job: it changes its Volume
  Duration recover_longest{
      300000};  ///< between attempts to find what an earlier life left, each twice as long as before
  Duration retake{1000};      ///< after an attempt to take back a vanished lock that failed
  Duration watch_first{500};  ///< between the looks of the host that is next in turn, and the first looks of
                              ///< the others; then more and more up to
  Duration watch_longest{5000};
  Duration promise{
      35000};  ///< how long the lock is kept for a job that was told to come: Bacula's 30 s and some
  Duration call_again{2000};  ///< how often it is told
  Duration turn{
      600000};  ///< while other hosts wait, no more jobs join a lock that has been held for this long
  Duration cleared_grace{
      12000};  ///< the keys were wiped while we waited: the holder may take its lock back so long
  Courtesy::Timing courtesy{};
  /// False: a freed lock is found only by the jobs' own retries, and nobody is let go first.
  bool hand_off = true;
  int jitter = 25;    ///< per cent by which the pauses between looks vary, so that hosts do not look in step
  uint32_t seed = 1;  ///< of that: differs from host to host
};

class Drive {
 public:
  /// `can_look` false: Action::look and join are never asked for; the lock is proven, and watched for, by
  /// Action::take.
  explicit Drive(const Timing& timing = {}, bool can_look = true);

  /// A job wants the drive (DeviceTryOpen). If answer() has nothing afterwards, an action must be performed
  /// first.
  void request(Owner owner, JobId job, Instant now);
  /// A job is about to use the drive that it was promised (DeviceOpen), or says that it has used it (JobEnd):
  /// the lock is proven first.
  void request_verified(Owner owner, JobId job, Instant now);
  /// The answer to the owner's request, once. Nothing while it is still being worked on.
  std::optional<Answer> answer(Owner owner);
  /// The owner waited for its answer as long as it may: it is refused with `reason`, and so is, at once,
  /// everybody who asks until the action under way has ended.
  Answer give_up(Owner owner, const std::string& reason, Instant now);

  /// The job found another drive: it waits for this one no longer.
  void stop_waiting(Owner owner, Instant now);
  /// The job has been told to come for another drive: until then no lock is taken for it here.
  void called_elsewhere(Owner owner, Instant until);
  /// The job looks at another drive now, and can no more use this one: its claim ends; it may still wait here.
  void leave(Owner owner, Instant now);
  /// The job is over: its claims, requests and waiting end.
  void end(Owner owner, Instant now);
  bool claimed_by(Owner owner) const { return claims_.contains(owner); }

  /// Jobs use the drive: see_device() should be told every open_poll.
  bool in_use() const { return locked_ && !claims_.empty(); }
  /// Whether the daemon has the device open. Bacula changes Volumes in the middle of a job without asking
  /// again; so the lock is proven whenever the device was closed or opened, and often in between.
  void see_device(bool open, Instant now);
  /// Something may have happened to the drive: the lock is proven as soon as the action under way has ended.
  void prove_now(Instant now);
  /// A job changes its Volume, and in the time there is for it the lock could not be proven: none of those that have a claim
  /// may go on.
  void unproven(const std::string& reason, Instant now);
  /// Whether it is known how the lock stands: false while one that vanished is being taken back.
  bool settled() const { return !gap_; }
  /// Why those who have a claim cannot go on; empty: they can.
  const std::string& lost_reason() const { return lost_; }

  /// What to do now; it is then under way until finish() is called.
  Action next_action(Instant now);
  /// Before this moment next_action() has nothing to do unless a request or an end comes; nothing: no such
  /// moment.
  std::optional<Instant> next_moment() const;
  /// True if a release should keep our key registered, because jobs of ours still wait.
  bool keep_registration() const { return !waiting_.empty(); }
  void finish(const Outcome& outcome, Instant now);

  /// What jobs must be told, each thing once; may have something after any call.
  std::vector<News> take_news() { return std::exchange(news_, {}); }

  DriveView view() const;

 private:
  friend class EngineProbe;  // tests/reserve/model.h: tells states of the machine apart

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
    Instant not_before{};         ///< no lock is taken ahead for it before this; max(): until it asks again
    bool called = false;          ///< it was told to come and has not asked since
  };
  struct Promise {
    Owner owner = 0;
    Instant until, call_at;
  };
  /// The lock vanished, nobody had it when that was seen, and it is being taken back.
  struct Gap {
    Trace before, found;
    Instant since, retry_at;
    bool reset = false;  ///< the drive said that it had been reset
  };

  // drive.cpp: who wants what
  bool pending() const;
  bool pending_verify() const;
  bool usable() const;
  Duration verify_pause() const;
  std::optional<Refusal> may_join(Owner owner, Instant now) const;
  std::map<Owner, Waiting>::iterator longest_waiting(Instant now);
  std::optional<Instant> first_eligible() const;
  void grant(Owner owner, Request& request, Instant now);
  void refuse(Owner owner, Request& request, const Refusal& refusal, Instant now);
  void refuse_all(const Refusal& refusal, Instant now);
  void settle_requests(bool proven, Instant now);
  std::optional<std::string> other_that_waits(Instant now) const;
  void call(Owner owner, Waiting& waiting);
  void call_others(Instant now);
  void promise(Instant now);
  void keep_promise(Instant now);
  void admit_after_take(Instant now);
  Action choose(Instant now) const;
  Action choose_for_requests() const;
  bool relied_on() const { return !claims_.empty() || may_be_open_; }
  Refusal lost_refusal(const std::string& holder = {}) const;
  bool unused() const {
    return !locked_ && !gap_ && lost_.empty() && claims_.empty() && waiting_.empty() && !pending();
  }
  bool watching() const {
    return timing_.hand_off && !waiting_.empty() && !locked_ && !gap_ && lost_.empty();
  }

  // drive_finish.cpp: what an action's result means
  void release_was_done_after_all();
  void leave_gap();
  void finish_recover(const Outcome& outcome, Instant now);
  void finish_look(const Outcome& outcome, Instant now);
  void finish_take(const Outcome& outcome, Instant now);
  void finish_join(const Outcome& outcome, Instant now);
  void finish_release(const Outcome& outcome, Instant now);
  void finish_see_closed(const Outcome& outcome, Instant now);
  void see_whether_open(const Outcome& outcome);
  void see_ours(const Sight& sight, Instant now);
  void see_others(const Sight& sight, Instant now);
  void see_free(const Sight& sight, Instant now);
  void yield_to(const std::string& key, Instant now);
  void blocked(const std::string& holder, Instant now);
  void unknown(const std::string& reason, Instant now);
  void lock_is_ours(const std::optional<Sight>& sight, Instant now);
  void lock_is_gone();
  void lock_vanished(const Sight& sight, Instant now);
  void lock_taken_back(const std::optional<Sight>& sight, Instant now);
  void lock_lost(const std::string& holder, Instant now);
  void tell_claims(News::Kind kind, const std::string& holder, Instant from, Instant now);
  void path_gone(Instant now);
  void watch_again(Instant now, bool soon);

  Timing timing_;
  bool can_look_;
  Action under_way_ = Action::none;
  Action follow_ = Action::none;  ///< what the last look was for
  bool recovered_ = false;
  std::optional<Instant> recover_at_;  ///< the first attempt failed: when to try again
  Duration recover_pause_{};
  bool registered_ = false;
  bool keeps_registration_ = false;  ///< the release that is under way does
  bool locked_ = false;
  bool unsure_ = false;               ///< a release failed: it may have been done
  bool open_ = false;                 ///< a release found the device open
  bool may_be_open_ = false;          ///< a job had it, and no release has found it closed since
  std::optional<bool> device_open_;   ///< while jobs use the drive, as last seen
  /// Not empty: why those who have a claim, or the device while it is open, cannot go on; no new job joins.
  std::string lost_;
  std::optional<Gap> gap_;
  std::optional<Instant> locked_since_;
  Instant proven_{};        ///< the lock was ours
  Trace trace_;             ///< as it was then
  Instant verify_at_{};     ///< while locked
  Instant watch_at_{};      ///< while jobs wait
  Duration watch_pause_{};  ///< grows from look to look
  uint32_t jitter_;
  std::optional<Instant> hold_off_until_;  ///< the keys were wiped: the holder comes first
  std::optional<Instant> not_before_;      ///< for release and unregister
  std::optional<Refusal> refusal_;         ///< known, valid until refusal_until_
  Instant refusal_until_{};
  std::optional<Refusal> hung_;  ///< somebody gave up waiting for the action that is under way
  std::optional<Promise> promise_;
  Courtesy courtesy_;
  std::vector<std::string> others_;
  std::string blocked_by_, yielding_to_, error_;
  std::map<Owner, Job> claims_;
  std::map<Owner, Waiting> waiting_;
  std::map<Owner, Request> requests_;
  std::vector<News> news_;
};

}  // namespace shstore::reserve
