#include "reserve/drive.h"

#include <algorithm>

namespace shstore::reserve {
namespace {

constexpr auto kUntilItAsks = Instant::max();
constexpr const char* kStillOpen =
    "; the device is still open in this daemon: unmount it in bconsole and mount it again, or restart bacula-sd";

}  // namespace

Drive::Drive(const Timing& timing, bool can_look)
    : timing_(timing), can_look_(can_look), jitter_(timing.seed), courtesy_(timing.courtesy) {}

void Drive::request(Owner owner, JobId job, Instant now) {
  auto& request = requests_[owner] = Request{job, false, {}};
  if (const auto waiting = waiting_.find(owner); waiting != waiting_.end()) {
    waiting->second.not_before = {};
    waiting->second.called = false;
  }
  if (hung_) {
    refuse(owner, request, *hung_, now);
  } else if (usable()) {
    settle_requests(false, now);
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

void Drive::stop_waiting(Owner owner, Instant now) {
  waiting_.erase(owner);
  if (promise_ && promise_->owner == owner) {
    promise_.reset();
    if (usable()) promise(now);
  }
  if (waiting_.empty()) {
    courtesy_.stop();
    watch_pause_ = {};
    hold_off_until_.reset();
  }
}

void Drive::called_elsewhere(Owner owner, Instant until) {
  const auto found = waiting_.find(owner);
  const bool promised_here = promise_ && promise_->owner == owner;
  if (found != waiting_.end() && !promised_here)
    found->second.not_before = std::max(found->second.not_before, until);
}

void Drive::leave(Owner owner, Instant) {
  if (claims_.erase(owner) == 0 || !claims_.empty()) return;
  device_open_.reset();
  leave_gap();
  not_before_.reset();
}

void Drive::end(Owner owner, Instant now) {
  requests_.erase(owner);
  stop_waiting(owner, now);
  leave(owner, now);
}

void Drive::see_device(bool open, Instant now) {
  const bool changed = device_open_ && *device_open_ != open;
  device_open_ = open;
  if (in_use()) verify_at_ = changed ? now : std::min(verify_at_, proven_ + verify_pause());
}

void Drive::prove_now(Instant now) {
  if (gap_) gap_->retry_at = std::min(gap_->retry_at, now);
  verify_at_ = std::min(verify_at_, now);
}

void Drive::unproven(const std::string& reason, Instant now) {
  if (claims_.empty() || !lost_.empty()) return;
  lost_ = "its lock could not be proven when the Volume was to be changed: " + reason;
  tell_claims(News::Kind::unproven, reason, gap_ ? gap_->since : proven_, now);
}

// A program of the site's own is not started every second.
Duration Drive::verify_pause() const {
  const bool closed = device_open_ && !*device_open_;
  return closed && can_look_ ? timing_.verify_closed : timing_.verify;
}

bool Drive::pending() const {
  return std::any_of(requests_.begin(), requests_.end(), [](const auto& r) { return !r.second.answer; });
}

bool Drive::pending_verify() const {
  return std::any_of(requests_.begin(), requests_.end(),
                     [](const auto& r) { return !r.second.answer && r.second.verify; });
}

bool Drive::usable() const {
  return locked_ && !unsure_ && lost_.empty() && !gap_ && under_way_ != Action::release;
}

std::optional<std::string> Drive::other_that_waits(Instant now) const {
  if (!timing_.hand_off) return std::nullopt;
  const auto awake = [&](const auto& key) { return courtesy_.is_awake(key, now); };
  const auto found = std::find_if(others_.begin(), others_.end(), awake);
  return found == others_.end() ? std::nullopt : std::optional(*found);
}

// To be told to jobs that come now.
Refusal Drive::lost_refusal(const std::string& holder) const {
  const bool only_open = claims_.empty() && open_;
  return {Refusal::Kind::error, holder, only_open ? lost_ + kStillOpen : lost_};
}

// The lock is ours; nothing if the job may use it with the others. A job that has a claim has it till its
// end.
std::optional<Refusal> Drive::may_join(Owner owner, Instant now) const {
  if (claims_.contains(owner) || (promise_ && promise_->owner == owner)) return std::nullopt;
  if (promise_ && claims_.empty()) {
    return Refusal{Refusal::Kind::promised, {}, std::to_string(waiting_.at(promise_->owner).job.id)};
  }
  // Else jobs of ours could hold the drive for ever, each joining before the last one ends. Where the daemon
  // keeps the device open there is no end to wait for.
  const bool turn_is_over = locked_since_ && now - *locked_since_ >= timing_.turn && !open_;
  const auto next = turn_is_over ? other_that_waits(now) : std::nullopt;
  return next ? std::optional(Refusal{Refusal::Kind::yielding, *next, {}}) : std::nullopt;
}

void Drive::grant(Owner owner, Request& request, Instant now) {
  const bool news = !claims_.contains(owner);
  Answer answer{true, {}, news};
  if (const auto waiting = waiting_.find(owner); waiting != waiting_.end()) {
    answer.waited = std::chrono::duration_cast<Duration>(now - waiting->second.job.since);
    if (waiting->second.told) answer.waited_for = waiting->second.told->holder;
    waiting_.erase(waiting);
  }
  if (news) claims_[owner] = {request.job, now};
  may_be_open_ = true;
  promise_.reset();
  request.answer = std::move(answer);
  if (news) call_others(now);
}

void Drive::refuse(Owner owner, Request& request, const Refusal& refusal, Instant now) {
  auto [entry, fresh] = waiting_.try_emplace(owner, Waiting{{request.job, now}, {}});
  const bool news = entry->second.told != refusal;
  entry->second.told = refusal;
  // A job that already uses the drive does not wait for it: its open was refused, and it will fail.
  if (claims_.contains(owner)) waiting_.erase(entry);
  request.answer = Answer{false, refusal, news};
}

void Drive::refuse_all(const Refusal& refusal, Instant now) {
  for (auto& [owner, request] : requests_) {
    if (!request.answer) refuse(owner, request, refusal, now);
  }
  refusal_ = refusal;
  refusal_until_ = now + timing_.refusal_memory;
  if (watching()) refusal_until_ = std::max(refusal_until_, watch_at_);
}

// The lock is ours; `proven`: just now, so that those who asked for that have their answer as well.
void Drive::settle_requests(bool proven, Instant now) {
  for (auto& [owner, request] : requests_) {
    if (request.answer || (request.verify && !proven)) continue;
    const auto refusal = request.verify ? std::nullopt : may_join(owner, now);
    if (refusal)
      refuse(owner, request, *refusal, now);
    else
      grant(owner, request, now);
  }
}

// Those for whom a lock may be taken now.
std::map<Owner, Drive::Waiting>::iterator Drive::longest_waiting(Instant now) {
  auto longest = waiting_.end();
  for (auto w = waiting_.begin(); w != waiting_.end(); ++w) {
    if (w->second.not_before > now) continue;
    if (longest == waiting_.end() || w->second.job.since < longest->second.job.since) longest = w;
  }
  return longest;
}

std::optional<Instant> Drive::first_eligible() const {
  std::optional<Instant> first;
  for (const auto& [owner, w] : waiting_) {
    if (w.not_before != kUntilItAsks && (!first || w.not_before < *first)) first = w.not_before;
  }
  return first;
}

void Drive::call(Owner owner, Waiting& waiting) {
  waiting.called = true;
  news_.push_back({News::Kind::come, owner, waiting.job.id});
}

void Drive::call_others(Instant now) {
  for (auto& [owner, w] : waiting_) {
    if (!w.called && !requests_.contains(owner) && !may_join(owner, now)) call(owner, w);
  }
}

void Drive::promise(Instant now) {
  promise_.reset();
  const auto longest = longest_waiting(now);
  if (longest == waiting_.end()) return;
  promise_ = Promise{longest->first, now + timing_.promise, now + timing_.call_again};
  call(longest->first, longest->second);
}

void Drive::keep_promise(Instant now) {
  if (!locked_ || !claims_.empty()) promise_.reset();
  if (promise_ && now >= promise_->until) {
    waiting_.at(promise_->owner).not_before = kUntilItAsks;
    promise(now);
  }
  if (promise_ && now >= promise_->call_at) {
    promise_->call_at = now + timing_.call_again;
    call(promise_->owner, waiting_.at(promise_->owner));
  }
  // The last claim has ended, and only jobs of ours wait.
  if (!promise_ && usable() && claims_.empty() && !pending() && timing_.hand_off && !other_that_waits(now))
    promise(now);
}

// The lock has just become ours. Whoever has waited longest goes first, here or on the way.
void Drive::admit_after_take(Instant now) {
  const auto longest = longest_waiting(now);
  const bool is_here = longest == waiting_.end() || requests_.contains(longest->first);
  if (claims_.empty() && timing_.hand_off && !is_here) promise(now);
  settle_requests(true, now);
}

Action Drive::choose_for_requests() const {
  if (locked_ && !unsure_ && lost_.empty() && !pending_verify()) return Action::none;
  return can_look_ ? Action::look : Action::take;
}

Action Drive::choose(Instant now) const {
  if (!recovered_) return Action::recover;
  if (follow_ != Action::none) return follow_;
  if (pending()) {
    if (const auto action = choose_for_requests(); action != Action::none) return action;
  }
  if (gap_) return now >= gap_->retry_at ? Action::take : Action::none;
  const bool too_early = not_before_ && now < *not_before_;
  if (locked_) {
    const bool needed = !claims_.empty() || promise_ || too_early;
    if (!needed) return Action::release;
    if (now >= verify_at_) return can_look_ ? Action::look : Action::take;
    return Action::none;
  }
  if (watching()) {
    const auto eligible = first_eligible();
    if (eligible && now >= *eligible && now >= watch_at_) return can_look_ ? Action::look : Action::take;
  }
  if (recover_at_ && unused() && now >= *recover_at_) return Action::recover;
  const bool leave = registered_ && waiting_.empty() && claims_.empty() && !too_early;
  if (leave) return Action::unregister;
  const bool is_to_close = !lost_.empty() && claims_.empty() && !too_early;
  return is_to_close ? Action::see_closed : Action::none;
}

Action Drive::next_action(Instant now) {
  if (under_way_ != Action::none) return Action::none;
  keep_promise(now);
  // Nobody wants any more what was looked for.
  if (follow_ != Action::none && !gap_ && !pending() && waiting_.empty()) follow_ = Action::none;
  under_way_ = choose(now);
  follow_ = Action::none;
  keeps_registration_ = keep_registration();
  return under_way_;
}

std::optional<Instant> Drive::next_moment() const {
  std::optional<Instant> next;
  const auto at = [&](const std::optional<Instant>& moment) {
    if (moment && (!next || *moment < *next)) next = moment;
  };
  if (promise_) at(std::min(promise_->until, promise_->call_at));
  if (gap_)
    at(gap_->retry_at);
  else if (locked_)
    at(verify_at_);
  if (watching()) {
    if (const auto eligible = first_eligible()) at(std::max(*eligible, watch_at_));
  }
  if (unused()) at(recover_at_);
  const bool something_left =
      claims_.empty() && !promise_ && (locked_ || !lost_.empty() || (registered_ && waiting_.empty()));
  if (something_left) at(not_before_);
  return next;
}

DriveView Drive::view() const {
  DriveView v;
  v.registered = registered_;
  v.locked = locked_;
  v.lost = !lost_.empty() || gap_;
  v.kept_for_open_device = locked_ && claims_.empty() && open_;
  v.locked_since = locked_since_;
  if (promise_) v.promised_to = waiting_.at(promise_->owner).job.id;
  v.yielding_to = yielding_to_;
  v.blocked_by = blocked_by_;
  v.error = error_;
  v.others = others_;
  for (const auto& [owner, job] : claims_) v.claims.push_back({job.id, job.since});
  for (const auto& [owner, w] : waiting_)
    v.waiting.push_back({w.job.id, w.job.since, w.told.value_or(Refusal{})});
  return v;
}

}  // namespace shstore::reserve
