// Proves on this very drive that its lock keeps another host away: locks it, waits until that host has come and was refused, and
// until it has gone, and gives the lock back. Sends PERSISTENT RESERVE IN and OUT and INQUIRY only: nothing is read from a tape or
// written to one.
#include <fmt/format.h>

#include <algorithm>
#include <ostream>

#include "scsi/base/printable.h"
#include "scsi/ctl/commands.h"
#include "scsi/ctl/locking.h"

namespace shstore::scsi::ctl {
namespace {

using std::chrono::milliseconds;
constexpr milliseconds kLook{250};

void tell(const Context& c, const std::string& text) {
  c.out << base::printable_lines(text) << '\n';
  c.out.flush();
}

std::string serial_of(const Context& c) {
  const auto serial = c.unit->unit_serial_number();
  return serial && !serial->empty() ? " (serial number " + *serial + ")" : "";
}

/// The first key that is not ours; 0: there is none.
ReservationKey another(const LockState& state, ReservationKey own) {
  const auto found = std::find_if(state.keys.begin(), state.keys.end(), [&](ReservationKey k) { return k != own; });
  return found == state.keys.end() ? ReservationKey{} : *found;
}

std::string named(const Context& c, ReservationKey key) {
  const auto name = c.conf.peers.find(key);
  return to_text(key) + (name == c.conf.peers.end() ? "" : " (" + name->second + ")");
}

/// Why the drive is not to be used for this; nothing: it is free.
std::optional<std::string> claim_of(const Context& c, const LockState& state) {
  if (state.reservation) {
    return fmt::format("{} is locked by {}{}", c.device, named(c, state.reservation->key),
                       state.reservation->key == c.conf.key ? ", this host itself: a job may be using it" : "");
  }
  if (const auto other = another(state, c.conf.key); other.value != 0) {
    return fmt::format("{} is registered on {}: a job may be about to use it", named(c, other), c.device);
  }
  return std::nullopt;
}

/// Looks until `so` holds of the drive, while the lock stays ours. Not ok: it has been said why.
ExitStatus wait_for(Context& c, DriveLock& drive, std::chrono::steady_clock::time_point until,
                    const std::function<bool(const LockState&)>& so, const char* in_vain) {
  for (;;) {
    if (c.stop) {
      c.err << fmt::format("storage-ctl: {}: NOT PROVEN: {} (interrupted)\n", c.device, in_vain);
      return ExitStatus::timeout;
    }
    const auto state = drive.read();
    if (!state) return failed(c, state.error());
    if (!state->held_by(c.conf.key)) {
      const auto whose =
          state->reservation ? named(c, state->reservation->key) + " has it" : std::string("nobody has it");
      c.err << fmt::format("storage-ctl: {}: NOT PROVEN: the lock was lost meanwhile, and {}\n", c.device, whose);
      return ExitStatus::lock_lost;
    }
    if (so(*state)) return ExitStatus::ok;
    if (c.now() >= until) {
      c.err << fmt::format("storage-ctl: {}: NOT PROVEN: {}\n", c.device, in_vain);
      return ExitStatus::timeout;
    }
    if (c.progress)
      c.progress(fmt::format("waiting, at most {} s more (^C gives up)",
                             std::chrono::duration_cast<std::chrono::seconds>(until - c.now()).count()));
    c.sleep(kLook);
    if (c.progress) c.progress("");
  }
}

ExitStatus with_the_lock(Context& c, DriveLock& drive) {
  const auto until = c.now() + c.conf.max_lock_wait;
  tell(
      c,
      fmt::format(
          "{}{} is locked with this host's key {}. Now type on another host that sees this drive, with its name of it:\n",
          c.device, serial_of(c), to_text(c.conf.key)));
  tell(c, "    storage-ctl /dev/sgN lock\n");
  tell(
      c,
      fmt::format(
          "It must say that the drive is locked by {}, and wait. (Or start a job there that wants this drive: status storage must "
          "have the line 3612 with {}.)",
          to_text(c.conf.key), to_text(c.conf.key)));
  ReservationKey who;
  const auto come = [&](const LockState& s) { return (who = another(s, c.conf.key)).value != 0; };
  if (const auto status = wait_for(c, drive, until, come, "no other host has come"); status != ExitStatus::ok)
    return status;
  tell(c, fmt::format(
              "{} has come, and waits: the drive has refused it the lock. End it there with ^C (or cancel the job).",
              named(c, who)));
  const auto gone = [&](const LockState& s) { return s.registrations_of(who) == 0; };
  return wait_for(c, drive, until, gone, "the other host is still registered; nothing of it was touched");
}

ExitStatus give_back(Context& c, DriveLock& drive, bool registered_before) {
  const LogicalUnit::ToTheEnd to_the_end(*c.unit);
  const auto unlocked = drive.unlock();
  if (!registered_before) withdraw(drive, c);
  give_to_processes(c);
  return unlocked ? ExitStatus::ok : failed(c, unlocked.error());
}

}  // namespace

int prove(Context& c) {
  auto drive = c.lock();
  const auto before = drive.read();
  if (!before) return done(failed(c, before.error()));
  if (const auto claim = claim_of(c, *before)) {
    c.err << base::printable(fmt::format(
                 "storage-ctl: {}. Prove it on a drive that nobody uses; \"storage-ctl {} explain\" tells more", *claim,
                 c.device))
          << '\n';
    return done(before->reservation && before->reservation->key != c.conf.key ? ExitStatus::reservation_conflict
                                                                              : ExitStatus::refused);
  }
  const auto by_others = is_registered(c, *before);
  if (!by_others) return done(failed(c, by_others.error()));
  const bool registered_before = *by_others;
  const auto process = take_from_processes(c);
  if (!process) return done(failed(c, process.error()));
  if (*process) {
    return done(failed(
        c, Error{Error::Kind::refused, fmt::format("{} is in use by {} of this host", c.device, (*process)->text())}));
  }
  const auto attempt = drive.try_lock(OwnLock::in_the_way);
  if (!attempt) return done(failed(c, attempt.error()));
  if (!attempt->held) {
    c.err << fmt::format("storage-ctl: {} was just locked by {}: it is in use\n", c.device,
                         to_text(attempt->holder.key));
    if (!registered_before) withdraw(drive, c);
    return done(ExitStatus::reservation_conflict);
  }
  const auto status = with_the_lock(c, drive);
  const auto back = give_back(c, drive, registered_before);
  if (status != ExitStatus::ok) return done(status);
  if (back != ExitStatus::ok) return done(back);
  tell(c, fmt::format("PROVEN: {} kept another host away while this host had its lock. It is free again.", c.device));
  return done(ExitStatus::ok);
}

}  // namespace shstore::scsi::ctl
