// What the result of an action means.
#include <algorithm>

#include "reserve/drive.h"

namespace shstore::reserve {
namespace {

constexpr const char* kWasReset = "the drive was reset or switched off: where its tape stands is unknown";
constexpr const char* kPathGone = "this host has lost its path to the drive, and with it the lock";
constexpr const char* kDoubtful =
    "the lock was gone for a while, and somebody else may have used the drive meanwhile";

std::string taken_by(const std::string& holder) {
  return "the lock was lost: " + holder + " has taken the drive";
}

}  // namespace

void Drive::finish(const Outcome& outcome, Instant now) {
  const Action action = std::exchange(under_way_, Action::none);
  hung_.reset();
  switch (action) {
    case Action::none:
      return;
    case Action::recover:
      return finish_recover(outcome, now);
    case Action::look:
      return finish_look(outcome, now);
    case Action::join:
      return finish_join(outcome, now);
    case Action::take:
      return finish_take(outcome, now);
    case Action::release:
      see_whether_open(outcome);
      [[fallthrough]];
    case Action::unregister:
      return finish_release(outcome, now);
    case Action::see_closed:
      return finish_see_closed(outcome, now);
  }
}

// Whatever was found, taking the lock will say more; a failure here must not keep jobs from trying.
void Drive::finish_recover(const Outcome& outcome, Instant now) {
  const bool again = recovered_;
  recovered_ = true;
  recover_at_.reset();
  if (outcome.kind == Outcome::Kind::failed) {
    error_ = outcome.text;
    recover_pause_ = again ? std::min(recover_pause_ * 2, timing_.recover_longest) : timing_.retry;
    recover_at_ = now + recover_pause_;
  } else if (again) {
    error_.clear();
  }
}

// ---- looking

void Drive::finish_look(const Outcome& outcome, Instant now) {
  if (outcome.path_gone) path_gone(now);
  if (outcome.kind != Outcome::Kind::done || !outcome.sight) return unknown(outcome.text, now);
  const Sight& sight = *outcome.sight;
  others_ = sight.others;
  if (sight.ours) return see_ours(sight, now);
  if (!sight.holder.empty()) return see_others(sight, now);
  see_free(sight, now);
}

void Drive::see_ours(const Sight& sight, Instant now) {
  if (gap_) return lock_taken_back(sight, now);
  if (!locked_ && lost_.empty()) {
    follow_ =
        Action::take;  // taken by hand, or by an earlier life that may not be cleaned up after: it is joined
    return;
  }
  if (locked_ && lost_.empty() && relied_on() &&
      (sight.was_reset || sight.generation < trace_.generation)) {
    lost_ = kWasReset;
    tell_claims(News::Kind::reset, {}, proven_, now);
  }
  if (locked_ && lost_.empty() && relied_on() && !sight.moved.empty()) {
    lost_ = "the tape moved under us: " + sight.moved;
    tell_claims(News::Kind::moved, sight.moved, proven_, now);
  }
  if (!lost_.empty()) {
    verify_at_ = now + timing_.verify;
    return refuse_all(lost_refusal(), now);
  }
  lock_is_ours(sight, now);
  settle_requests(true, now);
}

void Drive::see_others(const Sight& sight, Instant now) {
  release_was_done_after_all();
  if (locked_ || gap_) return lock_lost(sight.holder, now);
  if (!lost_.empty()) return refuse_all(lost_refusal(sight.holder), now);
  if (registered_ && sight.registered) {
    courtesy_.see(sight, now);
  } else {
    courtesy_.begin(sight, now);
    follow_ = Action::join;
  }
  blocked(sight.holder, now);
}

void Drive::see_free(const Sight& sight, Instant now) {
  release_was_done_after_all();
  if (locked_) return lock_vanished(sight, now);
  if (gap_) {
    follow_ = Action::take;
    return;
  }
  if (!lost_.empty()) return refuse_all(lost_refusal(), now);
  if (!timing_.hand_off) {
    follow_ = Action::take;
    return;
  }
  if (registered_ && !sight.registered) {
    // Somebody wiped the keys, the holder's as well as ours. It notices within seconds, and writes meanwhile.
    registered_ = false;
    if (!blocked_by_.empty()) hold_off_until_ = now + timing_.cleared_grace;
  }
  if (hold_off_until_ && now < *hold_off_until_) return yield_to(blocked_by_, now);
  hold_off_until_.reset();
  if (registered_)
    courtesy_.see(sight, now);
  else
    courtesy_.begin(sight, now);
  const auto first = courtesy_.first(now);
  follow_ = !first ? Action::take : registered_ ? Action::none : Action::join;
  if (first) yield_to(*first, now);
}

// ---- what it means for those who want the drive

void Drive::blocked(const std::string& holder, Instant now) {
  const bool same = blocked_by_ == holder;
  blocked_by_ = holder;
  yielding_to_.clear();
  error_.clear();
  watch_again(now, !same || (can_look_ && courtesy_.next_in_turn()));
  refuse_all({Refusal::Kind::held_by_other, holder, {}}, now);
}

void Drive::yield_to(const std::string& key, Instant now) {
  const bool same = yielding_to_ == key;
  yielding_to_ = key;
  error_.clear();
  watch_again(now, !same);
  if (courtesy_.until()) watch_at_ = std::min(watch_at_, *courtesy_.until());
  if (hold_off_until_) watch_at_ = std::min(watch_at_, *hold_off_until_);
  refuse_all({Refusal::Kind::yielding, key, {}}, now);
}

// The drive did not say: what was believed of it is believed until it does.
void Drive::unknown(const std::string& reason, Instant now) {
  error_ = reason;
  verify_at_ = now + timing_.verify;
  if (gap_) gap_->retry_at = now + timing_.retake;
  watch_again(now, false);
  refuse_all({Refusal::Kind::error, {}, reason}, now);
}

void Drive::watch_again(Instant now, bool soon) {
  watch_pause_ = soon || watch_pause_ == Duration::zero()
                     ? timing_.watch_first
                     : std::min(watch_pause_ * 3 / 2, timing_.watch_longest);
  jitter_ = jitter_ * 1664525u + 1013904223u;
  const auto share = static_cast<int>(jitter_ >> 16) * 2 * timing_.jitter / 0xffff - timing_.jitter;
  watch_at_ = now + watch_pause_ + watch_pause_ * share / 100;
}

void Drive::lock_is_ours(const std::optional<Sight>& sight, Instant now) {
  if (!locked_) locked_since_ = now;
  locked_ = registered_ = true;
  unsure_ = false;
  proven_ = now;
  verify_at_ = now + verify_pause();
  if (sight) {
    trace_ = trace_of(*sight);
    others_ = sight->others;
  }
  recover_at_.reset();  // what was left is ours again, and will be given back
  refusal_.reset();
  hold_off_until_.reset();
  courtesy_.stop();
  blocked_by_.clear();
  yielding_to_.clear();
  error_.clear();
}

void Drive::lock_is_gone() {
  locked_ = unsure_ = false;
  locked_since_.reset();
  promise_.reset();
}

// Nobody is left who needs the lock back, and what happened to the drive will not be known.
void Drive::leave_gap() {
  if (gap_) lost_ = gap_->reset ? kWasReset : kDoubtful;
  gap_.reset();
}

// The lock is not ours, and a release of which we did not hear the end explains that.
void Drive::release_was_done_after_all() {
  if (unsure_) lock_is_gone();
}

void Drive::tell_claims(News::Kind kind, const std::string& holder, Instant from, Instant now) {
  for (const auto& [owner, job] : claims_) news_.push_back({kind, owner, job.id, holder, from, now});
}

// Whatever comes back by that name has another nexus. What is left of the lock is given back when its users have ended.
void Drive::path_gone(Instant now) {
  if ((!locked_ && !gap_) || !lost_.empty() || !relied_on()) return;
  tell_claims(News::Kind::gone, {}, gap_ ? gap_->since : proven_, now);
  lost_ = kPathGone;
}

void Drive::lock_vanished(const Sight& sight, Instant now) {
  lock_is_gone();
  registered_ = sight.registered;
  if (!relied_on()) {
    watch_again(now, true);
    return;
  }
  gap_ = Gap{trace_, trace_of(sight), proven_, now, sight.was_reset};
  follow_ = Action::take;
}

void Drive::lock_taken_back(const std::optional<Sight>& sight, Instant now) {
  const Gap gap = *gap_;
  gap_.reset();
  const bool reset = gap.reset || (sight && sight->was_reset) || gap.found.generation < gap.before.generation;
  const bool clean = lost_.empty() && !reset && sight && nobody_between(gap.before, gap.found, trace_of(*sight));
  lock_is_ours(sight, now);
  tell_claims(clean   ? News::Kind::regained
              : reset ? News::Kind::reset
                      : News::Kind::doubtful,
              {}, gap.since, now);
  if (clean || !relied_on()) return settle_requests(true, now);
  lost_ = reset ? kWasReset : kDoubtful;
  refuse_all(lost_refusal(), now);
}

void Drive::lock_lost(const std::string& holder, Instant now) {
  const Instant since = gap_ ? gap_->since : proven_;
  lock_is_gone();
  gap_.reset();
  blocked_by_ = holder;
  error_ = taken_by(holder);
  tell_claims(News::Kind::lost, holder, since, now);
  if (relied_on()) lost_ = error_;
  for (auto& [owner, request] : requests_) {
    if (!request.answer && claims_.contains(owner))
      refuse(owner, request, {Refusal::Kind::error, holder, error_}, now);
  }
  watch_again(now, true);
  refuse_all({Refusal::Kind::held_by_other, holder, {}}, now);
}

// ---- acting

void Drive::finish_take(const Outcome& outcome, Instant now) {
  if (outcome.path_gone) path_gone(now);
  if (outcome.was_reset && locked_ && lost_.empty() && relied_on()) {
    lost_ = kWasReset;
    tell_claims(News::Kind::reset, {}, proven_, now);
  }
  registered_ = true;  // also when it failed: unregistering once too often does no harm
  not_before_.reset();
  switch (outcome.kind) {
    case Outcome::Kind::done: {
      if (gap_) return lock_taken_back(outcome.sight, now);
      if (!lost_.empty()) {
        lock_is_ours(outcome.sight, now);
        return refuse_all(lost_refusal(), now);
      }
      const bool fresh = !locked_;
      if (fresh) open_ = false;
      lock_is_ours(outcome.sight, now);
      return fresh ? admit_after_take(now) : settle_requests(true, now);
    }
    case Outcome::Kind::blocked:
      if (locked_ || gap_) return lock_lost(outcome.holder, now);
      if (outcome.sight) others_ = outcome.sight->others;
      return blocked(outcome.holder, now);
    case Outcome::Kind::still_open:
    case Outcome::Kind::failed:
      if (!locked_) blocked_by_.clear();
      return unknown(outcome.text, now);
  }
}

void Drive::finish_join(const Outcome& outcome, Instant now) {
  registered_ = true;  // as above
  not_before_.reset();
  if (outcome.kind != Outcome::Kind::done) unknown(outcome.text, now);
}

void Drive::see_whether_open(const Outcome& outcome) {
  open_ = may_be_open_ = outcome.kind == Outcome::Kind::still_open;
  if (!lost_.empty()) refusal_.reset();  // it says something else now
  if (outcome.kind == Outcome::Kind::done) lost_.clear();
}

void Drive::finish_see_closed(const Outcome& outcome, Instant now) {
  see_whether_open(outcome);
  not_before_ = open_ ? std::optional(now + timing_.open_poll) : std::nullopt;
  if (!open_) watch_again(now, true);
}

void Drive::finish_release(const Outcome& outcome, Instant now) {
  if (outcome.kind == Outcome::Kind::done) {
    const bool released = locked_;
    lock_is_gone();
    registered_ = keeps_registration_;
    not_before_.reset();
    error_.clear();
    if (released && keeps_registration_ && outcome.sight) {
      Sight free = *outcome.sight;
      free.holder.clear();
      courtesy_.begin(free, now);
    }
    watch_again(now, true);
    return;
  }
  const bool still_open = outcome.kind == Outcome::Kind::still_open;
  not_before_ = now + (still_open ? timing_.open_poll : timing_.retry);
  if (!still_open) {
    error_ = outcome.text;
    unsure_ = locked_;
  }
  if (usable()) settle_requests(false, now);
}

}  // namespace shstore::reserve
