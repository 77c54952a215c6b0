// What a load, an unload or a transfer means for the robot, and what forbids it by the library's own state. No I/O.
#pragma once

#include <string>

#include "changer/library.h"
#include "changer/outcome.h"

namespace shstore::changer {

/// One MOVE MEDIUM.
struct Move {
  uint16_t arm = 0, source = 0, destination = 0;  ///< element addresses
  uint32_t slot = 0;                              ///< load, unload: where the tape is taken from or put to
  std::string volume_tag;                         ///< of the tape that moves
  std::string announcement;                       ///< what mtx prints before it moves; empty for a transfer
};

/// Every failure is of status `library`, and says what is where and what to do.
Outcome<Move> plan_load(const Library& library, uint32_t slot, uint32_t drive);
/// `slot` 0: where the tape came from.
Outcome<Move> plan_unload(const Library& library, uint32_t slot, uint32_t drive);
/// The same after another host had the drive: refused too if the tape that is in it now belongs to another slot than `slot`,
/// for then it is that host's.
Outcome<Move> plan_unload_after_wait(const Library& library, uint32_t slot, uint32_t drive);
/// True if the tape of that slot is in its slot, and so not in the drive. False for slot 0.
bool is_home(const Library& library, uint32_t slot, uint32_t drive);
/// The same, and the drive is empty: an unload has nothing to do, somebody was faster.
bool was_unloaded(const Library& library, uint32_t slot, uint32_t drive);
Outcome<Move> plan_transfer(const Library& library, uint32_t from, uint32_t to);
/// The tape in the robot's hand, which an earlier move has left there, into a slot.
Outcome<Move> plan_transfer_from_arm(const Library& library, uint32_t to);

/// `the robot has tape "LAB001L5" in its hand (element 1): ...` and how it gets out; empty: it has none.
std::string arm_text(const Library& library);

/// `tape "LAB001L5"`, "cleaning cartridge "CLN001L1"", or "a tape without barcode".
std::string tape_text(const Place& place);

}  // namespace shstore::changer
