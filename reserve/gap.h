// A lock that vanished and was taken back: can somebody else have used the drive in between?
#pragma once

#include "reserve/types.h"

namespace shstore::reserve {

/// What is needed of a look to judge a gap.
struct Trace {
  uint32_t generation = 0;
  bool registered = false;
  bool others = false;  ///< other keys were registered
  bool counts_unregistering = false;
  friend bool operator==(const Trace&, const Trace&) = default;
};

inline Trace trace_of(const LockReading& reading) {
  return {reading.generation, reading.registered, !reading.others.empty(), reading.counts_unregistering};
}

/// True if the registration counter proves that no other host held the drive's lock from `before` (the lock
/// was ours) over `found` (it was not there, and nobody's) to `after` (ours again, our key registered anew
/// where it was gone). SPC-4 5.13: PRGENERATION counts REGISTER, CLEAR and PREEMPT, not RESERVE and RELEASE;
/// so a host that was registered all the time leaves no trace, and proves nothing. Where a drive does not count
/// unregistering, preempting and going away counts as much as clearing.
bool nobody_between(const Trace& before, const Trace& found, const Trace& after);

}  // namespace shstore::reserve
