#include "model.h"

#include <algorithm>

namespace shstore::reserve {

std::string key_of(int host) {
  return "0x" + std::to_string(host + 1);
}

Sight ModelDrive::sight(int host) const {
  Sight s;
  if (holder_ != kNobody) s.holder = key_of(holder_);
  s.ours = holder_ == host;
  s.registered = keys_.contains(host);
  for (const int key : keys_) {
    if (key != host) s.others.push_back(key_of(key));
  }
  s.generation = generation_;
  s.counts_unregistering = counts_unregistering_;
  return s;
}

void ModelDrive::held_by(int host) {
  holder_ = host;
  for (int other = -2; other < 64; ++other) {
    if (other != host) others_held_.insert(other);
  }
}

bool ModelDrive::register_key(int host) {
  if (!keys_.insert(host).second) return false;
  ++generation_;
  return true;
}

bool ModelDrive::reserve(int host) {
  if (holder_ == kNobody) held_by(host);
  return holder_ == host;
}

void ModelDrive::release(int host) {
  if (holder_ == host) holder_ = kNobody;
}

void ModelDrive::unregister(int host) {
  release(host);
  if (keys_.erase(host) != 0 && counts_unregistering_) ++generation_;
}

void ModelDrive::clear() {
  keys_.clear();
  holder_ = kNobody;
  ++generation_;
}

void ModelDrive::preempt(int by, int victim) {
  keys_.erase(victim);
  if (holder_ == victim) held_by(by);
  ++generation_;
}

void ModelDrive::power_cycle() {
  keys_.clear();
  holder_ = kNobody;
  generation_ = 0;
  for (int host = 0; host < 64; ++host) reset_untold_.insert(host);
}

void ModelDrive::append(std::string& fingerprint) const {
  fingerprint += 'D' + std::to_string(holder_) + ':';
  for (const int key : keys_) fingerprint += std::to_string(key);
  fingerprint += '/';
  for (const int host : others_held_) {
    if (host < 4) fingerprint += std::to_string(host);
  }
  fingerprint += '/';
  for (const int host : reset_untold_) {
    if (host < 4) fingerprint += std::to_string(host);
  }
}

namespace {

Outcome performed(ModelDrive& drive, int host, Action action, bool keep_registration, bool device_open) {
  Outcome outcome;
  switch (action) {
    case Action::none:
      return outcome;
    case Action::see_closed:
      return {device_open ? Outcome::Kind::still_open : Outcome::Kind::done, {}, {}, {}};
    case Action::look:
      outcome.sight = drive.sight(host);
      break;
    case Action::join:
      drive.register_key(host);
      break;
    case Action::take:
      drive.register_key(host);
      if (!drive.reserve(host))
        return {Outcome::Kind::blocked, drive.sight(host).holder, {}, drive.sight(host)};
      outcome.sight = drive.sight(host);
      break;
    case Action::release:
      if (device_open) return {Outcome::Kind::still_open, {}, {}, {}};
      outcome.sight = drive.sight(host);
      drive.release(host);
      if (!keep_registration) drive.unregister(host);
      break;
    case Action::recover:
    case Action::unregister:
      drive.unregister(host);
      break;
  }
  return outcome;
}

}  // namespace

Outcome perform(ModelDrive& drive, int host, Action action, bool keep_registration, bool device_open) {
  auto outcome = performed(drive, host, action, keep_registration, device_open);
  if (outcome.sight) outcome.sight->was_reset = drive.take_reset(host);
  return outcome;
}

namespace {

// Milliseconds from now, with everything that is over alike.
std::string ahead(Instant moment, Instant now) {
  if (moment == Instant::max()) return "never,";
  return moment <= now ? "-,"
                       : std::to_string(std::chrono::duration_cast<Duration>(moment - now).count()) + ',';
}
std::string ahead(const std::optional<Instant>& moment, Instant now) {
  return moment ? ahead(*moment, now) : "x,";
}
std::string past(Instant moment, Instant now, Duration limit) {
  return std::to_string(
             std::chrono::duration_cast<Duration>(std::min<Instant::duration>(now - moment, limit)).count()) +
         ',';
}

}  // namespace

void EngineProbe::append(std::string& f, const Drive& d, Instant now, uint32_t generation) {
  const auto flag = [&](bool value) { f += value ? '1' : '0'; };
  const auto number = [&](auto n) { f += std::to_string(n) + ','; };
  const auto trace = [&](const Trace& t) {
    number(std::min<uint32_t>(generation - t.generation, 4));
    flag(t.registered), flag(t.others);
  };
  f += 'E';
  number(static_cast<int>(d.under_way_)), number(static_cast<int>(d.follow_));
  for (const bool value :
       {d.recovered_, d.registered_, d.keeps_registration_, d.locked_, d.unsure_, d.open_, d.may_be_open_, d.gap_.has_value()})
    flag(value);
  f += d.lost_.substr(0, 12) + ';';
  if (d.gap_)
    trace(d.gap_->before), trace(d.gap_->found), flag(d.gap_->reset), f += ahead(d.gap_->retry_at, now);
  if (d.locked_since_) f += past(*d.locked_since_, now, d.timing_.turn);
  if (d.locked_) trace(d.trace_), f += ahead(d.verify_at_, now);
  if (d.watching()) f += ahead(d.watch_at_, now), number(d.watch_pause_.count());
  f += ahead(d.recover_at_, now) + std::to_string(d.recover_pause_.count());
  f += ahead(d.hold_off_until_, now) + ahead(d.not_before_, now);
  if (d.refusal_ && d.refusal_until_ > now) {
    number(static_cast<int>(d.refusal_->kind));
    f += d.refusal_->holder + ahead(d.refusal_until_, now);
  }
  flag(d.hung_.has_value());
  if (d.promise_)
    number(d.promise_->owner), f += ahead(d.promise_->until, now) + ahead(d.promise_->call_at, now);
  f += 'C';
  for (const auto& key : d.courtesy_.ahead_) f += key + ',';
  f += ahead(d.courtesy_.until_, now);
  for (const auto& [key, missed] : d.courtesy_.missed_) {
    f += key;
    number(std::min(missed.times, 2));
    f += past(missed.last, now, d.timing_.courtesy.memory);
  }
  for (const auto& key : d.others_) f += key + ',';
  f += d.blocked_by_ + ';';
  for (const auto& [owner, job] : d.claims_) number(owner);
  f += 'W';
  std::vector<std::pair<Instant, Owner>> order;
  for (const auto& [owner, w] : d.waiting_) order.emplace_back(w.job.since, owner);
  std::sort(order.begin(), order.end());
  for (const auto& [since, owner] : order) {
    const auto& w = d.waiting_.at(owner);
    number(owner), flag(w.called), f += ahead(w.not_before, now);
  }
  f += 'R';
  for (const auto& [owner, r] : d.requests_) number(owner), flag(r.verify), flag(r.answer.has_value());
}

}  // namespace shstore::reserve
