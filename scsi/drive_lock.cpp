#include "scsi/drive_lock.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

namespace shstore::scsi {
namespace {

constexpr ReservationKey kNone{0};

// Other hosts may give the drive back, and take it again, between a RESERVE that conflicts and our look at the holder.
constexpr int kReserveAttempts = 20;

std::string list(const std::vector<ReservationKey>& keys) {
  std::string text;
  for (const auto key : keys) text += (text.empty() ? "" : ", ") + to_text(key);
  return text;
}

}  // namespace

size_t LockState::registrations_of(ReservationKey key) const {
  return static_cast<size_t>(std::count(keys.begin(), keys.end(), key));
}

std::vector<ReservationKey> LockState::holders() const {
  if (!reservation) return {};
  if (!is_all_registrants(reservation->type)) return {reservation->key};
  std::vector<ReservationKey> each;
  for (const auto key : keys) {
    if (std::find(each.begin(), each.end(), key) == each.end()) each.push_back(key);
  }
  return each;
}

std::string holder_text(const Reservation& reservation) {
  return is_all_registrants(reservation.type) ? "all registered keys" : to_text(reservation.key);
}

bool is_of_a_daemon(const Reservation& r) {
  constexpr uint64_t kLargestKey = 0xffffff;
  return r.key.value != 0 && r.key.value <= kLargestKey && r.type == PrType::exclusive_access;
}

std::string holders_text(const LockState& state) {
  if (!state.reservation) return "nobody";
  const bool all = is_all_registrants(state.reservation->type) && !state.keys.empty();
  return holder_text(*state.reservation) + (all ? ": " + list(state.holders()) : std::string{});
}

Result<LockState> DriveLock::read() {
  auto keys = unit_.read_keys();
  if (!keys) return tl::make_unexpected(keys.error());
  const auto reservation = unit_.read_reservation();
  if (!reservation) return tl::make_unexpected(reservation.error());
  return LockState{reservation->generation, std::move(keys->keys), reservation->reservation};
}

bool DriveLock::is_port_of_ours(const TransportId& initiator) {
  if (const auto ask = std::exchange(ask_ports_, {})) ports_ = ask();
  return ports_.contains(initiator);
}

Result<PrOutcome> DriveLock::register_command(ReservationKey from, ReservationKey to) {
  return unit_.pr_out(PrOut::register_key, {.key = from, .service_action_key = to});
}

tl::unexpected<Error> DriveLock::duplicate_key(const std::string& initiator) const {
  return fail(
      Error::Kind::refused,
      fmt::format("{}: key {} is already registered by another initiator{}: every Storage Daemon needs a key of its "
                  "own in storage-ctl.conf. \"storage-ctl {} query\" shows who it is",
                  unit_.path(), to_text(own_), initiator.empty() ? "" : " (" + initiator + ")", unit_.path()));
}

// Without READ FULL STATUS nobody can see who.
tl::unexpected<Error> DriveLock::duplicate_key_of_somebody() const {
  return fail(
      Error::Kind::refused,
      fmt::format(
          "{}: key {} is registered already, and not by this way to the drive: by another host that has the same key in "
          "its storage-ctl.conf, by a program of another product, or through another port of this host. The drive has "
          "no READ FULL STATUS, so nobody can see by whom: look at the key in every host's storage-ctl.conf",
          unit_.path(), to_text(own_)));
}

// Our key is on the drive more than once, or on a nexus that is not this one: are they all ports of this host?
Result<void> DriveLock::check_duplicates() {
  const auto status = unit_.read_full_status();
  if (!status) {
    if (status.error().kind == Error::Kind::unsupported) return duplicate_key_of_somebody();
    return tl::make_unexpected(status.error());
  }
  std::string foreign;
  size_t ours = 0;
  for (const auto& r : status->registrants) {
    if (r.key != own_) continue;
    if (is_port_of_ours(r.initiator)) {
      ++ours;
    } else {
      foreign += (foreign.empty() ? "" : ", ") + r.initiator.text();
    }
  }
  if (foreign.empty() && ours > 0) return {};
  return duplicate_key(foreign);
}

Result<void> DriveLock::check_registered(bool fresh) {
  const auto keys = unit_.read_keys();
  if (!keys) {
    const LogicalUnit::ToTheEnd give_back(unit_);
    if (fresh) static_cast<void>(register_command(own_, kNone));
    return tl::make_unexpected(keys.error());
  }
  const auto count = std::count(keys->keys.begin(), keys->keys.end(), own_);
  if (count == 1) return {};
  if (count == 0) {
    return fail(Error::Kind::protocol,
                fmt::format("{}: REGISTER ended well, but key {} is not among the registered keys ({})", unit_.path(),
                            to_text(own_), list(keys->keys)));
  }
  auto allowed = check_duplicates();
  // A registration that was there before stays, for the lock may hang on it.
  if (allowed || !fresh) return allowed;
  if (auto undone = register_command(own_, kNone); !undone) return tl::make_unexpected(undone.error());
  const auto others = check_duplicates();  // now that ours is gone, it names only them
  return others ? Result<void>(duplicate_key({})) : others;
}

// The one key on a device that lets nobody else register. A drive that can tell by whom its keys are registered keeps one for
// each nexus, and there it is an earlier key of this host's.
std::optional<ReservationKey> DriveLock::only_registration(const LockState& state) {
  if (state.keys.size() != 1 || state.keys.front() == own_) return std::nullopt;
  const auto status = unit_.read_full_status();
  if (status || status.error().kind != Error::Kind::unsupported) return std::nullopt;
  return state.keys.front();
}

Result<void> DriveLock::register_key() {
  const auto fresh = register_command(kNone, own_);
  if (!fresh) return tl::make_unexpected(fresh.error());
  if (*fresh == PrOutcome::done) return check_registered(true);
  // This nexus is registered already. Naming our key proves that it is ours: it succeeds only there.
  const auto again = register_command(own_, own_);
  if (!again) return tl::make_unexpected(again.error());
  if (*again == PrOutcome::done) return check_registered(false);
  const auto state = read();
  if (!state) return tl::make_unexpected(state.error());
  if (const auto only = only_registration(*state)) {
    return fail(
        Error::Kind::refused,
        fmt::format(
            "{}: {} is registered, and the device does not let this host register {} beside it: it keeps one "
            "registration only for all hosts, as emulations such as mhvtl do, and cannot be shared. (On a real drive "
            "{} would be this host's own earlier key: then unregister with that key first)",
            unit_.path(), to_text(*only), to_text(own_), to_text(*only)));
  }
  return fail(
      Error::Kind::refused,
      fmt::format("{}: this host is registered on the drive with a key that is not {} (registered keys: {}). Either "
                  "the key in storage-ctl.conf was changed while the old one was registered, or another program "
                  "of this host locks the drive. Unregister with the old key first",
                  unit_.path(), to_text(own_), list(state->keys)));
}

Result<LockAttempt> DriveLock::try_lock(OwnLock own) {
  constexpr int kOnce = 1;  // registers nothing
  const auto state = read();
  if (!state) return tl::make_unexpected(state.error());
  if (own == OwnLock::only_prove && !state->held_by(own_))
    return fail(Error::Kind::refused,
                unit_.path() + ": the lock of this host, which was there just now, is there no more");
  if (state->registrations_of(own_) > 1) {
    if (auto allowed = check_duplicates(); !allowed) return tl::make_unexpected(allowed.error());
  }
  if (state->registrations_of(own_) == 0) {
    if (auto registered = register_key(); !registered)
      return tl::make_unexpected(undo(registered.error(), *state, false));
  }
  if (state->reservation && (own == OwnLock::in_the_way || !state->held_by(own_))) {
    return LockAttempt{false, *state->reservation, {}};
  }
  if (own == OwnLock::only_prove && state->registrations_of(own_) == 1) return reserve(kOnce);
  return reserve(kReserveAttempts).map_error([&](Error e) { return undo(std::move(e), *state, true); });
}

// What was taken but could not be proven must not stay, whatever was asked of us meanwhile. From a nexus that holds nothing,
// RELEASE does nothing; REGISTER with our key succeeds only where it is registered.
Error DriveLock::undo(Error error, const LockState& before, bool reserved) {
  if (before.held_by(own_)) return error;
  const LogicalUnit::ToTheEnd give_back(unit_);
  auto done = reserved ? unit_.pr_out(PrOut::release, {.key = own_}, type_) : Result<PrOutcome>(PrOutcome::done);
  if (before.registrations_of(own_) == 0) {
    // The lock would go with the registration, and by now it may be another program's of this host.
    const auto now = reserved ? Result<LockState>(before) : read();
    const bool others = now && now->held_by(own_);
    if (auto gone = others ? done : register_command(own_, kNone); !gone) done = std::move(gone);
  }
  if (done) return error;
  error.message += fmt::format(
      ". What this host may have left on the drive could not be given back ({}): when it answers "
      "again, \"storage-ctl {} unregister\" does it",
      done.error().message, unit_.path());
  return error;
}

Result<LockAttempt> DriveLock::reserve(int attempts) {
  const auto outcome = unit_.pr_out(PrOut::reserve, {.key = own_}, type_);
  if (!outcome) {
    // The kernel's target says NOT READY to a nexus that is not registered, where SPC-4 has a reservation conflict: our key is
    // on the drive, but by another nexus.
    if (const auto holder = held_elsewhere_under_our_key()) return held_under_our_key(*holder);
    if (attempts < kReserveAttempts || !only_elsewhere()) return tl::make_unexpected(outcome.error());
    if (auto registered = register_key(); !registered) return tl::make_unexpected(registered.error());
    return reserve(attempts - 1);
  }
  if (*outcome == PrOutcome::conflict) return conflict_on_reserve(attempts);
  const auto read_back = unit_.read_reservation();
  if (!read_back) return tl::make_unexpected(read_back.error());
  const auto& found = read_back->reservation;
  if (found && found->key == own_ && found->type == type_) return LockAttempt{true, *found, {}};
  return not_relied_on(found);
}

tl::unexpected<Error> DriveLock::not_relied_on(const std::optional<Reservation>& found) const {
  return fail(Error::Kind::protocol,
              fmt::format("{}: RESERVE ended well, but the drive shows {}. The lock is not relied on", unit_.path(),
                          found ? fmt::format("a reservation of {} ({})", to_text(found->key), describe(found->type))
                                : std::string("no reservation")));
}

Result<LockAttempt> DriveLock::conflict_on_reserve(int attempts) {
  const auto state = read();
  if (!state) return tl::make_unexpected(state.error());
  if (state->reservation && !state->held_by(own_)) return LockAttempt{false, *state->reservation, {}};
  if (state->held_by(own_) && state->reservation->type != type_) {
    return fail(
        Error::Kind::refused,
        fmt::format("{}: key {} holds the drive with a reservation of type {}, not {}: another program uses our key",
                    unit_.path(), to_text(own_), describe(state->reservation->type), describe(type_)));
  }
  // Nobody else is in the way: this nexus is not the one that registered our key, or the drive was just given back.
  if (state->reservation && attempts < kReserveAttempts) return held_under_our_key(*state->reservation);
  if (attempts <= 1) {
    return fail(Error::Kind::protocol,
                fmt::format("{}: RESERVE is refused with a reservation conflict, but the drive shows no reservation",
                            unit_.path()));
  }
  if (auto registered = register_key(); !registered) return tl::make_unexpected(registered.error());
  return reserve(attempts - 1);
}

// Our key is not on this nexus: REGISTER with it as both keys succeeds only where it is registered.
bool DriveLock::only_elsewhere() {
  const auto here = register_command(own_, own_);
  return here && *here == PrOutcome::conflict;
}

std::optional<Reservation> DriveLock::held_elsewhere_under_our_key() {
  const auto state = read();
  return state && state->held_by(own_) && only_elsewhere() ? state->reservation : std::nullopt;
}

// A reservation under our key that is not this nexus's: another port of this host has it, or another host.
Result<LockAttempt> DriveLock::held_under_our_key(const Reservation& reservation) {
  const auto status = unit_.read_full_status();
  if (!status) return tl::make_unexpected(status.error());
  for (const auto& r : status->registrants) {
    if (!r.reservation_holder || r.key != own_) continue;
    if (!is_port_of_ours(r.initiator)) return duplicate_key(r.initiator.text());
    return LockAttempt{false, reservation, r.initiator.text()};
  }
  return duplicate_key({});
}

Result<bool> DriveLock::unlock(LockState* seen) {
  const LogicalUnit::ToTheEnd give_back(unit_);
  const auto before = read();
  if (!before) return tl::make_unexpected(before.error());
  if (seen != nullptr) *seen = *before;
  if (!before->held_by(own_)) return false;
  const auto outcome = unit_.pr_out(PrOut::release, {.key = own_}, type_);
  if (!outcome && !held_elsewhere_under_our_key()) return tl::make_unexpected(outcome.error());
  const auto after = unit_.read_reservation();
  if (!after) return tl::make_unexpected(after.error());
  const bool still_there = after->reservation && after->reservation->key == own_;
  if (!still_there) return true;
  return fail(
      Error::Kind::refused,
      fmt::format("{}: RELEASE ended with {}, but key {} still holds the drive: the lock belongs to another initiator "
                  "with the same key. If that was a port of this host, \"storage-ctl {} reclaim\" gives it back",
                  unit_.path(),
                  !outcome                      ? "an error"
                  : *outcome == PrOutcome::done ? "good status"
                                                : "a reservation conflict",
                  to_text(own_), unit_.path()));
}

Result<void> DriveLock::unregister() {
  const LogicalUnit::ToTheEnd give_back(unit_);
  const auto outcome = register_command(own_, kNone);
  if (!outcome) return tl::make_unexpected(outcome.error());
  // It names our key, so it succeeds only on the nexus that registered it; another port may have the key as well.
  if (*outcome == PrOutcome::done) return {};
  const auto keys = unit_.read_keys();
  if (!keys) return tl::make_unexpected(keys.error());
  const bool listed = std::find(keys->keys.begin(), keys->keys.end(), own_) != keys->keys.end();
  if (!listed) return {};
  return fail(Error::Kind::refused,
              fmt::format("{}: key {} is registered by another initiator, not by this host: nothing was removed",
                          unit_.path(), to_text(own_)));
}

Result<void> DriveLock::clear() {
  auto outcome = unit_.pr_out(PrOut::clear, {.key = own_});
  if (!outcome) return tl::make_unexpected(outcome.error());
  if (*outcome == PrOutcome::conflict) {
    // CLEAR needs a registered nexus. The key that is given here is wiped with all others.
    const auto registered = unit_.pr_out(PrOut::register_and_ignore_existing_key, {.service_action_key = own_});
    if (!registered) return tl::make_unexpected(registered.error());
    outcome = unit_.pr_out(PrOut::clear, {.key = own_});
    if (!outcome) return tl::make_unexpected(outcome.error());
  }
  const auto state = read();
  if (!state) return tl::make_unexpected(state.error());
  if (*outcome == PrOutcome::done && state->keys.empty() && !state->reservation) return {};
  return fail(Error::Kind::refused, fmt::format("{}: after CLEAR the drive still shows keys: {}. Another host may have "
                                                "registered at the same moment",
                                                unit_.path(), list(state->keys)));
}

}  // namespace shstore::scsi
