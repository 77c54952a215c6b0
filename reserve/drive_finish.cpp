// What the result of an action means.
#include <algorithm>

#include "reserve/drive.h"
#include "reserve/refusal.h"

namespace shstore::reserve {

void Drive::finish(const Outcome& outcome, Instant now) {
  const auto action = is_.under_way.action;
  is_.under_way.action = Action::none;
  is_.queue.hung.reset();
  switch (action) {
    case Action::none: return;
    case Action::recover: return finish_recover(outcome, now);
    case Action::look: return finish_look(outcome, now);
    case Action::join: return finish_join(outcome, now);
    case Action::take: return finish_take(outcome, now);
    case Action::release: see_whether_open(outcome); [[fallthrough]];
    case Action::unregister: return finish_release(outcome, now);
    case Action::see_closed: return finish_see_closed(outcome, now);
  }
}

// Whatever was found, taking the lock will say more; a failure here must not keep jobs from trying.
void Drive::finish_recover(const Outcome& outcome, Instant now) {
  const bool first = std::holds_alternative<Unrecovered>(is_.recovery);
  if (outcome.kind == Outcome::Kind::failed) {
    is_.error = outcome.text;
    const auto* before = std::get_if<RecoverAgain>(&is_.recovery);
    const auto pause = before ? std::min(before->pause * 2, timing_.recover_longest) : timing_.retry;
    is_.recovery = RecoverAgain{now + pause, pause};
    return;
  }
  if (!first) is_.error.clear();
  is_.recovery = Recovered{};
}

// ---- looking

void Drive::finish_look(const Outcome& outcome, Instant now) {
  if (wanted_for_open(now)) is_.opened.look_at = now + timing_.open_look;
  see_path(outcome, now);
  if (outcome.kind != Outcome::Kind::done || !outcome.reading) return unknown(outcome.text, now);
  const LockReading& reading = *outcome.reading;
  is_.others = reading.others;
  // The lock is not ours, and a release of which we did not hear the end explains that.
  if (const auto* lock = ours(); lock && lock->may_be_released && !reading.ours) {
    pause();
    lock_is_gone();
  }
  std::visit([&](auto& lock) { look_in(lock, reading, now); }, is_.lock);
}

void Drive::look_in(Away& lock, const LockReading& reading, Instant now) {
  if (is_.damage) return refuse_all(damage_refusal(reading.ours ? std::string{} : reading.holder), now);
  if (reading.ours) {
    lock.next = Action::take;  // taken by hand, or by an earlier life that may not be cleaned up after: it is joined
    return;
  }
  if (reading.holder.empty()) return look_at_free_drive(lock, reading, now);
  see_other_holder(reading.holder, now);
  see_near(lock, reading, now);
  const bool for_open = only_for_open(now);
  if ((lock.registered && reading.registered) || (for_open && is_.opened.in_turn)) {
    is_.turn.see(reading, now);
  } else {
    is_.turn.begin(reading, now);
    if (!for_open) lock.next = Action::join;
  }
  is_.opened.in_turn = for_open;
  blocked(lock, reading.holder, now);
}

void Drive::look_at_free_drive(Away& lock, const LockReading& reading, Instant now) {
  if (!timing_.hand_off) {
    lock.next = Action::take;
    return;
  }
  if (lock.registered && !reading.registered) {
    // Somebody wiped the keys, the holder's as well as ours. It notices within seconds, and writes meanwhile.
    lock.registered = false;
    if (lock.holder) lock.cleared = {*lock.holder, now + timing_.cleared_grace};
  }
  if (lock.cleared && now < lock.cleared->until) return yield_to(lock, lock.holder.value_or(lock.cleared->holder), now);
  lock.cleared.reset();
  const bool for_open = only_for_open(now);
  if (lock.registered || (for_open && is_.opened.in_turn))
    is_.turn.see(reading, now);
  else
    is_.turn.begin(reading, now);
  is_.opened.in_turn = for_open;
  const auto first = is_.turn.first(now);
  // For a device that is merely open nothing is registered.
  lock.next = !first ? Action::take : lock.registered || for_open ? Action::none : Action::join;
  if (first) yield_to(lock, *first, now);
}

void Drive::look_in(Ours& lock, const LockReading& reading, Instant now) {
  if (!reading.ours)
    return reading.holder.empty() ? lock_vanished(reading, now) : lock_lost(reading.holder, lock.proven, now);
  const bool counted_down = lock.trace && reading.generation < lock.trace->generation;
  const bool reset = reading.was_reset || counted_down;
  const auto why = reading.moved + (reset ? "; the drive was reset or switched off" : "");
  if (relied_on() && !reading.moved.empty()) damaged({Damage::Kind::moved, {}, why}, JobNotice::Kind::moved, now);
  if (relied_on() && !reading.cut_off.empty())
    damaged({Damage::Kind::cut_off, {}, reading.cut_off}, JobNotice::Kind::cut_off, now);
  if (relied_on() && reset) damaged({Damage::Kind::reset}, JobNotice::Kind::reset, now);
  if (is_.damage) {
    lock.verify_at = now + timing_.verify;
    return refuse_all(damage_refusal(), now);
  }
  lock_is_ours(reading, now);
  settle_requests(true, now);
}

void Drive::look_in(Vanished& lock, const LockReading& reading, Instant now) {
  if (reading.ours) return lock_taken_back(reading, now);
  if (!reading.holder.empty()) return lock_lost(reading.holder, lock.proven, now);
  lock.take = true;
}

// ---- what it means for those who want the drive

void Drive::blocked(Away& lock, const HostKey& holder, Instant now) {
  const bool same = lock.holder == holder;
  lock.holder = holder;
  lock.turn_of.reset();
  is_.error.clear();
  see_other_holder(holder, now);
  watch_again(now, !same || (can_look_ && is_.turn.next_in_turn()));
  refuse_all({Refusal::Kind::held_by_other, holder, {}}, now);
}

void Drive::yield_to(Away& lock, const HostKey& key, Instant now) {
  const bool same = lock.turn_of == key;
  lock.turn_of = key;
  is_.error.clear();
  watch_again(now, !same);
  if (is_.turn.until) is_.watch.at = std::min(is_.watch.at, *is_.turn.until);
  if (lock.cleared) is_.watch.at = std::min(is_.watch.at, lock.cleared->until);
  refuse_all({Refusal::Kind::yielding, key, {}}, now);
}

// The drive did not say: what was believed of it is believed until it does.
void Drive::unknown(const std::string& reason, Instant now) {
  is_.error = reason;
  if (auto* lock = ours()) lock->verify_at = now + timing_.verify;
  if (auto* lock = vanished()) lock->retry_at = now + timing_.retake;
  watch_again(now, false);
  refuse_all({Refusal::Kind::error, {}, reason}, now);
}

void Drive::lock_is_ours(const std::optional<LockReading>& reading, Instant now) {
  const auto* before = ours();
  Ours lock = before ? *before : Ours{{now}, now + timing_.turn};
  lock.proven = {now};
  lock.verify_open_by = now + timing_.verify;
  // A program of the site's own is not started every second.
  lock.verify_closed_by = now + (can_look_ ? timing_.verify_closed : timing_.verify);
  lock.verify_at = is_.device.seen == Device::Seen::closed ? lock.verify_closed_by : lock.verify_open_by;
  lock.may_be_released = false;
  if (reading) {
    lock.trace = trace_of(*reading);
    is_.others = reading->others;
  }
  is_.lock = lock;
  // What was left is ours again, and will be given back.
  if (std::holds_alternative<RecoverAgain>(is_.recovery)) is_.recovery = Recovered{};
  is_.queue.known.reset();
  is_.turn.stop();
  is_.error.clear();
}

void Drive::lock_is_gone() {
  if (ours()) is_.lock = Away{true};
  is_.queue.promise.reset();
  is_.unfit.clear();
}

// What happened to the drive will not be known.
void Drive::nobody_wants_it_back() {
  const auto* lock = vanished();
  if (!lock) return;
  is_.damage = Damage{lock->reset ? Damage::Kind::reset : Damage::Kind::doubtful};
  is_.lock = Away{lock->registered, lock->take ? Action::take : Action::none};
}

void Drive::tell_claims(JobNotice::Kind kind, const Damage& damage, Since from, Instant now) {
  for (const auto& [owner, job] : is_.queue.claims)
    is_.notices.push_back({kind, owner, job.id, damage.by, damage.found, from.at, now});
}

Since Drive::proven() const {
  const auto* gap = vanished();
  const auto* lock = ours();
  return gap ? gap->proven : lock ? lock->proven : Since{};
}

// Those who have a claim cannot go on. What is left of the lock is given back when its users have ended. The first damage counts.
void Drive::damaged(const Damage& damage, JobNotice::Kind kind, Instant now) {
  if (is_.damage) return;
  is_.damage = damage;
  tell_claims(kind, damage, proven(), now);
}

// Whatever comes back by that name has another nexus.
void Drive::see_path(const Outcome& outcome, Instant now) {
  if (outcome.path_gone && !away() && relied_on()) damaged({Damage::Kind::gone}, JobNotice::Kind::gone, now);
}

void Drive::lock_vanished(const LockReading& reading, Instant now) {
  const Ours before = *ours();
  is_.queue.promise.reset();
  if (!relied_on()) {
    is_.lock = Away{reading.registered};
    watch_again(now, true);
    return;
  }
  is_.lock = Vanished{reading.registered, true, now, before.proven, before.trace, trace_of(reading), reading.was_reset};
}

void Drive::lock_taken_back(const std::optional<LockReading>& reading, Instant now) {
  const Vanished gap = *vanished();
  const bool reset =
      gap.reset || (reading && reading->was_reset) || (gap.before && gap.found.generation < gap.before->generation);
  const bool clean =
      !is_.damage && !reset && reading && gap.before && nobody_between(*gap.before, gap.found, trace_of(*reading));
  lock_is_ours(reading, now);
  tell_claims(clean   ? JobNotice::Kind::regained
              : reset ? JobNotice::Kind::reset
                      : JobNotice::Kind::doubtful,
              {}, gap.proven, now);
  if (clean || !relied_on()) return settle_requests(true, now);
  is_.damage = Damage{reset ? Damage::Kind::reset : Damage::Kind::doubtful};
  refuse_all(damage_refusal(), now);
}

void Drive::lock_lost(const HostKey& holder, Since proven, Instant now) {
  const Damage damage{Damage::Kind::taken, holder};
  is_.lock = Away{registered(), Action::none, holder};
  is_.queue.promise.reset();
  is_.error = damage_text(damage);
  tell_claims(JobNotice::Kind::lost, damage, proven, now);
  if (relied_on()) is_.damage = damage;
  for (auto& [owner, request] : is_.queue.requests) {
    if (!request.answer && is_.queue.claims.contains(owner))
      refuse(owner, request, {Refusal::Kind::error, holder, is_.error}, now);
  }
  watch_again(now, true);
  refuse_all({Refusal::Kind::held_by_other, holder, {}}, now);
}

// ---- acting

void Drive::finish_take(const Outcome& outcome, Instant now) {
  see_path(outcome, now);
  if (outcome.was_reset && ours() && relied_on()) damaged({Damage::Kind::reset}, JobNotice::Kind::reset, now);
  register_key();  // also when it failed: unregistering once too often does no harm
  if (wanted_for_open(now)) is_.opened.look_at = now + (can_look_ ? timing_.open_look : timing_.watch_longest);
  is_.not_before.reset();
  switch (outcome.kind) {
    case Outcome::Kind::done: return taken(outcome, now);
    case Outcome::Kind::blocked:
      if (const auto* lock = ours()) return lock_lost(outcome.holder, lock->proven, now);
      if (const auto* lock = vanished()) return lock_lost(outcome.holder, lock->proven, now);
      if (outcome.reading) is_.others = outcome.reading->others;
      return blocked(*away(), outcome.holder, now);
    case Outcome::Kind::still_open:
    case Outcome::Kind::failed:
      if (auto* lock = away()) lock->holder.reset();
      if (outcome.in_use_here && is_.opened.open()) is_.opened.guarded = true;
      if (needed_again()) not_retaken({Damage::Kind::unproven, outcome.text}, now);
      return unknown(outcome.text, now);
  }
}

void Drive::taken(const Outcome& outcome, Instant now) {
  if (vanished()) return lock_taken_back(outcome.reading, now);
  const bool fresh = !ours();
  lock_is_ours(outcome.reading, now);
  if (is_.damage) return refuse_all(damage_refusal(), now);
  if (!fresh) return settle_requests(true, now);
  if (is_.device.state == Device::State::open || is_.opened.use.daemon) is_.device.state = Device::State::may_be_open;
  see_paused();
  admit_after_take(now);
}

void Drive::finish_join(const Outcome& outcome, Instant now) {
  register_key();  // as above
  is_.not_before.reset();
  if (outcome.kind != Outcome::Kind::done) return unknown(outcome.text, now);
  is_.watch.at = std::min(is_.watch.at, now + timing_.watch_joined);
}

void Drive::see_whether_open(const Outcome& outcome) {
  const bool open = outcome.kind == Outcome::Kind::still_open;
  is_.device.state = open ? Device::State::open : Device::State::closed;
  if (!open && !is_.under_way.opened) is_.opened.use.daemon = is_.opened.of_job = false;
  if (is_.damage) is_.queue.known.reset();  // it says something else now
  if (outcome.kind == Outcome::Kind::done) is_.damage.reset();
}

void Drive::finish_see_closed(const Outcome& outcome, Instant now) {
  see_whether_open(outcome);
  const bool open = is_.device.state == Device::State::open;
  is_.not_before = open ? std::optional(now + timing_.open_poll) : std::nullopt;
  if (!open) watch_again(now, true);
}

void Drive::finish_release(const Outcome& outcome, Instant now) {
  const bool keeps = is_.under_way.keeps_registration;
  if (outcome.kind == Outcome::Kind::done) {
    const bool released = ours() != nullptr;
    if (released) pause();
    lock_is_gone();
    away()->registered = keeps;
    is_.not_before.reset();
    is_.error.clear();
    if (released && keeps && outcome.reading) {
      LockReading free = *outcome.reading;
      free.holder.clear();
      is_.turn.begin(free, now);
    }
    watch_again(now, true);
    return;
  }
  const bool still_open = outcome.kind == Outcome::Kind::still_open;
  is_.not_before = now + (still_open ? timing_.open_poll : timing_.retry);
  if (!still_open) {
    is_.error = outcome.text;
    if (auto* lock = ours()) lock->may_be_released = true;
    if (!is_.queue.claims.empty()) prove_now(now);
  }
  if (usable()) settle_requests(false, now);
}

}  // namespace shstore::reserve
