// The claims on one drive and the lock they need: a state machine without I/O, threads or clock.
//
// A claim belongs to a job: it begins when the job is admitted and ends with the job. The lock is held from
// the first claim to the last, and for as long as the daemon still has the device open after that. Bacula's
// close events are not counted: they come twice, too early, for other jobs, or never.
//
// Jobs that were refused wait. While one does, the drive is watched; a lock that has become free is taken
// ahead for the job that has waited longest, which is told to come (JobNotice::come). If it does not come in time,
// the lock goes on to the next one, or back. Hosts take turns (reserve/turn_order.h). A lock that is held is
// proven every few seconds; one that vanished is taken back if nobody has the drive, and what that means for
// the jobs that rely on it is a JobNotice as well.
//
// A lock that was lost, doubtful for a while, or under which the drive was reset, leaves a device of which
// the daemon believes wrong things (which Volume is in it, where its tape stands) for as long as it is open:
// until it was seen closed, nobody gets it.
//
// All that it remembers is a DriveState: the lock, the device, the jobs, the turn among the hosts. What to do next is
// choose(), and what came of it finish(), each a switch over the states of the lock (reserve/lock.h).
//
// How it is driven (plugin/drive_agent.h): jobs put requests and look for their answers; one worker asks
// next_action(), performs it on the drive and reports the result to finish(). Only one action is under way at
// a time. Not thread-safe: the caller has a mutex, which is not held while an action is performed.
#pragma once

#include <algorithm>
#include <utility>

#include "reserve/lock.h"
#include "reserve/queue.h"
#include "reserve/turn_order.h"
#include "reserve/use.h"

namespace shstore::reserve {

struct Timing {
  Duration refusal_memory{2000};  ///< a refusal answers further requests at least for this long
  Duration open_poll{500};        ///< how often a lock kept for an open device is looked at
  Duration retry{5000};           ///< after a release or unregister that failed
  Duration verify{5000};          ///< how often a lock that is held is proven
  Duration verify_closed{1000};   ///< and while the device is closed under a job: it changes its Volume
  Duration recover_longest{
      300000};                ///< between attempts to find what an earlier life left, each twice as long as before
  Duration retake{1000};      ///< after an attempt to take back a vanished lock that failed
  Duration watch_first{500};  ///< between the looks of the host that is next in turn, and the first looks of
                              ///< the others; then more and more up to
  Duration watch_longest{5000};
  Duration watch_joined{100};    ///< the first look after our key came to the drive: who else came at that moment?
  Duration watch_near{50};       ///< of the next in turn, where the holder is about to give the drive back
  Duration near{10000};          ///< so long that is believed
  unsigned near_looks{220};      ///< so many of them may be sent one after the other; each has to be spared again
  unsigned near_looks_many{60};  ///< where many hosts wait
  unsigned near_looks_all{700};  ///< and by a daemon at all drives that it looks at
  Duration watch_each{
      28};  ///< of the next in turn, for each drive that this daemon looks at for jobs that wait: they share
  Duration watch_shared{7500};    ///< but no longer than that: less than TurnOrder::Timing::while_for_watchers
  Duration promise{35000};        ///< how long the lock is kept for a job that was told to come: Bacula's 30 s and some
  Duration call_again{2000};      ///< how often it is told
  Duration turn{600000};          ///< while other hosts wait, no more jobs join a lock that has been held for this long
  Duration cleared_grace{12000};  ///< the keys were wiped while we waited: the holder may take its lock back so long
  Duration open_grace{5000};      ///< the lock is kept so long after a device that no job has a claim on was closed
  Duration open_look{1000};       ///< between looks for a device that is open while another host has the drive
  /// A lock is given back when the device has been closed under its jobs for so long: they wait for a Volume. It is taken again
  /// when the device is opened; where that cannot be, they are told. Zero: never. Only where every open is told (see_use()), and
  /// not without looks.
  Duration idle_release{0};
  TurnOrder::Timing turn_order{};
  /// False: a freed lock is found only by the jobs' own retries, and nobody is let go first.
  bool hand_off = true;
  int jitter = 25;    ///< per cent by which the pauses between looks vary, so that hosts do not look in step
  uint32_t seed = 1;  ///< of that: differs from host to host
};

/// All that an engine remembers. Two with the same one behave alike from then on.
struct DriveState {
  /// When the drive is looked at next for the jobs that wait.
  struct Watch {
    Instant at{};
    Duration pause{};  ///< grows from look to look
    uint32_t jitter = 1;
    unsigned drives = 1;   ///< so many this daemon looks at for jobs that wait
    Instant near_until{};  ///< the holder may give the drive back soon: it is looked at often so long
    Instant spared_at{};   ///< by then all looks are spared again that may be sent one after the other
    friend bool operator==(const Watch&, const Watch&) = default;
  };
  struct UnderWay {
    Action action = Action::none;
    bool keeps_registration = false;  ///< a release that does
    bool opened = false;              ///< a release under jobs: the daemon has opened the device since it began
    friend bool operator==(const UnderWay&, const UnderWay&) = default;
  };

  Recovery recovery{};
  Lock lock{};
  std::optional<Damage> damage{};
  Device device{};
  Opened opened{};
  Queue queue{};
  TurnOrder turn{};
  std::vector<HostKey> others{};  ///< keys on the drive, as last seen
  Watch watch{};
  UnderWay under_way{};
  std::optional<Instant> not_before{};  ///< for release, unregister and see_closed
  std::string error{};                  ///< what last went wrong, in words; for the display
  std::string unfit{};                  ///< the lock is ours, and no further job may have the drive: why
  std::vector<JobNotice> notices{};     ///< not yet taken
  friend bool operator==(const DriveState&, const DriveState&) = default;
};

class Drive {
 public:
  /// `can_look` false: Action::look and join are never asked for; the lock is proven, and watched for, by
  /// Action::take.
  explicit Drive(const Timing& timing = {}, bool can_look = true);

  /// A job wants the drive (DeviceTryOpen). If answer() has nothing afterwards, an action must be performed
  /// first.
  void request(JobContext owner, JobId job, Instant now);
  /// A job is about to use the drive that it was promised (DeviceOpen: `opens`), or says that it has used it (JobEnd):
  /// the lock is proven first.
  void request_verified(JobContext owner, JobId job, Instant now, bool opens = true);
  /// The answer to the owner's request, once. Nothing while it is still being worked on.
  std::optional<Answer> answer(JobContext owner);
  /// Some request has one.
  bool has_answers() const { return is_.queue.answered(); }
  /// The owner waited for its answer as long as it may: it is refused with `reason`, and so is, at once,
  /// everybody who asks until the action under way has ended.
  Answer give_up(JobContext owner, const std::string& reason, Instant now);

  /// The job found another drive: it waits for this one no longer.
  void stop_waiting(JobContext owner, Instant now);
  /// The job has been told to come for another drive: until then no lock is taken for it here.
  void called_elsewhere(JobContext owner, Instant until);
  /// The job looks at another drive now, and can no more use this one: its claim ends; it may still wait here.
  void leave(JobContext owner, Instant now);
  /// The job is over: its claims, requests and waiting end.
  void end(JobContext owner, Instant now);
  bool waits(JobContext owner) const { return is_.queue.waiting.contains(owner) || is_.queue.promised_to(owner); }
  bool claimed_by(JobContext owner) const { return is_.queue.claims.contains(owner); }

  /// Jobs use the drive: see_device() should be told every open_poll.
  bool in_use() const { return ours() && !is_.queue.claims.empty(); }
  /// The lock was given back under jobs that wait for a Volume: see_use() should be told of every open at once.
  bool paused() const { return !is_.queue.paused.empty(); }
  /// Somebody is known to have the device open for no job: see_use() should be told from time to time, lest its end is missed.
  bool seen_open() const { return is_.opened.open() && is_.opened.since.has_value(); }
  /// Whether the daemon has the device open. Bacula changes Volumes in the middle of a job without asking
  /// again; so the lock is proven whenever the device was closed or opened, and often in between.
  void see_device(bool open, Instant now);
  /// Who has the device open, of all programs of this host. To be told whenever it was opened or closed, and from time to time.
  void see_use(const DeviceUse& use, Instant now);
  /// The lock is ours: see_unfit() should be told from time to time.
  bool holds() const { return ours() != nullptr; }
  /// As LockPort::unfit(). Jobs that have a claim keep it, but open no device; no other gets one, and the lock goes when they have ended.
  void see_unfit(const std::string& why, Instant now);
  /// The device was opened or closed: what waits for that is tried again.
  void touch_device(Instant now);
  /// Something may have happened to the drive: the lock is proven as soon as the action under way has ended.
  void prove_now(Instant now);
  /// A job changes its Volume, and in the time there is for it the lock could not be proven: none of those that have a claim
  /// may go on.
  void unproven(const std::string& reason, Instant now);
  /// If it is looked at for jobs that wait, now.
  void look_now(Instant now) {
    if (watching()) is_.watch.at = std::min(is_.watch.at, now);
  }
  /// So many drives this daemon looks at for jobs that wait, this one among them.
  void share_looks(unsigned drives) { is_.watch.drives = drives; }
  /// Jobs wait for the drive, and it is looked at for them.
  bool watches() const { return watching(); }
  /// Whether it is known how the lock stands: false while one that vanished is being taken back.
  bool settled() const { return !vanished(); }
  /// Why those who have a claim cannot go on; empty: they can.
  std::string lost_reason() const;

  /// What to do now; it is then under way until finish() is called.
  Action next_action(Instant now);
  /// Before this moment next_action() has nothing to do unless a request or an end comes; nothing: no such
  /// moment.
  std::optional<Instant> next_moment() const;
  /// True if a release should keep our key registered, because jobs of ours still wait for what they may have.
  bool keep_registration() const { return !is_.queue.waiting.empty() && is_.unfit.empty(); }
  void finish(const Outcome& outcome, Instant now);

  /// What jobs must be told, each thing once; may have something after any call.
  std::vector<JobNotice> take_notices() { return std::exchange(is_.notices, {}); }

  DriveView view() const;
  const DriveState& state() const { return is_; }

 private:
  Ours* ours() { return std::get_if<Ours>(&is_.lock); }
  const Ours* ours() const { return std::get_if<Ours>(&is_.lock); }
  Away* away() { return std::get_if<Away>(&is_.lock); }
  const Away* away() const { return std::get_if<Away>(&is_.lock); }
  Vanished* vanished() { return std::get_if<Vanished>(&is_.lock); }
  const Vanished* vanished() const { return std::get_if<Vanished>(&is_.lock); }
  bool registered() const;
  void register_key();

  // drive.cpp: who wants what
  bool usable() const;
  bool relied_on() const { return !is_.queue.claims.empty() || is_.device.state != Device::State::closed; }
  bool watching() const;
  bool too_early(Instant now) const { return is_.not_before && now < *is_.not_before; }
  std::optional<Refusal> may_join(JobContext owner, Instant now) const;
  std::optional<Refusal> unfit_refusal() const;
  std::optional<HostKey> other_that_waits(Instant now) const;
  Refusal damage_refusal(const std::string& holder = {}) const;
  // drive_open.cpp: a device that is open with no claim, and one that is closed under its jobs
  bool wanted_for_open(Instant now) const;
  bool only_for_open(Instant now) const;
  bool kept_for_open(Instant now) const;
  void see_other_holder(const HostKey& holder, Instant now);
  std::optional<Instant> pause_at() const;
  void pause();
  void resume();
  void see_paused();
  bool needed_again() const;
  void not_retaken(const Damage& damage, Instant now);
  std::optional<Refusal> beside_stranger() const;

  void grant(JobContext owner, Queue::Request& request, Instant now);
  void refuse(JobContext owner, Queue::Request& request, const Refusal& refusal, Instant now);
  void refuse_all(const Refusal& refusal, Instant now);
  void settle_requests(bool proven, Instant now);
  void call(JobContext owner, Queue::Waiting& waiting);
  void call_others(Instant now);
  void promise(Instant now);
  void keep_promise(Instant now);
  void admit_after_take(Instant now);
  Action choose(Instant now) const;
  Action choose_in(const Away& lock, Instant now) const;
  Action choose_in(const Ours& lock, Instant now) const;
  Action choose_in(const Vanished& lock, Instant now) const;
  Action prove() const { return can_look_ ? Action::look : Action::take; }

  // drive_finish.cpp: what an action's result means
  void finish_recover(const Outcome& outcome, Instant now);
  void finish_look(const Outcome& outcome, Instant now);
  void look_in(Away& lock, const LockReading& reading, Instant now);
  void look_in(Ours& lock, const LockReading& reading, Instant now);
  void look_in(Vanished& lock, const LockReading& reading, Instant now);
  void look_at_free_drive(Away& lock, const LockReading& reading, Instant now);
  void finish_take(const Outcome& outcome, Instant now);
  void taken(const Outcome& outcome, Instant now);
  void finish_join(const Outcome& outcome, Instant now);
  void finish_release(const Outcome& outcome, Instant now);
  void finish_see_closed(const Outcome& outcome, Instant now);
  void see_whether_open(const Outcome& outcome);
  void yield_to(Away& lock, const HostKey& key, Instant now);
  void blocked(Away& lock, const HostKey& holder, Instant now);
  void unknown(const std::string& reason, Instant now);
  void lock_is_ours(const std::optional<LockReading>& reading, Instant now);
  void lock_is_gone();
  void lock_vanished(const LockReading& reading, Instant now);
  void lock_taken_back(const std::optional<LockReading>& reading, Instant now);
  void lock_lost(const HostKey& holder, Since proven, Instant now);
  void nobody_wants_it_back();
  void tell_claims(JobNotice::Kind kind, const Damage& damage, Since from, Instant now);
  void damaged(const Damage& damage, JobNotice::Kind kind, Instant now);
  void see_path(const Outcome& outcome, Instant now);
  Since proven() const;
  // watch.cpp: when the drive is looked at next for those who wait
  void watch_again(Instant now, bool soon);
  size_t hosts_that_wait() const;
  Duration first_pause() const;
  void see_near(const Away& lock, const LockReading& reading, Instant now);
  bool spends_look(Instant now);

  Timing timing_;
  bool can_look_;
  DriveState is_;
};

}  // namespace shstore::reserve
