// The commands that remove a lock without its holder's help. They say whom they hit, and ask first.
#include <fmt/format.h>

#include <algorithm>
#include <ostream>

#include "scsi/ctl/commands.h"
#include "scsi/ctl/locking.h"

namespace shstore::scsi::ctl {
namespace {

// The victim's commands are aborted and have to end first; a tape drive may be in the middle of a long write.
constexpr std::chrono::milliseconds kAbortDeadline{60000};

int refuse(const Context& c, const std::string& why) { return error(c, Error{Error::Kind::refused, why}); }

// What the operator looked at must still be so.
std::string changed_since(const Options& options, const LockState& state) {
  if (options.if_generation && *options.if_generation != state.generation) {
    return fmt::format(
        "the drive's PR generation is now 0x{:x}, not 0x{:x}: somebody registered or broke a lock since you "
        "looked. Look again with \"query\"",
        state.generation, *options.if_generation);
  }
  if (options.if_key && !state.held_by(*options.if_key)) {
    return fmt::format("{} does not hold the lock; {}. Look again with \"query\"", to_text(*options.if_key),
                       state.reservation ? holder_text(*state.reservation) +
                                               (is_all_registrants(state.reservation->type) ? " do" : " does")
                                         : "nobody does");
  }
  return {};
}

// One line per registration that is about to be hit: "0xbac999 (21:00:...), which holds the lock".
std::string victims(Context& c, const LockState& state, std::optional<ReservationKey> only) {
  std::string text;
  const auto add = [&](ReservationKey key, bool holder, const std::string& port) {
    if (only && key != *only) return;
    text += fmt::format("  {}{}, which {}\n", to_text(key), port.empty() ? "" : " (" + port + ")",
                        holder ? "holds the lock" : "is registered");
  };
  if (const auto status = c.unit->read_full_status()) {
    for (const auto& r : status->registrants) add(r.key, r.reservation_holder, r.initiator.text());
  } else {
    for (const auto key : state.keys) add(key, state.held_by(key), {});
  }
  return text;
}

bool agreed(Context& c, const std::string& what) {
  c.err << what;
  c.err.flush();
  return c.options.yes || c.confirm("Go on? Type yes: ");
}

constexpr const char* kInterrupted = "interrupted by a signal: nothing was changed";
constexpr const char* kNotConfirmed = "not confirmed: nothing was changed. Use --yes where nobody can be asked";

// Registers us for the moment of breaking; the generation must then be what was seen, plus one for our registration.
Result<bool> register_for_breaking(Context& c, DriveLock& drive, const LockState& seen) {
  const bool before = seen.registrations_of(drive.own_key()) > 0;
  if (before) return true;
  if (auto registered = drive.register_key(); !registered) return tl::make_unexpected(registered.error());
  const auto now = drive.read();
  if (now && now->generation == seen.generation + 1) return false;
  withdraw(drive, c);
  if (!now) return tl::make_unexpected(now.error());
  return fail(Error::Kind::refused,
              fmt::format("{}: somebody else registered or broke a lock at this moment: nothing was "
                          "changed. Look again with \"query\"",
                          c.device));
}

// Breaking a holder's lock makes us the holder; that is not what was asked for.
Result<void> leave_as_found(DriveLock& drive, bool held_before, bool registered_before) {
  if (!held_before) {
    if (auto released = drive.unlock(); !released) return tl::make_unexpected(released.error());
  }
  return registered_before ? Result<void>{} : drive.unregister();
}

Result<void> preempt_key(Context& c, DriveLock& drive, ReservationKey victim) {
  const auto action = c.options.no_abort ? PrOut::preempt : PrOut::preempt_and_abort;
  const auto outcome = c.unit->pr_out(action, {.key = drive.own_key(), .service_action_key = victim},
                                      PrType::exclusive_access, kAbortDeadline);
  if (!outcome) return tl::make_unexpected(outcome.error());
  const auto after = drive.read();
  if (!after) return tl::make_unexpected(after.error());
  if (*outcome == PrOutcome::done && after->registrations_of(victim) == 0) return {};
  return fail(Error::Kind::refused,
              fmt::format("{}: {} is still registered after PREEMPT{}", c.device, to_text(victim),
                          *outcome == PrOutcome::conflict ? ", which ended with a reservation conflict" : ""));
}

}  // namespace

int clear(Context& c) {
  auto drive = c.lock();
  const auto state = drive.read();
  if (!state) return error(c, state.error());
  if (const auto why = changed_since(c.options, *state); !why.empty()) return refuse(c, why);
  const auto hit = victims(c, *state, std::nullopt);
  if (!hit.empty()) c.err << "storage-ctl: removing from " << c.device << ":\n" << hit;
  if (c.stop) return refuse(c, kInterrupted);
  const LogicalUnit::ToTheEnd not_half(*c.unit);
  const auto cleared = drive.clear();
  return cleared ? done(ExitStatus::ok) : error(c, cleared.error());
}

int preempt(Context& c) {
  if (c.options.arguments.size() != 1)
    return error(c, Error{Error::Kind::usage, "preempt needs the key of the dead host"});
  const auto victim = parse_any_key(c.options.arguments[0]);
  if (!victim) return error(c, Error{Error::Kind::usage, victim.error().message});
  if (*victim == c.conf.key) {
    return refuse(c, fmt::format("{} is this host's own key: use unlock, unregister or reclaim", to_text(*victim)));
  }
  auto drive = c.lock();
  const auto seen = drive.read();
  if (!seen) return error(c, seen.error());
  if (const auto why = changed_since(c.options, *seen); !why.empty()) return refuse(c, why);
  if (seen->registrations_of(*victim) == 0) {
    return refuse(c, fmt::format("{} is not registered on {}: there is nothing to remove", to_text(*victim), c.device));
  }
  if (!agreed(c, fmt::format("storage-ctl: removing from {}:\n{}", c.device, victims(c, *seen, *victim)))) {
    return refuse(c, kNotConfirmed);
  }
  if (c.stop) return refuse(c, kInterrupted);
  const LogicalUnit::ToTheEnd not_half(*c.unit);
  const auto registered_before = register_for_breaking(c, drive, *seen);
  if (!registered_before) return error(c, registered_before.error());
  const auto broken = preempt_key(c, drive, *victim);
  const auto left = leave_as_found(drive, seen->held_by(c.conf.key), *registered_before);
  if (!broken && !left) static_cast<void>(failed(c, left.error()));
  if (!broken) return error(c, broken.error());
  return left ? done(ExitStatus::ok) : error(c, left.error());
}

}  // namespace shstore::scsi::ctl
