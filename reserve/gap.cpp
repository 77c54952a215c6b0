#include "reserve/gap.h"

namespace shstore::reserve {

bool nobody_between(const Trace& before, const Trace& found, const Trace& after) {
  // Counted down: the drive was switched off, and its tape is not where it was.
  if (found.generation < before.generation || after.generation < found.generation) return false;
  const auto to_found = found.generation - before.generation;
  const auto to_after = after.generation - found.generation;
  const auto our_register = found.registered ? 0u : 1u;
  if (found.others || after.others || to_after != our_register) return false;
  // RELEASE by this host itself (by hand): nothing was counted.
  if (found.registered) return to_found == 0 && !before.others;
  // CLEAR with this host's own key: anybody else would have had to register for it.
  if (to_found == 1 && !before.others) return true;
  // CLEAR alone; or CLEAR by a host that had to register for it. To lock the drive and leave no key takes
  // three, if leaving is counted.
  return after.counts_unregistering && (to_found == 1 || (to_found == 2 && !before.others));
}

}  // namespace shstore::reserve
