// Taking a drive that was seen to be free. try_lock() reads before and after each step, which is eight commands; here one READ FULL
// STATUS at the end says whose the reservation is, of which type, and that nobody else has registered our key meanwhile.
#include <algorithm>

#include "scsi/drive_lock.h"

namespace shstore::scsi {

Result<std::optional<FreeDriveTaken>> DriveLock::take_free(bool registered) {
  if (!registered) {
    const auto fresh = register_command({0}, own_);
    if (!fresh) return tl::make_unexpected(undo(fresh.error(), {}, false));
    if (*fresh == PrOutcome::conflict)
      return std::nullopt;  // this nexus is registered after all, perhaps with another key
  }
  // Of what undo() gives back only the registration may have been there before: with `registered` our key is believed to be on this
  // nexus, and RESERVE with it succeeds only if it is.
  LockState before;
  if (registered) before.keys = {own_};
  const auto reserved = unit_.pr_out(PrOut::reserve, {.key = own_}, type_);
  if (!reserved) return tl::make_unexpected(undo(reserved.error(), before, true));
  if (*reserved == PrOutcome::conflict) {
    if (registered) return std::nullopt;
    if (auto alone = check_registered(true); !alone) return tl::make_unexpected(alone.error());
    return std::nullopt;
  }
  auto proven = prove_taken(!registered);
  if (!proven) return tl::make_unexpected(undo(proven.error(), before, true));
  return std::move(*proven);
}

// A drive whose READ FULL STATUS does not show what READ RESERVATION does is believed the latter.
Result<FreeDriveTaken> DriveLock::prove_taken(bool fresh) {
  auto status = unit_.read_full_status();
  if (!status) return prove_by_key(fresh);
  FreeDriveTaken taken;
  taken.state.generation = status->generation;
  for (const auto& r : status->registrants) {
    taken.state.keys.push_back(r.key);
    if (r.reservation_holder && r.type && r.key == own_) taken.state.reservation = Reservation{r.key, r.scope, *r.type};
  }
  if (!taken.state.held_by(own_) || taken.state.reservation->type != type_) return prove_by_key(fresh);
  if (taken.state.registrations_of(own_) > 1) {
    if (auto allowed = check_duplicates(); !allowed) return tl::make_unexpected(allowed.error());
  }
  taken.status = std::move(*status);
  return taken;
}

Result<FreeDriveTaken> DriveLock::prove_by_key(bool fresh) {
  if (fresh) {
    if (auto alone = check_registered(false); !alone) return tl::make_unexpected(alone.error());
  }
  const auto state = read();
  if (!state) return tl::make_unexpected(state.error());
  if (!state->held_by(own_) || state->reservation->type != type_) return not_relied_on(state->reservation);
  return FreeDriveTaken{*state, std::nullopt};
}

}  // namespace shstore::scsi
