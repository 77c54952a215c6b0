// The steps of a command that moves something, in the order in which they are taken. moving.cpp and cleaning.cpp put them together.
#pragma once

#include <functional>
#include <optional>

#include "changer/drive_hold.h"
#include "changer/move.h"
#include "changer/program/context.h"
#include "changer/program/drive.h"
#include "changer/program/robot.h"

namespace shstore::changer::program {

/// take_robot(), and a note where other hosts are not kept away from the robot.
Outcome<Robot> take_robot_and_say(Context& c);

/// With the identities of the drives. Nothing where the program named by `via` can do without it.
Outcome<Library> look(Context& c, Robot& robot);

/// What is done at a drive.
struct AtDrive {
  Robot& robot;
  ConfiguredDrive& drive;
  const Library& library;  ///< as it was when the robot was taken
  uint32_t slot;
};
struct DriveWork {
  std::function<bool(const AtDrive&)> is_done;  ///< nothing needs to be done
  bool takes_out = false;                       ///< refused while somebody of this host uses the tape
  std::function<Outcome<int>(const AtDrive&)> act;
  std::function<Outcome<void>(ConfiguredDrive&)> afterwards{};  ///< when that was done and the robot was given back
};

/// What load, unload and clean have in common; one attempt, of status locked if the drive is somebody else's: the drive, a proof
/// of its lock, the robot, a look at the library, the guard (is it the right drive, and who has it?), `act`; then everything is given back.
Outcome<int> work_at_drive(Context& c, uint32_t slot, const DriveWork& work);

/// LOAD UNLOAD, if the drive has a Control Device. Refused while the drive is becoming ready.
Outcome<void> unload_in_drive(ConfiguredDrive& drive);

/// MOVE MEDIUM, with what mtx prints. Waits for what passes by itself; a drive that has not let go of its tape is unloaded once.
/// `from_drive`: the drive that the tape is to come from; nullptr: it comes from elsewhere.
Outcome<int> announce_and_move(Context& c, Robot& robot, const Move& move, ConfiguredDrive* from_drive);

/// Somebody must hear of a lock that may still be there, whatever became of the move.
void note_left(Context& c, Outcome<int>& ended, const Outcome<void>& given_back);

}  // namespace shstore::changer::program
