#include "reserve/drive.h"

#include <algorithm>

#include "reserve/refusal.h"

namespace shstore::reserve {
namespace {

template <class... F>
struct Each : F... {
  using F::operator()...;
};
template <class... F>
Each(F...) -> Each<F...>;

}  // namespace

Drive::Drive(const Timing& timing, bool can_look) : timing_(timing), can_look_(can_look) {
  is_.watch.jitter = timing.seed;
  is_.turn.timing = timing.turn_order;
}

void Drive::request(JobContext owner, JobId job, Instant now) {
  auto& queue = is_.queue;
  auto& request = queue.requests[owner] = {job};
  if (const auto waiting = queue.waiting.find(owner); waiting != queue.waiting.end()) {
    waiting->second.not_before = {};
    waiting->second.called = false;
  }
  if (queue.hung) {
    refuse(owner, request, *queue.hung, now);
  } else if (usable()) {
    settle_requests(false, now);
  } else if (queue.known && now < queue.known->until) {
    refuse(owner, request, queue.known->refusal, now);
  }
}

void Drive::request_verified(JobContext owner, JobId job, Instant now, bool opens) {
  auto& request = is_.queue.requests[owner] = {job, true, opens, {}};
  if (is_.queue.hung) refuse(owner, request, *is_.queue.hung, now);
}

std::optional<Answer> Drive::answer(JobContext owner) {
  auto& requests = is_.queue.requests;
  const auto found = requests.find(owner);
  if (found == requests.end() || !found->second.answer) return std::nullopt;
  auto answer = std::move(*found->second.answer);
  requests.erase(found);
  return answer;
}

Answer Drive::give_up(JobContext owner, const std::string& reason, Instant now) {
  const Refusal refusal{Refusal::Kind::error, {}, reason};
  if (is_.under_way.action != Action::none) is_.queue.hung = refusal;
  refuse(owner, is_.queue.requests[owner], refusal, now);
  return *answer(owner);
}

void Drive::stop_waiting(JobContext owner, Instant now) {
  auto& queue = is_.queue;
  queue.waiting.erase(owner);
  if (queue.promised_to(owner)) {
    queue.promise.reset();
    if (usable()) promise(now);
  }
  if (queue.waiting.empty()) {
    is_.turn.stop();
    is_.watch.pause = {};
    if (auto* lock = away()) lock->cleared.reset();
  }
}

void Drive::called_elsewhere(JobContext owner, Instant until) {
  const auto found = is_.queue.waiting.find(owner);
  if (found != is_.queue.waiting.end() && !is_.queue.promised_to(owner))
    found->second.not_before = std::max(found->second.not_before, until);
}

void Drive::leave(JobContext owner, Instant) {
  auto& claims = is_.queue.claims;
  is_.queue.paused.erase(owner);
  if (claims.erase(owner) == 0 || !claims.empty()) return;
  is_.device.seen = Device::Seen::not_yet;
  nobody_wants_it_back();
  is_.not_before.reset();
}

void Drive::end(JobContext owner, Instant now) {
  is_.queue.requests.erase(owner);
  stop_waiting(owner, now);
  leave(owner, now);
}

void Drive::see_device(bool open, Instant now) {
  const auto seen = open ? Device::Seen::open : Device::Seen::closed;
  const bool changed = is_.device.seen != Device::Seen::not_yet && is_.device.seen != seen;
  is_.device.seen = seen;
  if (open) is_.device.not_closed();
  if (!open && !is_.device.closed_since) {
    is_.device.closed_since = Since{now};
    if (timing_.idle_release > Duration::zero()) is_.device.idle_at = now + timing_.idle_release;
  }
  if (!in_use()) return;
  auto& lock = *ours();
  lock.verify_at = changed ? now : std::min(lock.verify_at, open ? lock.verify_open_by : lock.verify_closed_by);
}

void Drive::prove_now(Instant now) {
  std::visit(Each{[](Away&) {}, [&](Ours& lock) { lock.verify_at = std::min(lock.verify_at, now); },
                  [&](Vanished& lock) { lock.retry_at = std::min(lock.retry_at, now); }},
             is_.lock);
}

void Drive::unproven(const std::string& reason, Instant now) {
  if (!is_.queue.claims.empty()) damaged({Damage::Kind::unproven, {}, reason}, JobNotice::Kind::unproven, now);
}

std::string Drive::lost_reason() const { return is_.damage ? damage_text(*is_.damage, false) : std::string(); }

bool Drive::registered() const {
  return std::visit(Each{[](const Ours&) { return true; }, [](const auto& lock) { return lock.registered; }}, is_.lock);
}

void Drive::register_key() {
  std::visit(Each{[](Ours&) {}, [](auto& lock) { lock.registered = true; }}, is_.lock);
}

bool Drive::usable() const {
  const auto* lock = ours();
  return lock && !lock->may_be_released && !is_.damage && is_.under_way.action != Action::release;
}

bool Drive::watching() const { return timing_.hand_off && !is_.queue.waiting.empty() && away() && !is_.damage; }

std::optional<HostKey> Drive::other_that_waits(Instant now) const {
  if (!timing_.hand_off) return std::nullopt;
  const auto awake = [&](const auto& key) { return is_.turn.is_awake(key, now); };
  const auto found = std::find_if(is_.others.begin(), is_.others.end(), awake);
  return found == is_.others.end() ? std::nullopt : std::optional(*found);
}

// To be told to jobs that come now.
Refusal Drive::damage_refusal(const std::string& holder) const {
  const bool only_device = is_.queue.claims.empty() && is_.device.state == Device::State::open;
  return {Refusal::Kind::error, holder, damage_text(*is_.damage, only_device)};
}

// The lock is ours; nothing if the job may use it with the others. A job that has a claim has it till its
// end.
std::optional<Refusal> Drive::may_join(JobContext owner, Instant now) const {
  const auto& queue = is_.queue;
  if (queue.claims.contains(owner)) return std::nullopt;
  if (auto unfit = unfit_refusal()) return unfit;
  if (auto stranger = beside_stranger()) return stranger;
  if (queue.promised_to(owner)) return std::nullopt;
  if (queue.promise && queue.claims.empty()) {
    return Refusal{Refusal::Kind::promised, {}, {}, queue.waiting.at(queue.promise->owner).job.id};
  }
  // Else jobs of ours could hold the drive for ever, each joining before the last one ends. Where the daemon
  // keeps the device open there is no end to wait for.
  const bool turn_is_over = now >= ours()->turn_ends && is_.device.state != Device::State::open;
  const auto next = turn_is_over ? other_that_waits(now) : std::nullopt;
  return next ? std::optional(Refusal{Refusal::Kind::yielding, *next, {}}) : std::nullopt;
}

std::optional<Refusal> Drive::unfit_refusal() const {
  return is_.unfit.empty() ? std::nullopt : std::optional(Refusal{Refusal::Kind::error, {}, is_.unfit});
}

// Of a drive whose lock is not ours the next attempt to take it says so.
void Drive::see_unfit(const std::string& why, Instant now) {
  const bool healed = !is_.unfit.empty() && why.empty();
  is_.unfit = ours() ? why : std::string();
  if (healed && usable()) call_others(now);
}

void Drive::grant(JobContext owner, Queue::Request& request, Instant now) {
  auto& queue = is_.queue;
  const bool news = !queue.claims.contains(owner);
  Answer answer{true, {}, news};
  if (const auto waiting = queue.waiting.find(owner); waiting != queue.waiting.end()) {
    answer.waited = std::chrono::duration_cast<Duration>(now - waiting->second.job.since.at);
    if (waiting->second.told) answer.waited_for = waiting->second.told->holder;
    queue.waiting.erase(waiting);
  }
  if (news) queue.claims[owner] = {request.job, {now}};
  if (queue.paused.erase(owner) != 0) resume();
  if (news && queue.claims.size() == 1) is_.device.not_closed();
  if (is_.device.state == Device::State::closed) is_.device.state = Device::State::may_be_open;
  queue.promise.reset();
  request.answer = std::move(answer);
  if (news) call_others(now);
}

void Drive::refuse(JobContext owner, Queue::Request& request, const Refusal& refusal, Instant now) {
  auto& queue = is_.queue;
  auto [entry, fresh] = queue.waiting.try_emplace(owner, Queue::Waiting{{request.job, {now}}, {}});
  const bool news = entry->second.told != refusal;
  entry->second.told = refusal;
  // A job that already uses the drive does not wait for it: its open was refused, and it will fail.
  const bool uses = queue.claims.contains(owner) || (request.verify && queue.paused.contains(owner));
  if (uses) queue.waiting.erase(entry);
  request.answer = Answer{false, refusal, news};
}

void Drive::refuse_all(const Refusal& refusal, Instant now) {
  auto& queue = is_.queue;
  for (auto& [owner, request] : queue.requests) {
    if (!request.answer) refuse(owner, request, refusal, now);
  }
  queue.known = {refusal, now + timing_.refusal_memory};
  if (watching()) queue.known->until = std::max(queue.known->until, is_.watch.at);
}

// The lock is ours; `proven`: just now, so that those who asked for that have their answer as well.
void Drive::settle_requests(bool proven, Instant now) {
  for (auto& [owner, request] : is_.queue.requests) {
    if (request.answer || (request.verify && !proven)) continue;
    const auto refusal = !request.verify ? may_join(owner, now) : request.opens ? unfit_refusal() : std::nullopt;
    if (refusal)
      refuse(owner, request, *refusal, now);
    else
      grant(owner, request, now);
  }
}

void Drive::call(JobContext owner, Queue::Waiting& waiting) {
  waiting.called = true;
  is_.notices.push_back({JobNotice::Kind::come, owner, waiting.job.id});
}

void Drive::call_others(Instant now) {
  for (auto& [owner, w] : is_.queue.waiting) {
    if (!w.called && !is_.queue.requests.contains(owner) && !may_join(owner, now)) call(owner, w);
  }
}

void Drive::promise(Instant now) {
  auto& queue = is_.queue;
  queue.promise.reset();
  const auto longest = queue.longest_waiting(now);
  if (longest == queue.waiting.end() || is_.opened.by_stranger() || !is_.unfit.empty()) return;
  queue.promise = {longest->first, now + timing_.promise, now + timing_.call_again};
  call(longest->first, longest->second);
}

void Drive::keep_promise(Instant now) {
  auto& queue = is_.queue;
  if (!ours() || !queue.claims.empty() || !is_.unfit.empty()) queue.promise.reset();
  if (queue.promise && now >= queue.promise->until) {
    queue.waiting.at(queue.promise->owner).not_before = Queue::kUntilItAsks;
    promise(now);
  }
  if (queue.promise && now >= queue.promise->call_at) {
    queue.promise->call_at = now + timing_.call_again;
    call(queue.promise->owner, queue.waiting.at(queue.promise->owner));
  }
  // The last claim has ended, and only jobs of ours wait.
  if (!queue.promise && usable() && queue.claims.empty() && !queue.pending() && timing_.hand_off &&
      !other_that_waits(now))
    promise(now);
}

// The lock has just become ours. Whoever has waited longest goes first, here or on the way.
void Drive::admit_after_take(Instant now) {
  auto& queue = is_.queue;
  const auto longest = queue.longest_waiting(now);
  const bool is_here = longest == queue.waiting.end() || queue.requests.contains(longest->first);
  if (queue.claims.empty() && timing_.hand_off && !is_here) promise(now);
  settle_requests(true, now);
}

// ---- what to do

Action Drive::next_action(Instant now) {
  if (is_.under_way.action != Action::none) return Action::none;
  keep_promise(now);
  // Nobody wants any more what was looked for.
  const bool wanted = is_.queue.pending() || !is_.queue.waiting.empty();
  if (auto* lock = away(); lock && !wanted && !(lock->next == Action::take && wanted_for_open(now)))
    lock->next = Action::none;
  if (auto& opened = is_.opened; !opened.open() && now >= opened.keep_until) {
    opened.since.reset();
    // What went wrong was about a device that is closed now.
    if (opened.keep_until != Instant{} && away() && is_.queue.empty() &&
        std::holds_alternative<Recovered>(is_.recovery))
      is_.error.clear();
    opened.keep_until = {};
  }
  if (is_.opened.in_turn && (ours() || !wanted_for_open(now))) {
    is_.opened.in_turn = false;
    if (!wanted) is_.turn.stop();
  }
  if (is_.queue.known && now >= is_.queue.known->until) is_.queue.known.reset();
  const auto action = choose(now);
  is_.under_way = {action, action == Action::release && keep_registration(), false};
  std::visit(
      Each{[](Away& lock) { lock.next = Action::none; }, [](Ours&) {}, [](Vanished& lock) { lock.take = false; }},
      is_.lock);
  return is_.under_way.action;
}

Action Drive::choose(Instant now) const {
  if (std::holds_alternative<Unrecovered>(is_.recovery)) return Action::recover;
  return std::visit([&](const auto& lock) { return choose_in(lock, now); }, is_.lock);
}

Action Drive::choose_in(const Away& lock, Instant now) const {
  const auto& queue = is_.queue;
  if (needed_again()) return Action::take;
  if (lock.next != Action::none) return lock.next;
  if (queue.pending()) return prove();
  if (watching()) {
    const auto eligible = queue.first_eligible();
    if (eligible && now >= *eligible && now >= is_.watch.at) return prove();
  }
  const auto* again = std::get_if<RecoverAgain>(&is_.recovery);
  if (again && !is_.damage && queue.empty() && now >= again->at) return Action::recover;
  if (!queue.claims.empty()) return Action::none;
  if (wanted_for_open(now) && now >= is_.opened.look_at) return prove();
  if (too_early(now)) return Action::none;
  if (lock.registered && queue.waiting.empty()) return Action::unregister;
  return is_.damage ? Action::see_closed : Action::none;
}

Action Drive::choose_in(const Ours& lock, Instant now) const {
  const auto& queue = is_.queue;
  const bool known = !lock.may_be_released && !is_.damage && !queue.pending_verify();
  if (queue.pending() && !known) return prove();
  if (queue.claims.empty() && !queue.promise && !too_early(now) && !kept_for_open(now)) return Action::release;
  if (const auto at = pause_at(); at && now >= *at) return Action::release;
  return now >= lock.verify_at ? prove() : Action::none;
}

Action Drive::choose_in(const Vanished& lock, Instant now) const {
  if (lock.take) return Action::take;
  if (is_.queue.pending()) return prove();
  return now >= lock.retry_at ? Action::take : Action::none;
}

std::optional<Instant> Drive::next_moment() const {
  const auto& queue = is_.queue;
  std::optional<Instant> next;
  const auto at = [&](const std::optional<Instant>& moment) {
    if (moment && (!next || *moment < *next)) next = moment;
  };
  if (queue.promise) at(std::min(queue.promise->until, queue.promise->call_at));
  std::visit(Each{[](const Away&) {}, [&](const Ours& lock) { at(lock.verify_at); },
                  [&](const Vanished& lock) { at(lock.retry_at); }},
             is_.lock);
  if (watching()) {
    if (const auto eligible = queue.first_eligible()) at(std::max(*eligible, is_.watch.at));
  }
  at(pause_at());
  const auto* again = std::get_if<RecoverAgain>(&is_.recovery);
  if (again && away() && !is_.damage && queue.empty()) at(again->at);
  const auto& opened = is_.opened;
  const bool unclaimed = queue.claims.empty();
  if (away() && unclaimed && !is_.damage && (opened.open() || opened.look_at < opened.keep_until)) at(opened.look_at);
  const bool something_left =
      unclaimed && !queue.promise && (ours() || is_.damage || (registered() && queue.waiting.empty()));
  const bool kept = ours() && opened.keep_until != Instant{};
  if (something_left && !kept) at(is_.not_before);
  if (something_left && kept && !opened.by_stranger())
    at(std::max(opened.keep_until, is_.not_before.value_or(opened.keep_until)));
  return next;
}

DriveView Drive::view() const {
  DriveView v;
  v.registered = registered();
  v.locked = ours() != nullptr;
  v.lost = is_.damage || vanished();
  v.kept_for_open_device = ours() && is_.queue.claims.empty() && is_.device.state == Device::State::open;
  if (const auto* lock = ours()) v.locked_since = lock->since.at;
  if (is_.opened.since && is_.queue.claims.empty()) {
    v.opened_by = is_.opened.open() ? is_.opened.who() : std::string("a program that has closed it again");
    v.opened_since = is_.opened.since->at;
  }
  if (in_use() && is_.device.closed_since) v.unused_since = is_.device.closed_since->at;
  if (is_.queue.promise) v.promised_to = is_.queue.waiting.at(is_.queue.promise->owner).job.id;
  if (const auto* lock = away()) {
    v.yielding_to = lock->turn_of.value_or("");
    v.blocked_by = lock->holder.value_or("");
  }
  v.error = is_.error.empty() && ours() ? is_.unfit : is_.error;
  v.others = is_.others;
  for (const auto& [owner, job] : is_.queue.claims) v.claims.push_back({job.id, job.since.at, owner});
  for (const auto& [owner, job] : is_.queue.paused) v.paused.push_back({job.id, job.since.at, owner});
  for (const auto& [owner, w] : is_.queue.waiting)
    v.waiting.push_back({w.job.id, w.job.since.at, w.told.value_or(Refusal{}), owner});
  return v;
}

}  // namespace shstore::reserve
