#include "plugin/registrations.h"

#include <utility>

namespace shstore::plugin {

using scsi::LockState;
using scsi::Result;

bool Registrations::still_so(const scsi::ReadReservation& now, bool counts_unregistering, Instant at) const {
  if (!seen_ || !now.reservation) return false;
  if (seen_->generation != now.generation || seen_->reservation != now.reservation) return false;
  return counts_unregistering || at - seen_->at < kUncounted;
}

// Nothing: it does not tell all that the two others do. A device that does not answer is not asked again by another command.
Result<std::optional<LockState>> Registrations::by_status(scsi::LogicalUnit& unit) const {
  const auto status = unit.read_full_status();
  if (!status) {
    const auto kind = status.error().kind;
    if (kind == scsi::Error::Kind::device || kind == scsi::Error::Kind::timeout)
      return tl::make_unexpected(status.error());
    return std::nullopt;
  }
  LockState state;
  state.generation = status->generation;
  for (const auto& r : status->registrants) {
    state.keys.push_back(r.key);
    if (!r.reservation_holder) continue;
    if (state.reservation || !r.type || scsi::is_all_registrants(*r.type)) return std::optional<LockState>{};
    state.reservation = scsi::Reservation{r.key, r.scope, *r.type};
  }
  return std::optional(std::move(state));
}

LockState Registrations::keep(LockState state, uint32_t generation_of_keys, Instant now) {
  const auto before = std::exchange(seen_, std::nullopt);
  anew_ = before && state.reservation && before->reservation == state.reservation &&
          before->generation != generation_of_keys && before->keys == state.keys;
  seen_ = Seen{generation_of_keys, state.keys, state.reservation, now};
  return state;
}

tl::unexpected<scsi::Error> Registrations::failed(const scsi::Error& error) {
  seen_.reset();
  return tl::make_unexpected(error);
}

Result<LockState> Registrations::read(scsi::LogicalUnit& unit, bool counts_unregistering, Instant now) {
  anew_ = false;
  const bool old = seen_ && !counts_unregistering && now - seen_->at >= kUncounted;
  if ((!seen_ || old) && status_is_right_) {
    auto state = by_status(unit);
    if (!state) {
      status_is_right_ = false;  // perhaps it answers the others
      return failed(state.error());
    }
    if (*state) {
      const auto generation = (*state)->generation;
      return keep(**std::move(state), generation, now);
    }
  }
  const auto told = unit.unit_attentions().size();
  auto reservation = unit.read_reservation();
  if (!reservation) return failed(reservation.error());
  const bool quiet = unit.unit_attentions().size() == told;
  if (quiet && still_so(*reservation, counts_unregistering, now))
    return LockState{reservation->generation, seen_->keys, reservation->reservation};
  if (!quiet) seen_.reset();
  auto keys = unit.read_keys();
  if (!keys) return failed(keys.error());
  if (keys->generation != reservation->generation) {
    reservation = unit.read_reservation();
    if (!reservation) return failed(reservation.error());
  }
  return keep({reservation->generation, std::move(keys->keys), reservation->reservation}, keys->generation, now);
}

}  // namespace shstore::plugin
