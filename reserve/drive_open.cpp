// A device that is open although no job asked for it: the lock is taken for it where the drive is free, kept while it is open and
// for a moment after, and asked for by nothing more than a look where another host has the drive. And one that is closed for long
// although jobs have it.
#include <algorithm>

#include "reserve/drive.h"
#include "reserve/refusal.h"

namespace shstore::reserve {

std::string Opened::who() const {
  if (!use.other.empty()) return use.other;
  if (use.daemon) return "this daemon";
  return use.known ? std::string() : std::string("another program, perhaps");
}

void Drive::see_use(const DeviceUse& use, Instant now) {
  auto& opened = is_.opened;
  const bool was_open = opened.open();
  const bool claimed = !is_.queue.claims.empty();
  const bool anew = use.touched && !claimed;
  opened.use = use;
  opened.use.touched = false;
  if (!claimed && (use.touched || (!opened.of_job && (was_open || opened.open()))))
    opened.keep_until = now + timing_.open_grace;
  // It was open, and is no more, while another host had the drive, or whoever opened it the lock: nothing to take it for.
  if (!opened.open() && away() && (away()->holder || opened.guarded)) opened.keep_until = {};
  if (!opened.open()) opened.guarded = false;
  opened.of_job = use.daemon && (claimed || (opened.of_job && !anew));
  // Seen at its descriptor before its event came, or by the event alone.
  if (!was_open && (anew || opened.open())) opened.look_at = now;
  const bool unclaimed = opened.by_stranger() || (!opened.of_job && use.daemon) || anew;
  if (unclaimed && !opened.since) opened.since = Since{now};
  see_device(use.daemon, now);
  if (ours() && use.daemon && is_.device.state == Device::State::closed) is_.device.state = Device::State::may_be_open;
  see_paused();
  const bool jobs = claimed || paused();
  if (jobs && use.daemon && is_.under_way.action == Action::release) is_.under_way.opened = true;
  // It was waited for, or may be given back now.
  if (was_open != opened.open()) is_.not_before.reset();
}

void Drive::touch_device(Instant now) {
  if (is_.not_before && is_.under_way.action == Action::none) is_.not_before = now;
}

bool Drive::wanted_for_open(Instant now) const {
  if (std::holds_alternative<Unrecovered>(is_.recovery)) return false;
  return is_.queue.claims.empty() && !is_.damage && (is_.opened.open() || now < is_.opened.keep_until);
}

// And no job waits, either.
bool Drive::only_for_open(Instant now) const {
  return wanted_for_open(now) && !is_.queue.pending() && is_.queue.waiting.empty();
}

bool Drive::kept_for_open(Instant now) const { return is_.opened.by_stranger() || now < is_.opened.keep_until; }

// bacula-sd believes what it has read of the label and where it thinks that the tape stands.
void Drive::see_other_holder(const HostKey& holder, Instant now) {
  auto& opened = is_.opened;
  if (is_.damage || !away() || !opened.use.daemon || !is_.queue.claims.empty()) return;
  is_.device.state = Device::State::open;
  if (paused()) return not_retaken({Damage::Kind::foreign, holder}, now);
  is_.damage = Damage{Damage::Kind::foreign, holder};
}

// ---- closed under its jobs, which wait for a Volume

// From when on the lock may be given back under the jobs that have it; nothing: not as things are.
std::optional<Instant> Drive::pause_at() const {
  const auto& device = is_.device;
  const auto& queue = is_.queue;
  const auto* lock = ours();
  if (timing_.idle_release == Duration::zero() || !can_look_ || !lock || lock->may_be_released || is_.damage) return {};
  if (queue.claims.empty() || queue.pending() || is_.opened.open() || !device.idle_at) return {};
  return std::max(*device.idle_at, is_.not_before.value_or(*device.idle_at));
}

// The lock has just been given back.
void Drive::pause() {
  auto& queue = is_.queue;
  if (queue.claims.empty()) return;
  queue.paused.merge(queue.claims);
  queue.claims.clear();
  is_.device.seen = Device::Seen::not_yet;
  is_.device.not_closed();
}

void Drive::resume() {
  auto& queue = is_.queue;
  queue.claims.merge(queue.paused);
  queue.paused.clear();
  is_.opened.of_job = is_.opened.use.daemon;
  is_.opened.keep_until = {};
  is_.opened.since.reset();
  is_.device.not_closed();
  if (is_.device.state == Device::State::closed) is_.device.state = Device::State::may_be_open;
}

// The lock is ours, and the device open: they go on.
void Drive::see_paused() {
  if (paused() && is_.opened.use.daemon && usable()) resume();
}

// Before the daemon writes anything: it reads the label first.
bool Drive::needed_again() const { return paused() && is_.opened.use.daemon && !is_.damage; }

void Drive::not_retaken(const Damage& damage, Instant now) {
  resume();
  is_.device.state = Device::State::open;
  is_.damage = damage;
  tell_claims(JobNotice::Kind::not_retaken, damage, {}, now);
}

std::optional<Refusal> Drive::beside_stranger() const {
  const auto& opened = is_.opened;
  if (!opened.by_stranger()) return std::nullopt;
  return Refusal{Refusal::Kind::error,
                 {},
                 opened.use.other.empty() ? std::string("whether another program of this host has it open is not known")
                                          : opened.use.other + " has it open on this host"};
}

}  // namespace shstore::reserve
