#include "plugin/scsi_lock_port.h"

#include <exception>

#include "scsi/drive_lock.h"
#include "scsi/transport.h"

namespace shstore::plugin {
namespace {

using reserve::Action;
using reserve::Outcome;
using scsi::Result;

Outcome done() { return {}; }
Outcome failed(std::string text) { return {Outcome::Kind::failed, {}, std::move(text)}; }
Outcome blocked(scsi::ReservationKey holder) { return {Outcome::Kind::blocked, scsi::to_text(holder), {}}; }

template <class T>
Outcome from(const Result<T>& result) {
  return result ? done() : failed(result.error().message);
}

Outcome take(scsi::DriveLock& lock) {
  const auto attempt = lock.try_lock();
  if (!attempt) return failed(attempt.error().message);
  if (attempt->held) return done();
  if (!attempt->own_other_port.empty()) {
    return failed("the drive is locked by this host itself, through its other port " + attempt->own_other_port);
  }
  return blocked(attempt->holder.key);
}

Outcome verify(scsi::DriveLock& lock) {
  const auto state = lock.read();
  if (!state) return failed(state.error().message);
  if (state->held_by(lock.own_key()) && state->reservation->type == scsi::PrType::exclusive_access) return done();
  if (state->reservation) return blocked(state->reservation->key);
  return {Outcome::Kind::lost, {}, {}};
}

Outcome release(scsi::DriveLock& lock, bool keep_registration) {
  const auto released = lock.unlock();
  if (!released) return failed(released.error().message);
  return keep_registration ? done() : from(lock.unregister());
}

Outcome recover(scsi::DriveLock& lock) {
  const auto state = lock.read();
  if (!state) return failed(state.error().message);
  if (state->registrations_of(lock.own_key()) == 0) return done();
  // Both succeed only for the I_T nexus that registered the key: another host with our key is not touched.
  return release(lock, false);
}

}  // namespace

Outcome ScsiLockPort::perform(Action action, bool keep_registration) {
  try {
    if (action == Action::none || (action == Action::recover && !reclaim_)) return done();
    if (action == Action::release && is_open_()) return {Outcome::Kind::still_open, {}, {}};
    const auto transport = scsi::open_transport(control_device_);
    if (!transport) return failed(transport.error().message);
    scsi::LogicalUnit unit(**transport);
    scsi::DriveLock lock(unit, key_, scsi::read_local_ports());
    switch (action) {
      case Action::none: break;
      case Action::recover: return recover(lock);
      case Action::take: return take(lock);
      case Action::verify: return verify(lock);
      case Action::release: return release(lock, keep_registration);
      case Action::unregister: return from(lock.unregister());
    }
    return done();
  } catch (const std::exception& e) {
    return failed(control_device_ + ": " + e.what());
  }
}

}  // namespace shstore::plugin
