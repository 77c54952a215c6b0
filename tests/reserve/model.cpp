#include "model.h"

namespace shstore::reserve {

std::string key_of(int host) { return "0x" + std::to_string(host + 1); }

LockReading ModelDrive::reading(int host) const {
  LockReading s;
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
  others_held_ |= ~Hosts().set(bit(host));
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
  reset_untold_.set();
}

bool ModelDrive::take_reset(int host) {
  const bool told = reset_untold_.test(bit(host));
  reset_untold_.reset(bit(host));
  return told;
}

namespace {

Outcome performed(ModelDrive& drive, int host, Action action, bool keep_registration, bool device_open) {
  Outcome outcome;
  switch (action) {
    case Action::none: return outcome;
    case Action::see_closed: return {device_open ? Outcome::Kind::still_open : Outcome::Kind::done, {}, {}, {}};
    case Action::look: outcome.reading = drive.reading(host); break;
    case Action::join: drive.register_key(host); break;
    case Action::take:
      drive.register_key(host);
      if (!drive.reserve(host)) return {Outcome::Kind::blocked, drive.reading(host).holder, {}, drive.reading(host)};
      outcome.reading = drive.reading(host);
      break;
    case Action::release:
      if (device_open) return {Outcome::Kind::still_open, {}, {}, {}};
      outcome.reading = drive.reading(host);
      drive.release(host);
      if (!keep_registration) drive.unregister(host);
      break;
    case Action::recover:
    case Action::unregister: drive.unregister(host); break;
  }
  return outcome;
}

}  // namespace

Outcome perform(ModelDrive& drive, int host, Action action, bool keep_registration, bool device_open) {
  auto outcome = performed(drive, host, action, keep_registration, device_open);
  if (outcome.reading) outcome.reading->was_reset = drive.take_reset(host);
  return outcome;
}

}  // namespace shstore::reserve
