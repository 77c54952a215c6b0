#include "plugin/scsi_lock_port.h"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <exception>
#include <utility>

#include "scsi/transport.h"

namespace shstore::plugin {
namespace {

using reserve::Action;
using reserve::Outcome;
using reserve::Sight;
using scsi::Result;

// The kernel sends a report by a worker of its own, a moment after the command has ended.
constexpr std::chrono::milliseconds kReportPatience{300};
constexpr std::string_view kResetOccurred = "29/";  // ADDITIONAL SENSE CODE: power on, reset (SPC-4 annex F)

Outcome done() {
  return {};
}
Outcome failed(std::string text) {
  return {Outcome::Kind::failed, {}, std::move(text)};
}

template <class T>
Outcome from(const Result<T>& result) {
  return result ? done() : failed(result.error().message);
}

bool exclusive(const scsi::LockState& state, scsi::ReservationKey key) {
  return state.held_by(key) && state.reservation->type == scsi::PrType::exclusive_access;
}

std::vector<std::string> codes_of(const scsi::LogicalUnit& unit) {
  std::vector<std::string> codes;
  for (const auto& sense : unit.unit_attentions()) codes.push_back(fmt::format("{:02X}/{:02X}", sense.asc, sense.ascq));
  return codes;
}

bool tell_of_reset(const std::vector<std::string>& codes) {
  return std::any_of(codes.begin(), codes.end(), [](const auto& code) { return code.starts_with(kResetOccurred); });
}

// Who holds the lock, as an initiator port; nothing where the drive does not tell.
Result<std::optional<scsi::TransportId>> holding_port(scsi::LogicalUnit& unit) {
  const auto status = unit.read_full_status();
  if (!status) {
    if (status.error().kind == scsi::Error::Kind::unsupported) return std::nullopt;
    return tl::make_unexpected(status.error());
  }
  for (const auto& r : status->registrants) {
    if (r.reservation_holder) return r.initiator;
  }
  return std::nullopt;
}

}  // namespace

Sight ScsiLockPort::sight_of(const scsi::LockState& state, bool ours) const {
  Sight sight;
  if (state.reservation) sight.holder = scsi::holder_text(*state.reservation);
  sight.ours = ours;
  sight.generation = state.generation;
  sight.registered = state.registrations_of(key_) > 0;
  for (const auto key : state.keys) {
    const auto text = scsi::to_text(key);
    const bool listed = std::find(sight.others.begin(), sight.others.end(), text) != sight.others.end();
    if (!(key == key_) && !listed) sight.others.push_back(text);
  }
  sight.counts_unregistering = counts_unregistering_.value_or(false);
  return sight;
}

// READ RESERVATION shows a key, and another host may use the same by mistake. While the generation of the
// registrations is the one at which the lock was proven, nobody can have replaced us; after that the holder's
// port is compared.
Result<bool> ScsiLockPort::still_ours(scsi::LogicalUnit& unit, const scsi::DriveLock& lock,
                                      const scsi::LockState& state) {
  if (!exclusive(state, lock.own_key())) return false;
  if (!proof_ || !proof_->holder || proof_->generation == state.generation) return true;
  const auto holder = holding_port(unit);
  if (!holder) return tl::make_unexpected(holder.error());
  if (*holder && !(**holder == *proof_->holder)) return false;
  proof_->generation = state.generation;
  return true;
}

Outcome ScsiLockPort::look(scsi::LogicalUnit& unit, scsi::DriveLock& lock) {
  const auto state = lock.read();
  if (!state) return failed(state.error().message);
  const auto ours = still_ours(unit, lock, *state);
  if (!ours) return failed(ours.error().message);
  if (*ours) {
    processes_.renew();
  } else {
    processes_.release();
  }
  auto outcome = done();
  outcome.sight = sight_of(*state, *ours);
  outcome.other_product = state->reservation && !scsi::is_of_a_daemon(*state->reservation);
  return outcome;
}

// Below the reservation, which is the whole host's: what another program of this host has, or a btape, is not to be joined.
Outcome ScsiLockPort::take_alone(scsi::LogicalUnit& unit, scsi::DriveLock& lock) {
  if (const auto entered = processes_.enter(); !entered) return failed(entered.error().message);
  const auto other = processes_.try_take();
  if (!other) return failed(other.error().message);
  if (*other) return failed("it is in use by " + (*other)->text() + " of this host");
  auto outcome = take(unit, lock);
  if (outcome.kind != Outcome::Kind::done) processes_.release();
  return outcome;
}

Outcome ScsiLockPort::take(scsi::LogicalUnit& unit, scsi::DriveLock& lock) {
  const auto attempt = lock.try_lock();
  if (!attempt) return failed(attempt.error().message);
  if (!attempt->held && !attempt->own_other_port.empty()) {
    return failed("the drive is locked by this host itself, through its other port " +
                  attempt->own_other_port);
  }
  if (!attempt->held) {
    Outcome blocked{Outcome::Kind::blocked, scsi::holder_text(attempt->holder), {}};
    blocked.other_product = !scsi::is_of_a_daemon(attempt->holder);
    return blocked;
  }
  const auto state = lock.read();
  const auto holder = holding_port(unit);
  if (!state || !holder) {  // taken, but the proof is missing: later looks go by the key alone
    proof_.reset();
    return done();
  }
  proof_ = Proof{state->generation, *holder};
  auto outcome = done();
  outcome.sight = sight_of(*state, exclusive(*state, lock.own_key()));
  return outcome;
}

Outcome ScsiLockPort::release(scsi::DriveLock& lock, bool keep_registration) {
  const auto before = lock.read();
  if (!before) return failed(before.error().message);
  const auto released = lock.unlock();
  if (!released) return failed(released.error().message);
  proof_.reset();
  processes_.release();
  auto outcome = keep_registration ? done() : unregister(lock);
  outcome.sight = sight_of(*before, *released);
  return outcome;
}

// Of this daemon and the programs that wait with the same key, the last one takes it away.
Outcome ScsiLockPort::unregister(scsi::DriveLock& lock) {
  if (!processes_.leave()) return done();
  const auto before = counts_unregistering_ ? std::nullopt : std::optional(lock.read());
  if (const auto gone = lock.unregister(); !gone) return failed(gone.error().message);
  const auto after = before ? std::optional(lock.read()) : std::nullopt;
  const bool alone = after && *before && *after && (*before)->keys.size() == 1 &&
                     (*before)->registrations_of(key_) == 1 && (*after)->keys.empty();
  const auto counted = alone ? (*after)->generation - (*before)->generation : 2;
  if (counted <= 1) counts_unregistering_ = counted == 1;
  return done();
}

// Our key on the drive is an earlier life's, the administrator's by hand, or another host's by mistake.
// Registering it anew succeeds only on the I_T nexus that registered it, so the last is found out here. Of
// the others only the first is ours to give back, and only where it is known to be that.
Outcome ScsiLockPort::recover(scsi::DriveLock& lock) {
  const auto others = processes_.others_entered();
  if (!others) return failed(others.error().message);
  if (*others) return done();
  const auto state = lock.read();
  if (!state) return failed(state.error().message);
  const auto found = state->registrations_of(lock.own_key());
  if (found == 0) return done();
  if (const auto proven = lock.register_key(); !proven) return failed(proven.error().message);
  const auto now = lock.read();
  if (!now) return failed(now.error().message);
  // It was another port of this host: what we have just added goes again.
  if (now->registrations_of(lock.own_key()) > found) return from(lock.unregister());
  return reclaim_ ? release(lock, false) : done();
}

Outcome ScsiLockPort::act(scsi::LogicalUnit& unit, scsi::DriveLock& lock, Action action,
                          bool keep_registration) {
  switch (action) {
    case Action::none:
    case Action::see_closed:
      break;
    case Action::recover:
      return recover(lock);
    case Action::look:
      return look(unit, lock);
    case Action::join:
      if (const auto entered = processes_.enter(); !entered) return failed(entered.error().message);
      return from(lock.register_key());
    case Action::take:
      return take_alone(unit, lock);
    case Action::release:
      return release(lock, keep_registration);
    case Action::unregister:
      return unregister(lock);
  }
  return done();
}

// The kernel repeats to all who listen what a drive has told anybody. What it told a command of ours is known already, and
// how the engine takes that depends on what the command was sent for: so that report is waited for, and is no other reset.
void ScsiLockPort::hear_of_resets(const std::string& device, bool told_by_ours) {
  if (watch_ == nullptr || device.empty()) return;
  const auto seen = told_by_ours ? watch_->take_after_reset(device, kReportPatience) : watch_->take(device);
  gone_ = gone_ || seen.gone;
  reset_untold_ = reset_untold_ || seen.resets != 0;
}

bool ScsiLockPort::path_is_gone(const std::string& device) const {
  return !locked_through_.empty() && (gone_ || device != locked_through_);
}

// Said once: what comes after it is about whatever the control device leads to now.
Outcome ScsiLockPort::gone() {
  auto outcome = failed("the path to the drive by which its lock was taken is gone");
  outcome.path_gone = true;
  locked_through_.clear();
  proof_.reset();
  return outcome;
}

Outcome ScsiLockPort::reach(Action action, bool keep_registration) {
  const auto transport = scsi::open_transport(control_device_);
  if (!transport) return failed(transport.error().message);
  scsi::LogicalUnit unit(**transport);
  scsi::DriveLock lock(unit, key_, scsi::read_local_ports());
  auto outcome = act(unit, lock, action, keep_registration);
  outcome.attentions = codes_of(unit);
  return outcome;
}

Outcome ScsiLockPort::perform(Action action, bool keep_registration) {
  try {
    if (action == Action::none) return done();
    if (action == Action::release && is_open_()) return {Outcome::Kind::still_open, {}, {}};
    const auto device = scsi::sysfs_device(control_device_);
    if (action == Action::look && path_is_gone(device)) return gone();
    auto outcome = reach(action, keep_registration);
    const bool told = tell_of_reset(outcome.attentions);
    reset_untold_ = reset_untold_ || told;
    hear_of_resets(device, told);
    if (action == Action::look && path_is_gone(device)) return gone();
    if (action == Action::take && outcome.kind == Outcome::Kind::done) {
      if (path_is_gone(device)) outcome.path_gone = true;
      locked_through_ = device;
      gone_ = false;
    }
    if (action == Action::release && outcome.kind == Outcome::Kind::done) locked_through_.clear();
    if (outcome.sight) {
      reset_untold_ = tell_of_reset(journal_.fresh()) || reset_untold_;
      outcome.sight->was_reset = std::exchange(reset_untold_, false);
    }
    return outcome;
  } catch (const std::exception& e) {
    return failed(control_device_ + ": " + e.what());
  }
}

}  // namespace shstore::plugin
