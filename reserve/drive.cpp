#include "reserve/drive.h"

#include <algorithm>

namespace shstore::reserve {

void Drive::request(Owner owner, JobId job, Instant now) {
  auto& request = requests_[owner] = Request{job, false, {}};
  if (hung_) {
    refuse(owner, request, *hung_, now);
  } else if (locked_ && !lost_ && under_way_ != Action::release) {
    grant(owner, request, now);
  } else if (refusal_ && now < refusal_until_) {
    refuse(owner, request, *refusal_, now);
  }
}

void Drive::request_verified(Owner owner, JobId job, Instant now) {
  auto& request = requests_[owner] = Request{job, true, {}};
  if (hung_) refuse(owner, request, *hung_, now);
}

std::optional<Answer> Drive::answer(Owner owner) {
  const auto found = requests_.find(owner);
  if (found == requests_.end() || !found->second.answer) return std::nullopt;
  auto answer = std::move(*found->second.answer);
  requests_.erase(found);
  return answer;
}

Answer Drive::give_up(Owner owner, const std::string& reason, Instant now) {
  const Refusal refusal{Refusal::Kind::error, {}, reason};
  if (under_way_ != Action::none) hung_ = refusal;
  refuse(owner, requests_[owner], refusal, now);
  return *answer(owner);
}

void Drive::stop_waiting(Owner owner) { waiting_.erase(owner); }

void Drive::end(Owner owner) {
  requests_.erase(owner);
  waiting_.erase(owner);
  claims_.erase(owner);
  if (claims_.empty()) {
    lost_ = false;
    not_before_.reset();
  }
}

bool Drive::pending() const {
  return std::any_of(requests_.begin(), requests_.end(), [](const auto& r) { return !r.second.answer; });
}

bool Drive::pending_verify() const {
  return std::any_of(requests_.begin(), requests_.end(), [](const auto& r) { return !r.second.answer && r.second.verify; });
}

Action Drive::choose(Instant now) const {
  if (!recovered_) return Action::recover;
  if (pending()) {
    // A claim whose lock is gone is never given a new one under its feet: what lies on the tape is unknown.
    if (locked_ || lost_) return pending_verify() || lost_ ? Action::verify : Action::take;
    return Action::take;
  }
  if (!claims_.empty() || (not_before_ && now < *not_before_)) return Action::none;
  if (locked_) return Action::release;
  if (registered_ && waiting_.empty()) return Action::unregister;
  return Action::none;
}

Action Drive::next_action(Instant now) {
  if (under_way_ != Action::none) return Action::none;
  under_way_ = choose(now);
  return under_way_;
}

std::optional<Instant> Drive::next_moment() const {
  const bool something_left = claims_.empty() && (locked_ || (registered_ && waiting_.empty()));
  return something_left ? not_before_ : std::nullopt;
}

void Drive::grant(Owner owner, Request& request, Instant now) {
  const bool news = claims_.find(owner) == claims_.end();
  if (news) claims_[owner] = {request.job, now};
  waiting_.erase(owner);
  request.answer = Answer{true, {}, news};
}

void Drive::refuse(Owner owner, Request& request, const Refusal& refusal, Instant now) {
  auto [entry, fresh] = waiting_.try_emplace(owner, Waiting{{request.job, now}, {}});
  const bool news = entry->second.told != refusal;
  entry->second.told = refusal;
  // A job that already uses the drive does not wait for it: its open was refused, and it will fail.
  if (claims_.contains(owner)) waiting_.erase(entry);
  request.answer = Answer{false, refusal, news};
}

void Drive::grant_all(Instant now) {
  for (auto& [owner, request] : requests_) {
    if (!request.answer) grant(owner, request, now);
  }
}

void Drive::refuse_all(const Refusal& refusal, Instant now) {
  refusal_ = refusal;
  refusal_until_ = now + timing_.refusal_memory;
  for (auto& [owner, request] : requests_) {
    if (!request.answer) refuse(owner, request, refusal, now);
  }
}

void Drive::lock_is_ours(Instant now) {
  if (!locked_) locked_since_ = now;
  locked_ = registered_ = true;
  refusal_.reset();
  blocked_by_.clear();
  error_.clear();
}

void Drive::finish(const Outcome& outcome, Instant now) {
  const Action action = under_way_;
  under_way_ = Action::none;
  hung_.reset();
  switch (action) {
    case Action::none: return;
    case Action::recover:
      recovered_ = true;
      // Whatever was found, taking the lock will say more; a failure here must not keep jobs from trying.
      if (outcome.kind == Outcome::Kind::failed) error_ = outcome.text;
      return;
    case Action::take: return finish_take(outcome, now);
    case Action::verify: return finish_verify(outcome, now);
    case Action::release:
    case Action::unregister: return finish_release(outcome, now);
  }
}

void Drive::finish_take(const Outcome& outcome, Instant now) {
  registered_ = true;  // also when it failed: unregistering once too often does no harm
  open_ = false;
  not_before_.reset();
  if (outcome.kind == Outcome::Kind::done) {
    lock_is_ours(now);
    grant_all(now);
  } else if (outcome.kind == Outcome::Kind::blocked) {
    blocked_by_ = outcome.holder;
    error_.clear();
    refuse_all({Refusal::Kind::held_by_other, outcome.holder, {}}, now);
  } else {
    error_ = outcome.text;
    blocked_by_.clear();
    refuse_all({Refusal::Kind::error, {}, outcome.text}, now);
  }
}

void Drive::finish_verify(const Outcome& outcome, Instant now) {
  if (outcome.kind == Outcome::Kind::done) {
    lost_ = false;
    lock_is_ours(now);
    grant_all(now);
    return;
  }
  if (outcome.kind == Outcome::Kind::failed) {
    error_ = outcome.text;
    refuse_all({Refusal::Kind::error, {}, outcome.text}, now);
    return;
  }
  locked_ = false;
  locked_since_.reset();
  lost_ = !claims_.empty();
  blocked_by_ = outcome.holder;
  const auto reason = outcome.kind == Outcome::Kind::blocked
                          ? "the lock was lost: " + outcome.holder + " has taken the drive"
                          : std::string("the lock was lost: somebody cleared it, or the drive was powered off");
  error_ = reason;
  refuse_all({Refusal::Kind::error, outcome.holder, reason}, now);
}

void Drive::finish_release(const Outcome& outcome, Instant now) {
  open_ = outcome.kind == Outcome::Kind::still_open;
  if (open_) {
    not_before_ = now + timing_.open_poll;
    return;
  }
  if (outcome.kind != Outcome::Kind::done) {
    error_ = outcome.text;
    not_before_ = now + timing_.retry;
    return;
  }
  locked_ = false;
  locked_since_.reset();
  registered_ = keep_registration();
  not_before_.reset();
  error_.clear();
}

DriveView Drive::view() const {
  DriveView v;
  v.registered = registered_;
  v.locked = locked_;
  v.kept_for_open_device = locked_ && claims_.empty() && open_;
  v.locked_since = locked_since_;
  v.blocked_by = blocked_by_;
  v.error = error_;
  for (const auto& [owner, job] : claims_) v.claims.push_back({job.id, job.since});
  for (const auto& [owner, w] : waiting_) v.waiting.push_back({w.job.id, w.job.since, w.told.value_or(Refusal{})});
  return v;
}

}  // namespace shstore::reserve
