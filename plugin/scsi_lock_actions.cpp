// What the lock port does on the nexus that it has found: looking, taking, waiting, giving back.
#include <algorithm>
#include <utility>

#include "plugin/lock_outcome.h"
#include "plugin/scsi_lock_port.h"

namespace shstore::plugin {
namespace {

using reserve::Action;
using reserve::Outcome;
using reserve::LockReading;
using scsi::Result;

bool exclusive(const scsi::LockState& state, scsi::ReservationKey key) {
  return state.held_by(key) && state.reservation->type == scsi::PrType::exclusive_access;
}

// Nothing where the drive does not tell.
Result<std::optional<scsi::FullStatus>> full_status(scsi::LogicalUnit& unit) {
  auto status = unit.read_full_status();
  if (status) return std::optional(std::move(*status));
  if (status.error().kind == scsi::Error::Kind::unsupported) return std::nullopt;
  return tl::make_unexpected(status.error());
}

// Who holds the lock, as an initiator port.
std::optional<scsi::TransportId> holding_port(const std::optional<scsi::FullStatus>& status) {
  if (!status) return std::nullopt;
  for (const auto& r : status->registrants) {
    if (r.reservation_holder) return r.initiator;
  }
  return std::nullopt;
}

}  // namespace

LockReading ScsiLockPort::reading_of(const scsi::LockState& state, bool ours) const {
  LockReading reading;
  if (state.reservation) reading.holder = scsi::holder_text(*state.reservation);
  reading.ours = ours;
  reading.generation = state.generation;
  reading.registered = state.registrations_of(key_) > 0;
  for (const auto key : state.keys) {
    const auto text = scsi::to_text(key);
    const bool listed = std::find(reading.others.begin(), reading.others.end(), text) != reading.others.end();
    if (!(key == key_) && !listed) reading.others.push_back(text);
  }
  reading.counts_unregistering = counts_unregistering_.value_or(false);
  return reading;
}

// READ RESERVATION shows a key, and another host may use the same by mistake. While the generation of the
// registrations is the one at which the lock was proven, nobody can have replaced us; after that the holder's
// port is compared.
Result<bool> ScsiLockPort::still_ours(scsi::LogicalUnit& unit, const scsi::DriveLock& lock,
                                      const scsi::LockState& state) {
  if (!exclusive(state, lock.own_key())) return false;
  if (!proof_ || !proof_->holder || proof_->generation == state.generation) return true;
  const auto status = full_status(unit);
  if (!status) return tl::make_unexpected(status.error());
  const auto holder = holding_port(*status);
  if (holder && !(*holder == *proof_->holder)) return false;
  proof_->generation = state.generation;
  return true;
}

// REGISTER with our key as both keys changes nothing and is counted in PRGENERATION (SPC-4 5.13.2), which those who wait look at. It is sent
// before the look, so that the count at which our lock is proven has it.
void ScsiLockPort::tell_those_who_wait(scsi::LogicalUnit& unit) {
  if (!release_is_near_.exchange(false) || !proof_) return;
  static_cast<void>(scsi::registered_here(unit, key_));  // whatever came of it: the look tells
}

Outcome ScsiLockPort::look(scsi::LogicalUnit& unit, scsi::DriveLock& lock) {
  tell_those_who_wait(unit);
  const auto state = registrations_.read(unit, counts_unregistering_.value_or(false), Clock::now());
  if (!state) return lock_failed(state.error().message);
  const auto ours = still_ours(unit, lock, *state);
  if (!ours) return lock_failed(ours.error().message);
  if (!*ours) processes_.release();
  if (*ours && line_.is_new()) processes_.renew();
  if (!state->reservation) seen_free_ = state->registrations_of(key_) > 0;
  auto outcome = lock_done();
  outcome.reading = reading_of(*state, *ours);
  outcome.reading->release_near = !*ours && registrations_.registered_anew();
  outcome.other_product = state->reservation && !scsi::is_of_a_daemon(*state->reservation);
  if (*ours) see_position(unit, *outcome.reading);
  return outcome;
}

void ScsiLockPort::see_position(scsi::LogicalUnit& unit, LockReading& reading) {
  position_.see(
      unit, [this] { return device_open(); }, reading);
}

std::vector<std::string> ScsiLockPort::lost_ports() const {
  std::vector<std::string> ports;
  if (!lost_by_.empty()) ports.push_back(lost_by_);
  if (auto before = identity_->left_behind(); reclaim_ && !before.empty()) ports.push_back(std::move(before));
  return ports;
}

bool ScsiLockPort::took_before() const { return reclaim_ && identity_->was_locked(); }

bool ScsiLockPort::may_be_elsewhere() const { return took_before() || !lost_ports().empty(); }

Result<bool> ScsiLockPort::bring_here(scsi::LogicalUnit& unit, scsi::DriveLock& lock) {
  auto brought = bring_lock_here(unit, lock, identity_->world().ports(), lost_ports(), took_before(), *identity_);
  if (brought && *brought) {
    lost_by_.clear();
    lost_through_.clear();
  }
  return brought;
}

// A lock that is our own elsewhere is brought here first, if it may be.
Result<scsi::LockAttempt> ScsiLockPort::try_lock(scsi::LogicalUnit& unit, scsi::DriveLock& lock) {
  auto attempt = lock.try_lock();
  const bool elsewhere = attempt && !attempt->held && !attempt->own_other_port.empty();
  const bool unknown_port = !attempt && attempt.error().kind == scsi::Error::Kind::refused && may_be_elsewhere();
  if (!elsewhere && !unknown_port) return attempt;
  const auto brought = bring_here(unit, lock);
  if (!brought) return tl::make_unexpected(brought.error());
  return *brought ? lock.try_lock() : attempt;
}

// Below the reservation, which is the whole host's: what another program of this host has, or a btape, is not to be joined.
Outcome ScsiLockPort::take_alone(scsi::LogicalUnit& unit, scsi::DriveLock& lock) {
  if (const auto entered = processes_.enter(); !entered) return lock_failed(entered.error().message);
  const auto other = processes_.try_take();
  if (!other) return lock_failed(other.error().message);
  if (*other) {
    auto refused = lock_failed("it is in use by " + (*other)->text() + " of this host");
    refused.in_use_here = true;
    return refused;
  }
  auto outcome = take(unit, lock);
  if (outcome.kind != Outcome::Kind::done) processes_.release();
  return outcome;
}

// In the short way first, if the drive was free a moment ago. It is proven no less: whatever it does not prove is left to the long one.
Outcome ScsiLockPort::take(scsi::LogicalUnit& unit, scsi::DriveLock& lock) {
  const bool taken_back = proof_.has_value();
  std::optional<scsi::FreeDriveTaken> taken;
  if (take_free_) {
    auto quick = lock.take_free(*take_free_);
    const bool unknown_port = !quick && quick.error().kind == scsi::Error::Kind::refused && may_be_elsewhere();
    if (!quick && !unknown_port) return lock_failed(quick.error().message);
    if (quick) taken = *std::move(quick);
  }
  if (!taken) {
    if (auto refused = take_slowly(unit, lock)) return *std::move(refused);
    taken = whole_state(unit, lock);
  }
  if (taken && drop_lost_registrations(unit, taken->status)) taken = whole_state(unit, lock);
  if (!taken) {  // the proof is missing: later looks go by the key alone
    proof_.reset();
    return lock_done();
  }
  const auto holder = holding_port(taken->status);
  if (holder) registrations_.status_is_right();
  proof_ = Proof{taken->state.generation, holder};
  identity_->locked(holder ? holder->text() : std::string{});
  clone_ =
      taken->status ? other_key_under_our_name(*taken->status, key_, identity_->device(), unit.path()) : std::string{};
  auto outcome = lock_done();
  outcome.reading = reading_of(taken->state, exclusive(taken->state, lock.own_key()));
  // Of a lock that was not ours before, where the tape stands is for the next look: no job is let at its device before one.
  if (outcome.reading->ours && taken_back) see_position(unit, *outcome.reading);
  return outcome;
}

// Nothing: the lock is ours.
std::optional<Outcome> ScsiLockPort::take_slowly(scsi::LogicalUnit& unit, scsi::DriveLock& lock) {
  const auto attempt = try_lock(unit, lock);
  if (!attempt) return lock_failed(attempt.error().message);
  if (attempt->held) return std::nullopt;
  if (!attempt->own_other_port.empty()) {
    return lock_failed("the drive is locked by this host itself, through its other port " + attempt->own_other_port);
  }
  note_registration(unit);
  Outcome blocked{Outcome::Kind::blocked, scsi::holder_text(attempt->holder), {}};
  blocked.other_product = !scsi::is_of_a_daemon(attempt->holder);
  return blocked;
}

// Nothing: it does not say.
std::optional<scsi::FreeDriveTaken> ScsiLockPort::whole_state(scsi::LogicalUnit& unit, scsi::DriveLock& lock) {
  const auto state = lock.read();  // before the holder: a generation that is too old is noticed by the next look
  auto status = full_status(unit);
  if (!state || !status) return std::nullopt;
  return scsi::FreeDriveTaken{*state, *std::move(status)};
}

Outcome ScsiLockPort::join(scsi::LogicalUnit& unit, scsi::DriveLock& lock) {
  auto outcome = lock_outcome(lock.register_key());
  if (outcome.kind == Outcome::Kind::done) note_registration(unit);
  return outcome;
}

// By which initiator port we wait: if this path goes away, the registration stays there.
void ScsiLockPort::note_registration(scsi::LogicalUnit& unit) {
  if (!registered_by_.empty()) return;
  const auto status = full_status(unit);
  if (!status || !*status) return;
  std::vector<std::string> ours;
  for (const auto& r : (*status)->registrants) {
    if (r.key == key_) ours.push_back(r.initiator.text());
  }
  std::erase_if(ours, [&](const auto& port) {
    return std::find(lost_registrations_.begin(), lost_registrations_.end(), port) != lost_registrations_.end();
  });
  if (ours.size() == 1) registered_by_ = ours.front();
}

// We hold the lock: PREEMPT with our own key takes it off all other ports and leaves the lock here (SPC-4 5.13.11.2.5). Only where each of
// them is one by which we have waited.
bool ScsiLockPort::drop_lost_registrations(scsi::LogicalUnit& unit, const FullStatus& status) {
  if (!status || lost_registrations_.empty()) return false;
  unsigned lost = 0;
  for (const auto& r : status->registrants) {
    if (!(r.key == key_) || r.reservation_holder) continue;
    if (std::find(lost_registrations_.begin(), lost_registrations_.end(), r.initiator.text()) ==
        lost_registrations_.end())
      return false;
    ++lost;
  }
  if (lost == 0) return false;
  const auto done = unit.pr_out(scsi::PrOut::preempt, {.key = key_, .service_action_key = key_});
  if (done && *done == scsi::PrOutcome::done) lost_registrations_.clear();
  return true;
}

Outcome ScsiLockPort::release(scsi::LogicalUnit& unit, scsi::DriveLock& lock, bool keep_registration) {
  scsi::LockState before;
  auto released = lock.unlock(&before);
  if (!released && may_be_elsewhere()) {
    if (const auto brought = bring_here(unit, lock); !brought) return lock_failed(brought.error().message);
    released = lock.unlock(&before);
  }
  if (!released) return lock_failed(released.error().message);
  proof_.reset();
  processes_.release();
  auto outcome = keep_registration ? lock_done() : unregister(lock);
  outcome.reading = reading_of(before, *released);
  return outcome;
}

// Of this daemon and the programs that wait with the same key, the last one takes it away.
Outcome ScsiLockPort::unregister(scsi::DriveLock& lock) {
  if (!processes_.leave()) return lock_done();
  const auto before = counts_unregistering_ ? std::nullopt : std::optional(lock.read());
  if (const auto gone = lock.unregister(); !gone) return lock_failed(gone.error().message);
  const auto after = before ? std::optional(lock.read()) : std::nullopt;
  const bool alone = after && *before && *after && (*before)->keys.size() == 1 &&
                     (*before)->registrations_of(key_) == 1 && (*after)->keys.empty();
  const auto counted = alone ? (*after)->generation - (*before)->generation : 2;
  if (counted <= 1) counts_unregistering_ = counted == 1;
  return lock_done();
}

// Our key on the drive is an earlier life's, the administrator's by hand, or another host's by mistake.
// Registering it anew succeeds only on the I_T nexus that registered it, so the last is found out here. Of
// the others only the first is ours to give back, and only where it is known to be that.
Outcome ScsiLockPort::recover(scsi::LogicalUnit& unit, scsi::DriveLock& lock) {
  const auto others = processes_.others_entered();
  if (!others) return lock_failed(others.error().message);
  if (*others) return lock_done();
  const auto state = lock.read();
  if (!state) return lock_failed(state.error().message);
  const auto found = state->registrations_of(lock.own_key());
  if (found == 0) return lock_done();
  if (const auto proven = lock.register_key(); !proven) {
    return recover_elsewhere(unit, lock, lock_failed(proven.error().message));
  }
  const auto now = lock.read();
  if (!now) return lock_failed(now.error().message);
  if (now->registrations_of(lock.own_key()) <= found) return reclaim_ ? release(unit, lock, false) : lock_done();
  // It was another port of this host: what we have just added goes again.
  auto gone = lock_outcome(lock.unregister());
  return gone.kind == Outcome::Kind::done ? recover_elsewhere(unit, lock, gone) : gone;
}

// Was the life before this one killed while it had the lock, and came by another port?
Outcome ScsiLockPort::recover_elsewhere(scsi::LogicalUnit& unit, scsi::DriveLock& lock, const Outcome& otherwise) {
  if (!may_be_elsewhere()) return otherwise;
  const auto brought = bring_here(unit, lock);
  if (!brought) return lock_failed(brought.error().message);
  return *brought ? release(unit, lock, false) : otherwise;
}

}  // namespace shstore::plugin
